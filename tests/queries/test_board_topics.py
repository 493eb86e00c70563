"""The topics that the board can be about."""

import pytest

from beneficiate.errors import NotFound
from beneficiate.models.call_centre import Topic
from beneficiate.models.chats import Chat
from beneficiate.queries.board_topics import BoardTopic, find_board_topic
from tests.actions.queue_steps import QueueActions, available_agent, create_topic
from tests.queries.test_board import board_at


@pytest.fixture
def desk(act):
    return QueueActions(act)


def test_topic_is_found_whether_it_is_active_or_not(db):
    topic = create_topic("pagos")
    Topic.update(is_active=False).where(Topic.id == topic.id).execute()
    found = find_board_topic("pagos")
    assert (found, found.is_one) == (BoardTopic("pagos", topic.id, "Pagos"), True)
    assert (find_board_topic("-").name, find_board_topic("-").is_one) == ("Sin tema", False)
    assert find_board_topic("").chat_conditions() == []
    with pytest.raises(NotFound):
        find_board_topic("nada")


def test_chats_without_a_topic_are_those_of_the_last_choice(desk):
    create_topic("pagos")
    desk.join(topic_code="pagos")
    chat = desk.join()
    assert [row.id for row in Chat.select().where(*find_board_topic("-").chat_conditions())] == [chat.id]


def test_topic_that_nobody_knows_is_about_all_agents(desk):
    create_topic("pagos")
    yuliana = available_agent()
    assert [row.agent_id for row in board_at(0, "pagos").agents] == [yuliana.agent_id]
