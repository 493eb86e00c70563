"""Connections to PostgreSQL that lead nowhere, told from those whose statement takes long.

A firewall, a balancer or a host that forgets a connection tells neither end: we wait for an answer, the server for a
statement. Keepalives notice it only where nobody in between acknowledges them. From here a statement that takes long
looks the same; the server knows better: its session works or waits for a lock, and not for us. So another connection
asks it (`pg_stat_activity`).
"""

import select
import time
from collections.abc import Collection
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg2
from peewee import Database, OperationalError, __exception_wrapper__
from psycopg2.extensions import POLL_OK, POLL_READ, TRANSACTION_STATUS_ACTIVE

from beneficiate.models.base import Row
from beneficiate.models.postgresql import QueueingPostgresqlDatabase

ASK_TIMEOUT_S = 2.0
_FIND = """
SELECT pid, COALESCE(wait_event_type = 'Client', false), backend_start, state_change
FROM pg_stat_activity WHERE pid = ANY(%s)
"""
_END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = %s AND backend_start = %s"


@dataclass(frozen=True, slots=True)
class ServerSession:
    """A session as the server sees it. One that is not there (any more) waits for nobody, and has no times."""

    pid: int
    waits_for_us: bool = True
    started_at: datetime | None = None
    changed_at: datetime | None = None


def has_own_sessions(database: Database) -> bool:
    """Return whether each connection is a session of PostgreSQL that can be asked for: not behind a pooler."""
    return isinstance(database, QueueingPostgresqlDatabase) and database.has_own_sessions


# Any: a connection of whichever driver.
def find_awaited_session(connection: Any) -> int | None:
    """Return the process id of the session whose answer a thread awaits; None while nothing is awaited.

    Nobody may close the connection meanwhile.
    """
    with suppress(psycopg2.Error, OSError):
        if connection.get_transaction_status() == TRANSACTION_STATUS_ACTIVE and not _has_input(connection.fileno()):
            return int(connection.get_backend_pid())
    return None


def ask_sessions(database: Database, pids: Collection[int]) -> dict[int, ServerSession]:
    """Return these sessions as the server sees them, over a connection of its own. Blocks for at most 2 s.

    Raises PeeweeException when the server does not answer.
    """
    rows = _ask_apart(database, _FIND, (list(pids),))
    found = {pid: ServerSession(pid, *values) for pid, *values in rows}
    return {pid: found.get(pid, ServerSession(pid)) for pid in pids}


def end_session(database: Database, session: ServerSession) -> None:
    """Let the server roll back and end a session, so that its locks come free. Raises as `ask_sessions` does."""
    if session.started_at is not None:
        _ask_apart(database, _END, (session.pid, session.started_at))


def _has_input(descriptor: int) -> bool:
    poller = select.poll()
    poller.register(descriptor, select.POLLIN)
    return bool(poller.poll(0))


def _ask_apart(database: Database, statement: str, parameters: tuple[object, ...]) -> list[Row]:
    """Return the rows of a statement. Asynchronously, since the driver's other calls have no time limit."""
    until = time.monotonic() + ASK_TIMEOUT_S
    with (
        __exception_wrapper__,
        closing(psycopg2.connect(database.database, async_=True, **database.connect_params)) as connection,
    ):
        _wait(connection, until)
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            _wait(connection, until)
            return list(cursor.fetchall())


def _wait(connection: psycopg2.extensions.connection, until: float) -> None:
    while (state := connection.poll()) != POLL_OK:
        poller = select.poll()
        poller.register(connection.fileno(), select.POLLIN if state == POLL_READ else select.POLLOUT)
        if not poller.poll(max(0.0, 1000 * (until - time.monotonic()))):
            raise OperationalError("the server did not answer in time")
