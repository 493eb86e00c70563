"""Connections are pinged; silent, expired and revoked ones are closed."""

import asyncio
import time
from types import SimpleNamespace

import pytest

from beneficiate.jobs import connections as job
from beneficiate.jobs.connections import MAX_MISSED_PINGS, MAX_ROLE_CHECKS_PER_RUN, PING_FRAME, check_connections
from beneficiate.queries.accounts import find_ended_claims
from beneficiate.realtime.hub import Hub
from beneficiate.tokens import TokenClaims
from beneficiate.unit_of_work import Actor

HOUR_S = 3600


class FakeConnection:
    def __init__(self, user_id=31):
        self.actor = Actor(user_id, "member")
        self.claims = TokenClaims(user_id, time.time() + HOUR_S)
        self.next_ping_at = 0.0
        self.missed_pings, self.has_received = 0, True
        self.sent, self.closed, self.reason = [], None, None

    def send(self, frame):
        self.sent.append(frame)

    def close(self, code, reason):
        if self.closed is None:
            self.closed, self.reason = code, reason


@pytest.fixture(autouse=True)
def _no_grace(monkeypatch):
    monkeypatch.setattr(job, "BUS_GRACE_S", 0)


@pytest.fixture
def connection():
    return FakeConnection()


def hub_of(connections):
    hub = Hub()
    hub.connections = dict.fromkeys(connections)
    return hub


def run(*connections, hub=None, revoked=(), ended=(), ping_interval_s=0.0):
    checked, hub = [], hub or hub_of(connections)

    async def read(query, asked):
        if query is find_ended_claims:
            return asked & set(ended)
        checked.extend(asked)
        return {actor for actor in asked if actor in revoked}

    context = SimpleNamespace(
        hub=hub,
        settings=SimpleNamespace(ping_interval_s=ping_interval_s),
        store=SimpleNamespace(read=read, timestamp=time.time),
    )
    asyncio.run(check_connections(context))
    return checked


def test_due_connection_is_pinged_once_per_interval(connection):
    run(connection, ping_interval_s=HOUR_S)
    run(connection, ping_interval_s=HOUR_S)
    assert connection.sent == [PING_FRAME]


def test_connection_that_answers_stays(connection):
    for _ in range(5):
        run(connection)
        connection.has_received = True
    assert connection.closed is None


def test_silent_connection_is_closed(connection):
    for _ in range(MAX_MISSED_PINGS):
        run(connection)
        assert connection.closed is None
    run(connection)
    assert connection.closed == 1001


def test_expired_token_closes_the_connection(connection):
    connection.claims = TokenClaims(31, time.time() - 1)
    run(connection)
    assert connection.closed == 4401


def test_revoked_role_closes_the_connections_of_that_user_only(connection):
    other = FakeConnection(32)
    run(connection, other, revoked={connection.actor})
    assert (connection.closed, other.closed) == (4403, None)


def test_ended_sign_in_closes_its_connections_only(connection):
    other = FakeConnection()
    connection.claims = TokenClaims(31, other.claims.expires_at, 7)
    run(connection, other, ended={connection.claims})
    assert (connection.closed, other.closed) == (4401, None)


def test_peer_is_told_the_reason_that_comes_over_the_bus_meanwhile(connection, monkeypatch):
    closed_later = FakeConnection(32)

    async def receive(seconds):
        connection.close(4403, "account deactivated")

    monkeypatch.setattr(asyncio, "sleep", receive)
    run(connection, closed_later, revoked={connection.actor, closed_later.actor}, ended={connection.claims})
    assert [one.reason for one in (connection, closed_later)] == ["account deactivated", "no longer admitted"]


def test_roles_are_checked_in_turn():
    connections = [FakeConnection(number) for number in range(MAX_ROLE_CHECKS_PER_RUN + 20)]
    hub = hub_of(connections)
    first, second = run(hub=hub), run(hub=hub)
    assert len(first) == len(second) == MAX_ROLE_CHECKS_PER_RUN
    assert {actor.user_id for actor in first + second} == set(range(len(connections)))
