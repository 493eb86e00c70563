"""Who is here survives restarts, slow heartbeats and killed processes."""

from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.actions import presence
from beneficiate.models.chats import ACTIVE, WAITING, Chat
from beneficiate.models.people import Connection, Process, User
from beneficiate.protocol import topics
from beneficiate.protocol.events import SessionsEnded, UserConnected, UserDisconnected
from beneficiate.protocol.routing import ChatLeft
from beneficiate.store import SYSTEM, Order, Work
from tests.people import agent, direct_chat, member, support_chat

NOW = datetime(2026, 8, 25, 15, 0, tzinfo=UTC)
EXPIRY_S, GRACE_S = 15.0, 20.0


@pytest.fixture
def house(act):
    """A registered process and short words for what it does `at` so many seconds."""
    return House(act)


class House:
    def __init__(self, act):
        self.act = act
        self.id = self.register("one")

    def register(self, name):
        return self.act(presence.register, name, SYSTEM, NOW)[0]

    def arrive(self, who, at=0.0, process=None, limit=10):
        return self._do(presence.arrive, presence.Arrive(process or self.id, limit), at, who.actor)

    def depart(self, connection_id, at=0.0):
        return self._do(presence.depart, presence.Depart(connection_id), at)

    def sweep(self, at, process=None):
        return self._do(presence.sweep, presence.Sweep(process or self.id, EXPIRY_S, GRACE_S), at)[1]

    def beat(self, at, *open_, process=None):
        return self._do(presence.beat, presence.Beat(process or self.id, EXPIRY_S, open_), at)[1]

    def _do(self, action, command, at, actor=SYSTEM):
        return self.act(action, command, actor, NOW + timedelta(seconds=at))


def is_online(who):
    return User.get_by_id(who.id).online_status


def told(said):
    return [(one.event, one.to) for one in said]


def events(said):
    return [(type(one.event), one.event.user_id) for one in said]


def test_the_first_connection_brings_a_person_online_and_the_next_says_nothing(house):
    ana = member()
    _, said = house.arrive(ana)
    assert [(one.event, one.to) for one in said] == [(UserConnected(user_id=ana.id), (topics.PRESENCE,))]
    assert house.arrive(ana)[1] == []
    assert is_online(ana)


def test_people_hear_of_those_with_whom_they_share_an_open_chat(house):
    ana, beto, dora, yuliana = member(), member(), member(), agent()
    support_chat(ana, yuliana)
    support_chat(dora, yuliana, status="CLOSED")
    direct_chat(beto, ana)
    # An agent hears of members by the topic of the staff.
    heard = {who.id: set(house.arrive(who)[1][0].to) for who in (ana, beto, dora, yuliana)}
    assert heard == {
        ana.id: {topics.PRESENCE, topics.user(beto.id)},
        beto.id: {topics.PRESENCE, topics.user(ana.id)},
        dora.id: {topics.PRESENCE},
        yuliana.id: {topics.PRESENCE, topics.user(ana.id)},
    }


def test_many_arrive_in_one_batch_and_each_gets_their_own_connection(house):
    ana, beto = member(), member()
    orders = [Order(who.actor, presence.Arrive(house.id, 10)) for who in (ana, beto, ana)]
    work = Work(SYSTEM, NOW)
    ids = presence.arrive(work, orders)
    owners = dict(Connection.select(Connection.id, Connection.user).tuples())
    assert [owners[connection_id] for connection_id in ids] == [ana.id, beto.id, ana.id]
    assert len(set(ids)) == 3
    assert events(work.emissions) == [(UserConnected, who.id) for who in (ana, beto)]


def test_beyond_the_limit_the_oldest_ends(house):
    ana, beto = member(), member()
    house.arrive(beto, limit=2)
    oldest, *_ = [house.arrive(ana, at, limit=2)[0] for at in range(2)]
    _, said = house.arrive(ana, 2, limit=2)
    assert [(one.event, one.to) for one in said] == [
        (SessionsEnded(code=4409, reason="too many connections"), (topics.connection(oldest),))
    ]


def test_one_who_dropped_is_online_for_the_grace_and_then_gone(house):
    ana, beto = member(), member()
    direct_chat(ana, beto)
    house.depart(house.arrive(beto)[0])
    assert house.sweep(GRACE_S - 1) == []
    assert is_online(beto)
    said = house.sweep(GRACE_S)
    assert [(one.event, set(one.to)) for one in said] == [
        (UserDisconnected(user_id=beto.id), {topics.PRESENCE, topics.user(ana.id)})
    ]
    assert not is_online(beto)
    assert house.sweep(GRACE_S) == []


def test_the_chats_of_an_agent_who_is_gone_wait_again_and_not_before(house):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    house.depart(house.arrive(yuliana)[0])
    assert house.sweep(GRACE_S - 1) == []
    assert (Chat.get_by_id(chat.id).status, is_online(yuliana)) == (ACTIVE, True)
    said = house.sweep(GRACE_S)
    assert (ChatLeft(chat_id=chat.id, reason="lost"), (topics.agent(yuliana.agent_id),)) in told(said)
    # They share no chat any more: the member hears that theirs waits.
    assert told(said)[-1] == (UserDisconnected(user_id=yuliana.id), (topics.PRESENCE,))
    assert (Chat.get_by_id(chat.id).status, Chat.get_by_id(chat.id).agent_id) == (WAITING, None)
    assert not is_online(yuliana)
    assert house.sweep(GRACE_S) == []


def test_one_who_comes_back_within_the_grace_was_never_away(house):
    ana = member()
    house.depart(house.arrive(ana)[0])
    assert house.arrive(ana, GRACE_S / 2)[1] == []
    assert house.sweep(GRACE_S) == []
    assert is_online(ana)


def test_one_of_two_connections_keeps_a_person_online(house):
    ana = member()
    first, _ = house.arrive(ana)
    house.arrive(ana)
    house.depart(first)
    assert house.sweep(3 * GRACE_S) == []
    assert is_online(ana)


def test_departing_twice_does_not_begin_the_grace_again(house):
    ana = member()
    connection, _ = house.arrive(ana)
    house.depart(connection)
    house.depart(connection, GRACE_S - 1)
    assert events(house.sweep(GRACE_S)) == [(UserDisconnected, ana.id)]


def test_the_people_of_a_killed_process_fade(house):
    ana, beto = member(), member()
    killed = house.register("killed")
    house.arrive(ana, process=killed)
    alive, _ = house.arrive(beto)
    house.beat(EXPIRY_S + 1, (alive, beto.id))
    assert house.sweep(EXPIRY_S - 1) == []
    assert house.sweep(EXPIRY_S + 1) == []
    assert events(house.sweep(EXPIRY_S + 1 + GRACE_S)) == [(UserDisconnected, ana.id)]
    assert is_online(beto)


def test_a_process_does_not_take_itself_for_dead(house):
    ana = member()
    house.arrive(ana)
    assert house.sweep(10 * EXPIRY_S) == []
    assert house.sweep(20 * EXPIRY_S) == []


def test_a_process_that_slept_writes_itself_again(house):
    ana, beto = member(), member()
    connection, _ = house.arrive(ana)
    other = house.register("other")
    alive, _ = house.arrive(beto, process=other)
    at = EXPIRY_S + GRACE_S + 1
    house.beat(at, (alive, beto.id), process=other)
    house.sweep(EXPIRY_S + 1, process=other)
    assert events(house.sweep(at, process=other)) == [(UserDisconnected, ana.id)]
    assert events(house.beat(at + 1, (connection, ana.id))) == [(UserConnected, ana.id)]
    assert list(Connection.select(Connection.id, Connection.closed_at).where(Connection.user == ana.id).tuples()) == [
        (connection, None)
    ]


def test_who_left_while_the_process_slept_goes_offline_after_the_grace(house):
    ana, beto = member(), member()
    house.arrive(ana)
    stayed, _ = house.arrive(beto)
    woke = EXPIRY_S + 5
    house.beat(woke, (stayed, beto.id))
    assert house.sweep(woke + GRACE_S - 1) == []
    assert events(house.sweep(woke + GRACE_S)) == [(UserDisconnected, ana.id)]
    assert is_online(beto)


def test_a_connection_whose_departure_was_lost_begins_its_grace_at_a_later_beat(house):
    ana = member()
    house.arrive(ana)
    house.beat(5)
    assert Connection.select().where(Connection.closed_at.is_null()).count() == 1
    house.beat(presence.UNSEEN_S + 1)
    assert events(house.sweep(presence.UNSEEN_S + 1 + GRACE_S)) == [(UserDisconnected, ana.id)]


def test_a_connection_that_went_without_a_word_begins_its_grace_at_the_next_beat(house):
    ana, beto = member(), member()
    house.arrive(ana)
    house.beat(1)  # so young that the process may not have seen it yet
    assert house.sweep(1 + GRACE_S) == []
    young, _ = house.arrive(beto, GRACE_S)
    house.beat(GRACE_S + 2)
    assert events(house.sweep(2 * GRACE_S + 2)) == [(UserDisconnected, ana.id)]
    assert Connection.get().id == young


def test_a_punctual_heartbeat_changes_nothing_else(house):
    ana = member()
    connection, _ = house.arrive(ana)
    assert house.beat(5, (connection, ana.id)) == []
    assert Process.get_by_id(house.id).beat_at == NOW + timedelta(seconds=5)
    assert Connection.select().count() == 1


def test_a_process_that_stops_lets_its_people_come_back_elsewhere(house):
    ana = member()
    house.arrive(ana)
    house.act(presence.retire, house.id, SYSTEM, NOW)
    assert house.sweep(GRACE_S - 1) == []
    assert events(house.sweep(GRACE_S)) == [(UserDisconnected, ana.id)]


def test_dead_processes_are_forgotten_after_a_day_and_not_before(house):
    house.register("dead")
    house.beat(3600)
    house.sweep(3600)
    assert Process.select().count() == 2
    house.sweep(26 * 3600)
    assert [process.name for process in Process] == ["one"]


def test_a_process_whose_row_was_forgotten_writes_itself_again(house):
    ana = member()
    connection, _ = house.arrive(ana)
    Process.delete().execute()
    house.beat(48 * 3600, (connection, ana.id))
    assert [(row.id, row.process_id) for row in Connection] == [(connection, house.id)]
