"""The desk: the open chat, the team, the queue."""

from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.errors import NotFound
from beneficiate.models.accounts import AVAILABLE, Agent, User
from beneficiate.models.call_centre import Topic
from beneficiate.models.chats import CLOSED
from beneficiate.queries import desk
from beneficiate.queries.chat_lists import ChatListQuery
from beneficiate.unit_of_work import UnitOfWork
from tests.factories import agent, member, supervisor, support_chat

NOW = datetime(2026, 8, 25, 15, 0, tzinfo=UTC)


def of(person):
    return UnitOfWork(person.actor, NOW)


def test_open_chat_is_selected_in_the_list(db):
    yuliana = agent()
    first, second = support_chat(member(), yuliana), support_chat(member(), yuliana)
    view = desk.load_desk(of(yuliana), desk.DeskQuery(second.id, ChatListQuery()))
    assert {row.chat.id: row.is_selected for row in view.chat_list.rows} == {first.id: False, second.id: True}
    assert view.conversation.row.chat.id == second.id


def test_unread_messages_are_counted_by_chat(db):
    yuliana = agent()
    chats = [support_chat(member(), yuliana, other_unread=count) for count in (2, 0, 3)]
    view = desk.load_desk(of(yuliana), desk.DeskQuery(None, ChatListQuery()))
    assert sorted((one["id"], one["last_seq"], one["unread"]) for one in view.own_chats) == [
        (chat.id, 0, count) for chat, count in zip(chats, (2, 0, 3), strict=True)
    ]
    assert view.unread_total == 5


@pytest.mark.parametrize(("passed", "expected"), [(timedelta(minutes=1), True), (timedelta(days=30), False)])
def test_own_chat_can_be_reopened_for_some_time(db, passed, expected):
    yuliana = agent()
    chat = support_chat(member(), yuliana, status=CLOSED, closed_at=NOW - passed)
    assert desk.load_conversation(of(yuliana), chat.id).can_reopen is expected
    assert desk.load_conversation(of(agent()), chat.id).can_reopen is False


def test_only_supervisors_assign_chats_of_others(db):
    chat = support_chat(member(), agent())
    assert desk.load_conversation(of(supervisor()), chat.id).can_assign
    assert not desk.load_conversation(of(agent()), chat.id).can_assign


def test_members_have_no_desk(db):
    with pytest.raises(NotFound):
        desk.load_own_agent(of(member()))


def test_own_agent_has_the_number_of_active_chats(db):
    yuliana = agent()
    for status in ("ACTIVE", "ACTIVE", CLOSED):
        support_chat(member(), yuliana, status=status)
    me = desk.load_own_agent(of(yuliana))
    assert (me.user_id, me.agent_id, me.load) == (yuliana.id, yuliana.agent_id, 2)


def test_next_of_the_queue_is_who_waits_longest(db):
    assert desk.load_waiting_summary(of(agent())).count == 0
    support_chat(member(), None, awaiting_since=NOW)
    first = support_chat(member(), None, awaiting_since=NOW - timedelta(minutes=3))
    waiting = desk.load_waiting_summary(of(agent()))
    assert (waiting.count, waiting.chat_id, waiting.since) == (2, first.id, NOW - timedelta(minutes=3))


def test_team_begins_with_who_is_available_and_online(db):
    yuliana, omar, luz, marta = agent("Yuliana"), agent("Omar"), agent("Luz"), supervisor("Marta")
    Agent.update(availability=AVAILABLE).where(Agent.id == omar.agent_id).execute()
    User.update(online_status=True).where(User.id.in_([omar.id, luz.id])).execute()
    Topic.create(code="pagos", name="Pagos")
    team = desk.load_team(of(yuliana))
    assert [one.user_id for one in team.colleagues] == [omar.id, luz.id, marta.id]
    assert [one.is_supervisor for one in team.colleagues] == [False, False, True]
    assert [topic.code for topic in team.topics] == ["pagos"]


def test_tabs_count_the_open_chats_only(db):
    yuliana = agent()
    for status in ("ACTIVE", CLOSED):
        support_chat(member(), yuliana, status=status)
    support_chat(member(), None)
    assert desk.load_chat_list(of(yuliana), ChatListQuery("closed")).counts == {"mine": 1, "waiting": 1, "all": 2}
