"""Where the open chats are at an instant: the one source of the figures, the topics, the loads and the longest wait."""

from datetime import timedelta

import pytest

from beneficiate.models.chats import Chat
from beneficiate.queries.board_steps import list_topic_queues, load_steps
from beneficiate.queries.board_topics import ALL_TOPICS, find_board_topic
from tests.actions.queue_steps import QueueActions, available_agent, create_topic, promise, seconds_after_now
from tests.factories import agent
from tests.queries.test_board import board_at


@pytest.fixture
def desk(act):
    return QueueActions(act)


def test_longest_wait_is_the_one_that_the_reports_measure(desk):
    """Whatever the row of the chat says: figures are counted over facts."""
    promise()
    chat = desk.join(second=10)
    Chat.update(awaiting_since=seconds_after_now(-600)).where(Chat.id == chat.id).execute()
    board = board_at(70)
    assert board.longest.since == seconds_after_now(10)
    assert board.at - board.longest.since == timedelta(seconds=board.figures["longest_wait"].figure.value)


def test_longest_wait_is_of_the_topic_alone(desk):
    create_topic("pagos")
    desk.join(second=10)
    desk.join(topic_code="pagos", second=20)
    steps = load_steps(seconds_after_now(60))
    since = {code: steps.find_longest(find_board_topic(code)).at for code in ("", "-", "pagos")}
    assert since == {"": seconds_after_now(10), "-": seconds_after_now(10), "pagos": seconds_after_now(20)}


def test_who_waits_and_who_has_which_chats_is_as_of_the_instant(desk):
    yuliana = agent(online_status=True)
    chats = [desk.join(second=second) for second in (0, 1, 2)]
    desk.take(chats[1], yuliana, 10)
    desk.take(chats[0], yuliana, 11)
    before, after = load_steps(seconds_after_now(5)), load_steps(seconds_after_now(20))
    assert (len(before.list_waiting(ALL_TOPICS)), before.list_by_agent()) == (3, {})
    held = {agent_id: [row.chat_id for row in rows] for agent_id, rows in after.list_by_agent().items()}
    assert held == {yuliana.agent_id: [chats[1].id, chats[0].id]}
    assert [one.shown.count for one in list_topic_queues(after, ALL_TOPICS)] == [1]
    assert load_steps(seconds_after_now(-5)).find_longest(ALL_TOPICS) is None


def test_number_of_chats_has_all_and_the_row_shows_the_first(desk, monkeypatch):
    monkeypatch.setattr("beneficiate.queries.board_agents.MAX_AGENT_CHATS", 1)
    yuliana = available_agent("Yuliana")
    chats = [desk.join(second=second) for second in (0, 1)]
    for second, chat in enumerate(chats, 10):
        desk.take(chat, yuliana, second)
    (row,) = board_at(20).agents
    assert (row.load, [chat.chat_id for chat in row.chats]) == (2, [chats[0].id])
