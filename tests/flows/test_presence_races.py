"""A heartbeat beside the sweep of another process: whoever is connected stays online, whichever of them is first."""

import threading
from datetime import timedelta

import pytest

from beneficiate.actions import presence
from beneficiate.models.accounts import ServerProcess, User, UserConnection
from beneficiate.models.base import database, write_transaction
from beneficiate.tokens import TokenClaims
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.databases import IS_WAITED_FOR
from tests.factories import member

EXPIRY_S, GRACE_S = 4.0, 3.0


@pytest.fixture
def backend():
    """On SQLite one process writes at a time."""
    return "postgresql"


@pytest.fixture
def ana(db):
    return member("Ana")


class Suspended:
    """A process that has recorded no heartbeat for longer than the expiry, with one connection that is open."""

    def __init__(self, who, now):
        self._who, self._now = who, now
        before = UnitOfWork(SYSTEM, now - timedelta(seconds=2 * EXPIRY_S))
        self._id, self._other_id = (presence.register_process(before, name) for name in ("suspended", "other"))
        command = presence.RegisterConnection(self._id, 10, TokenClaims(who.id, 0))
        at = UnitOfWork(who.actor, before.now)
        self.connection_id = presence.register_connections.run_one(at, command)

    def beat(self):
        open_ = ((self.connection_id, self._who.id, None),)
        presence.record_heartbeat(UnitOfWork(SYSTEM, self._now), presence.ProcessHeartbeat(self._id, EXPIRY_S, open_))

    def close_long_ago(self):
        """Let the connection be one that another process has taken for dead."""
        closed_at = self._now - timedelta(seconds=2 * GRACE_S)
        UserConnection.update(closed_at=closed_at).where(UserConnection.id == self.connection_id).execute()

    def sweep(self, expiry_s=EXPIRY_S):
        """What the other process does meanwhile."""
        command = presence.SweepConnections(self._other_id, expiry_s, GRACE_S)
        presence.sweep_connections(UnitOfWork(SYSTEM, self._now), command)

    def require_online(self):
        connection = UserConnection.get_by_id(self.connection_id)
        assert connection.closed_at is None
        assert User.get_by_id(self._who.id).online_status
        assert ServerProcess.get_by_id(self._id).beat_at == self._now


@pytest.fixture
def suspended(ana):
    (now,) = database.execute_sql("SELECT clock_timestamp()").fetchone()
    return Suspended(ana, now)


def in_a_thread(act):
    def run():
        with write_transaction():
            act()
        database.close()

    return threading.Thread(target=run)


def test_connections_are_not_closed_that_the_process_reopens_at_the_same_moment(suspended):
    beaten, may_commit = threading.Event(), threading.Event()

    def beat():
        suspended.beat()
        beaten.set()
        may_commit.wait()

    beating = in_a_thread(beat)
    beating.start()
    beaten.wait()
    try:
        with write_transaction():
            suspended.sweep()
    finally:
        may_commit.set()
        beating.join()
    suspended.require_online()


def test_connections_that_another_process_deletes_at_the_same_moment_are_stored_again(suspended):
    suspended.close_long_ago()
    beating = in_a_thread(suspended.beat)
    with write_transaction():
        # A third process has the row of the suspended one: the other one does not hold it.
        suspended.sweep(expiry_s=10 * EXPIRY_S)
        beating.start()
        while not database.execute_sql(IS_WAITED_FOR).fetchone()[0]:
            assert beating.is_alive()
    beating.join()
    suspended.require_online()
