"""The first events of a connection, by role."""

from datetime import UTC, datetime

from beneficiate.queries.connection_state import load_initial_state
from beneficiate.unit_of_work import SYSTEM, BatchItem, UnitOfWork
from tests.factories import agent, direct_chat, member, supervisor, support_chat


def names(*persons):
    items = [BatchItem(person.actor, None) for person in persons]
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
    items = [BatchItem(person.actor, None) for person in (yuliana, omar)]
    states = load_initial_state.function(UnitOfWork(SYSTEM, datetime.now(UTC)), items)
    assert [{chat.id for chat in state[1].chats} for state in states] == [{mine.id, direct.id}, {his.id, direct.id}]
