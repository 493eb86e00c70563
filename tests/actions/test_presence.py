"""Presence survives restarts, slow heartbeats and killed processes."""

from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.actions import presence
from beneficiate.models.accounts import ServerProcess, User, UserConnection
from beneficiate.models.chats import ACTIVE, WAITING, Chat
from beneficiate.protocol import channels
from beneficiate.protocol.events import ConnectionsEnded, UserConnected, UserDisconnected
from beneficiate.protocol.queue import ChatUnassigned
from beneficiate.tokens import TokenClaims
from beneficiate.unit_of_work import SYSTEM, BatchItem, UnitOfWork
from tests.factories import agent, direct_chat, member, support_chat

NOW = datetime(2026, 8, 25, 15, 0, tzinfo=UTC)
EXPIRY_S, GRACE_S = 15.0, 20.0


@pytest.fixture
def context(act):
    """Return a registered process with its commands, each at so many seconds."""
    return PresenceActions(act)


class PresenceActions:
    def __init__(self, act):
        self.act = act
        self.id = self.register("one")

    def register(self, name):
        return self.act(presence.register_process, name, SYSTEM, NOW)[0]

    def arrive(self, who, at=0.0, process=None, limit=10):
        command = presence.RegisterConnection(process or self.id, limit, TokenClaims(who.id, 0))
        return self._do(presence.register_connections, command, at, who.actor)

    def depart(self, connection_id, at=0.0):
        return self._do(presence.close_connections, presence.CloseConnection(connection_id), at)

    def sweep(self, at, process=None):
        return self._do(
            presence.sweep_connections, presence.SweepConnections(process or self.id, EXPIRY_S, GRACE_S), at
        )[1]

    def beat(self, at, *open_, process=None):
        return self._do(presence.record_heartbeat, presence.ProcessHeartbeat(process or self.id, EXPIRY_S, open_), at)[
            1
        ]

    def _do(self, action, command, at, actor=SYSTEM):
        return self.act(action, command, actor, NOW + timedelta(seconds=at))


def is_online(who):
    return User.get_by_id(who.id).online_status


def emitted(outgoing):
    return [(one.event, one.channels) for one in outgoing]


def events(outgoing):
    return [(type(one.event), one.event.user_id) for one in outgoing]


def test_first_connection_brings_a_person_online_and_the_next_says_nothing(context):
    ana = member()
    _, outgoing = context.arrive(ana)
    assert [(one.event, one.channels) for one in outgoing] == [
        (UserConnected(user_id=ana.id), (channels.PRESENCE_CHANNEL,))
    ]
    assert context.arrive(ana)[1] == []
    assert is_online(ana)


def test_presence_is_emitted_to_people_who_share_an_open_chat(context):
    ana, beto, dora, yuliana = member(), member(), member(), agent()
    support_chat(ana, yuliana)
    support_chat(dora, yuliana, status="CLOSED")
    direct_chat(beto, ana)
    # An agent gets the presence of members over the channel of the staff.
    received = {who.id: set(context.arrive(who)[1][0].channels) for who in (ana, beto, dora, yuliana)}
    assert received == {
        ana.id: {channels.PRESENCE_CHANNEL, channels.user_channel(beto.id)},
        beto.id: {channels.PRESENCE_CHANNEL, channels.user_channel(ana.id)},
        dora.id: {channels.PRESENCE_CHANNEL},
        yuliana.id: {channels.PRESENCE_CHANNEL, channels.user_channel(ana.id)},
    }


def test_many_arrive_in_one_batch_and_each_gets_their_own_connection(context):
    ana, beto = member(), member()
    items = [
        BatchItem(who.actor, presence.RegisterConnection(context.id, 10, TokenClaims(who.id, 0)))
        for who in (ana, beto, ana)
    ]
    uow = UnitOfWork(SYSTEM, NOW)
    ids = presence.register_connections.function(uow, items)
    owners = dict(UserConnection.select(UserConnection.id, UserConnection.user).tuples())
    assert [owners[connection_id] for connection_id in ids] == [ana.id, beto.id, ana.id]
    assert len(set(ids)) == 3
    assert events(uow.outgoing) == [(UserConnected, who.id) for who in (ana, beto)]


def test_beyond_the_limit_the_oldest_ends(context):
    ana, beto = member(), member()
    context.arrive(beto, limit=2)
    oldest, *_ = [context.arrive(ana, at, limit=2)[0] for at in range(2)]
    _, outgoing = context.arrive(ana, 2, limit=2)
    assert [(one.event, one.channels) for one in outgoing] == [
        (ConnectionsEnded(code=4409, reason="too many connections"), (channels.connection_channel(oldest),))
    ]


def test_one_who_dropped_is_online_for_the_grace_and_then_gone(context):
    ana, beto = member(), member()
    direct_chat(ana, beto)
    context.depart(context.arrive(beto)[0])
    assert context.sweep(GRACE_S - 1) == []
    assert is_online(beto)
    outgoing = context.sweep(GRACE_S)
    assert [(one.event, set(one.channels)) for one in outgoing] == [
        (UserDisconnected(user_id=beto.id), {channels.PRESENCE_CHANNEL, channels.user_channel(ana.id)})
    ]
    assert not is_online(beto)
    assert context.sweep(GRACE_S) == []


def test_chats_of_an_agent_who_is_gone_wait_again_and_not_before(context):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana, awaiting_since=NOW)
    context.depart(context.arrive(yuliana)[0])
    assert context.sweep(GRACE_S - 1) == []
    assert (Chat.get_by_id(chat.id).status, is_online(yuliana)) == (ACTIVE, True)
    outgoing = context.sweep(GRACE_S)
    assert (ChatUnassigned(chat_id=chat.id, reason="lost"), (channels.agent_channel(yuliana.agent_id),)) in emitted(
        outgoing
    )
    # They share no chat any more: the member is told that theirs waits.
    assert emitted(outgoing)[-1] == (UserDisconnected(user_id=yuliana.id), (channels.PRESENCE_CHANNEL,))
    assert (Chat.get_by_id(chat.id).status, Chat.get_by_id(chat.id).agent_id) == (WAITING, None)
    assert not is_online(yuliana)
    assert context.sweep(GRACE_S) == []


def test_one_who_comes_back_within_the_grace_was_never_away(context):
    ana = member()
    context.depart(context.arrive(ana)[0])
    assert context.arrive(ana, GRACE_S / 2)[1] == []
    assert context.sweep(GRACE_S) == []
    assert is_online(ana)


def test_one_of_two_connections_keeps_a_person_online(context):
    ana = member()
    first, _ = context.arrive(ana)
    context.arrive(ana)
    context.depart(first)
    assert context.sweep(3 * GRACE_S) == []
    assert is_online(ana)


def test_departing_twice_does_not_begin_the_grace_again(context):
    ana = member()
    connection, _ = context.arrive(ana)
    context.depart(connection)
    context.depart(connection, GRACE_S - 1)
    assert events(context.sweep(GRACE_S)) == [(UserDisconnected, ana.id)]


def test_connections_of_a_killed_process_expire(context):
    ana, beto = member(), member()
    killed = context.register("killed")
    context.arrive(ana, process=killed)
    alive, _ = context.arrive(beto)
    context.beat(EXPIRY_S + 1, (alive, beto.id, None))
    assert context.sweep(EXPIRY_S - 1) == []
    assert context.sweep(EXPIRY_S + 1) == []
    assert events(context.sweep(EXPIRY_S + 1 + GRACE_S)) == [(UserDisconnected, ana.id)]
    assert is_online(beto)


def test_process_does_not_take_itself_for_dead(context):
    ana = member()
    context.arrive(ana)
    assert context.sweep(10 * EXPIRY_S) == []
    assert context.sweep(20 * EXPIRY_S) == []


def test_suspended_process_stores_its_connections_again(context):
    ana, beto = member(), member()
    connection, _ = context.arrive(ana)
    other = context.register("other")
    alive, _ = context.arrive(beto, process=other)
    at = EXPIRY_S + GRACE_S + 1
    context.beat(at, (alive, beto.id, None), process=other)
    context.sweep(EXPIRY_S + 1, process=other)
    assert events(context.sweep(at, process=other)) == [(UserDisconnected, ana.id)]
    assert events(context.beat(at + 1, (connection, ana.id, None))) == [(UserConnected, ana.id)]
    assert list(
        UserConnection.select(UserConnection.id, UserConnection.closed_at).where(UserConnection.user == ana.id).tuples()
    ) == [(connection, None)]


def test_who_left_while_the_process_slept_goes_offline_after_the_grace(context):
    ana, beto = member(), member()
    context.arrive(ana)
    stayed, _ = context.arrive(beto)
    woke = EXPIRY_S + 5
    context.beat(woke, (stayed, beto.id, None))
    assert context.sweep(woke + GRACE_S - 1) == []
    assert events(context.sweep(woke + GRACE_S)) == [(UserDisconnected, ana.id)]
    assert is_online(beto)


def test_lost_close_starts_the_grace_at_a_later_heartbeat(context):
    ana = member()
    context.arrive(ana)
    context.beat(5)
    assert UserConnection.select().where(UserConnection.closed_at.is_null()).count() == 1
    context.beat(presence.RECENT_CONNECTION_S + 1)
    assert events(context.sweep(presence.RECENT_CONNECTION_S + 1 + GRACE_S)) == [(UserDisconnected, ana.id)]


def test_silent_close_starts_the_grace_at_the_next_heartbeat(context):
    ana, beto = member(), member()
    context.arrive(ana)
    context.beat(1)  # so young that the process may not have seen it yet
    assert context.sweep(1 + GRACE_S) == []
    young, _ = context.arrive(beto, GRACE_S)
    context.beat(GRACE_S + 2)
    assert events(context.sweep(2 * GRACE_S + 2)) == [(UserDisconnected, ana.id)]
    assert UserConnection.get().id == young


def test_punctual_heartbeat_changes_nothing_else(context):
    ana = member()
    connection, _ = context.arrive(ana)
    assert context.beat(5, (connection, ana.id, None)) == []
    assert ServerProcess.get_by_id(context.id).beat_at == NOW + timedelta(seconds=5)
    assert UserConnection.select().count() == 1


def test_process_that_stops_lets_its_people_come_back_elsewhere(context):
    ana = member()
    context.arrive(ana)
    context.act(presence.unregister_process, context.id, SYSTEM, NOW)
    assert context.sweep(GRACE_S - 1) == []
    assert events(context.sweep(GRACE_S)) == [(UserDisconnected, ana.id)]


def test_dead_processes_are_forgotten_after_a_day_and_not_before(context):
    context.register("dead")
    context.beat(3600)
    context.sweep(3600)
    assert ServerProcess.select().count() == 2
    context.sweep(26 * 3600)
    assert [process.name for process in ServerProcess] == ["one"]


def test_process_whose_row_was_forgotten_writes_itself_again(context):
    ana = member()
    connection, _ = context.arrive(ana)
    ServerProcess.delete().execute()
    context.beat(48 * 3600, (connection, ana.id, None))
    assert [(row.id, row.process_id) for row in UserConnection] == [(connection, context.id)]
