"""The first events of a connection, by role."""

from datetime import UTC, datetime

import pytest

from beneficiate.protocol.events import AgentChats, OnlineUsers
from beneficiate.protocol.initial_state import INITIAL_EVENTS
from beneficiate.queries import desk
from beneficiate.queries.chat_lists import ChatListQuery
from beneficiate.queries.connection_state import InitialStateQuery, load_initial_state
from beneficiate.unit_of_work import SYSTEM, BatchItem, UnitOfWork
from tests.factories import agent, direct_chat, member, supervisor, support_chat

EVERYTHING = InitialStateQuery()


def names(*persons, query=EVERYTHING):
    items = [BatchItem(person.actor, query) for person in persons]
    states = load_initial_state.function(UnitOfWork(SYSTEM, datetime.now(UTC)), items)
    return [[type(event).__name__ for event in state] for state in states]


def test_each_role_is_sent_its_own_state(db):
    staff = ["AgentConnected", "AgentChats", "AllAppointments", "OnlineUsers"]
    own = ["UserChats", "UserAppointments", "OnlineUsers"]
    assert names(member(), agent(), supervisor()) == [own, staff, staff]


def test_waiting_member_is_sent_the_position(db):
    ana = member()
    support_chat(ana, None)
    assert names(ana) == [["UserChats", "QueuePositionChanged", "UserAppointments", "OnlineUsers"]]


def test_agents_are_sent_their_own_open_chats(db):
    yuliana, omar = agent(), agent()
    mine, his, direct = support_chat(member(), yuliana), support_chat(member(), omar), direct_chat(yuliana, omar)
    support_chat(member(), yuliana, status="CLOSED")
    items = [BatchItem(person.actor, EVERYTHING) for person in (yuliana, omar)]
    states = load_initial_state.function(UnitOfWork(SYSTEM, datetime.now(UTC)), items)
    assert [{chat.id for chat in state[1].chats} for state in states] == [{mine.id, direct.id}, {his.id, direct.id}]


def test_only_what_the_client_reads_is_sent(db):
    ana, yuliana = member(), agent()
    support_chat(ana, yuliana)
    some = InitialStateQuery(frozenset({AgentChats, OnlineUsers}))
    assert names(ana, yuliana, query=some) == [["OnlineUsers"], ["AgentChats", "OnlineUsers"]]
    assert names(ana, yuliana, query=InitialStateQuery(frozenset())) == [[], []]
    for event in INITIAL_EVENTS.values():
        only = names(ana, yuliana, query=InitialStateQuery(frozenset({event})))
        assert {name for state in only for name in state} <= {event.__name__}


def test_two_pages_of_one_person_each_get_what_they_read(db):
    yuliana = agent()
    queries = EVERYTHING, InitialStateQuery(frozenset({OnlineUsers}))
    items = [BatchItem(yuliana.actor, query) for query in queries]
    states = load_initial_state.function(UnitOfWork(SYSTEM, datetime.now(UTC)), items)
    assert [len(state) for state in states] == [4, 1]


@pytest.fixture
def drawn_desk(db):
    """An agent with three open chats and a closed one, and the version that their desk prints."""
    yuliana = agent()
    chats = [support_chat(member(), yuliana, other_unread=count, last_seq=count) for count in (0, 2)]
    chats.append(direct_chat(yuliana, agent()))
    support_chat(member(), yuliana, status="CLOSED")
    view = desk.load_desk(UnitOfWork(yuliana.actor, datetime.now(UTC)), desk.DeskQuery(None, ChatListQuery()))
    assert {chat["id"] for chat in view.own_chats} == {chat.id for chat in chats}
    return yuliana, chats, InitialStateQuery(chats_version=view.chats_version)


def test_chats_are_not_sent_to_a_page_that_shows_them(drawn_desk):
    yuliana, _, query = drawn_desk
    assert names(yuliana, query=query) == [["AgentConnected", "AllAppointments", "OnlineUsers"]]


def change_message(yuliana, chat):
    chat.last_seq += 1
    chat.save()


def change_unread(yuliana, chat):
    chat.other_unread += 1
    chat.save()


def close(yuliana, chat):
    chat.status = "CLOSED"
    chat.save()


def add_chat(yuliana, chat):
    support_chat(member(), yuliana)


@pytest.mark.parametrize("change", [change_message, change_unread, close, add_chat])
def test_chats_are_sent_to_a_page_that_was_drawn_before(drawn_desk, change):
    yuliana, chats, query = drawn_desk
    change(yuliana, chats[0])
    assert "AgentChats" in names(yuliana, query=query)[0]


def test_version_of_another_person_is_not_taken(drawn_desk):
    _, _, query = drawn_desk
    other = agent()
    support_chat(member(), other)
    assert "AgentChats" in names(other, query=query)[0]
