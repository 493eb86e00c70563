"""PostgreSQL with little work for each statement: fewer round trips, and plans that the session keeps.

Where one message makes a batch, what counts is neither the disk nor the rows: it is that this thread and the backend
wake up for each statement, and that the statement is parsed and planned.
"""

import itertools
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from peewee import OperationalError, __exception_wrapper__
from playhouse.pool import PooledPostgresqlDatabase

CONNECT_PAUSE_S = 0.25
"""A server that starts forks a process for each connection that it refuses. Without a pause, four processes with 400
clients tried 200 times a second, with it 14 times."""
_BEGIN = b"BEGIN"
_numbers = itertools.count(1)


class QueueingPostgresqlDatabase(PooledPostgresqlDatabase):  # type: ignore[misc]
    """Sends BEGIN and statements without a result together with the next statement, and keeps plans.

    What is queued belongs to the calling thread and its transaction; when that ends in any way nothing is left.
    """

    def init(self, database: str, *, keeps_plans: bool = True, **options: object) -> None:
        """Set the parameters of the connections; without `keeps_plans` every statement is planned anew."""
        super().init(database, **options)
        self._gate = ConnectionGate()
        self._keeps_plans = keeps_plans
        self._outbox = _Outbox()
        # The names of the prepared statements of each connection of the driver, by their text.
        self._prepared: WeakKeyDictionary[object, dict[str, str]] = WeakKeyDictionary()

    @property
    def has_own_sessions(self) -> bool:
        """Return whether a connection has the same session for as long as it is open."""
        return self._keeps_plans

    # Any: the connection of the driver.
    def _connect(self) -> Any:
        with self._gate.attempt():
            return super()._connect()

    def begin(self, isolation_level: str | None = None) -> None:
        """Begin a transaction with the next statement. Raises ValueError for an isolation level of its own."""
        if isolation_level is not None:
            raise ValueError("transactions have the isolation level of the session")
        # A connection that opened later would know nothing of the transaction.
        self.connection()
        self._outbox.clear()
        self._outbox.statements.append(_BEGIN)
        self._outbox.has_begun = False

    @property
    def has_begun(self) -> bool:
        """Whether the server has carried out a statement of the thread's last transaction, or was told to commit."""
        return self._outbox.has_begun

    # Any, here and below: as Peewee declares it.
    def execute_sql(self, sql: str, params: object = None) -> Any:
        """Execute what is queued and this statement; return the cursor of this one."""
        if not self._outbox.statements:
            cursor = super().execute_sql(sql, params)
        else:
            with __exception_wrapper__:
                # Before the queue is emptied: values that the driver refuses leave the transaction as it is.
                last = self.cursor().mogrify(sql, params or ())
            cursor = self._send(last)
        self._outbox.has_begun = True
        return cursor

    def execute_prepared(self, sql: str, params: tuple[object, ...]) -> Any:
        """Execute a statement by a plan that the session keeps. Each parameter of `sql` needs a cast."""
        return self.execute_sql(self._prepare(sql), params)

    def queue_prepared(self, sql: str, params: tuple[object, ...]) -> None:
        """Execute a statement, as `execute_prepared` does, with the next one or with the commit.

        Its error is raised by the statement that it travels with. Outside of a transaction it is executed at once.
        """
        if self.transaction_depth() == 0:
            self.execute_prepared(sql, params)
            return
        statement = self._prepare(sql)
        with __exception_wrapper__:
            self._outbox.statements.append(self.cursor().mogrify(statement, params))

    def commit(self) -> None:
        """Commit with what is queued; a transaction without a statement has not begun."""
        if self._outbox.statements == [_BEGIN]:
            self._outbox.clear()
        elif self._outbox.statements:
            # Before it is sent: from here on nobody knows what the server has done.
            self._outbox.has_begun = True
            self._send(b"COMMIT")
        else:
            super().commit()

    def rollback(self) -> None:
        """Roll back, if the server knows of the transaction."""
        is_unknown = self._outbox.statements[:1] == [_BEGIN]
        self._outbox.clear()
        if not is_unknown:
            super().rollback()

    def _prepare(self, sql: str) -> str:
        """Return the statement that executes `sql`; if the session does not have it yet, it will be sent before."""
        if not self._keeps_plans:
            return sql
        prepared = self._prepared.setdefault(self.connection(), {})
        name = prepared.get(sql) or self._outbox.preparing.get(sql)
        if name is None:
            # A new name each time: after a failure nobody knows whether the session has the statement.
            self._outbox.preparing[sql] = name = f"statement_{next(_numbers)}"
            self._outbox.statements.append(f"PREPARE {name} AS {_number_parameters(sql)}".encode())
        return f"EXECUTE {name}({', '.join(['%s'] * sql.count('%s'))})"

    def _send(self, last: bytes) -> Any:
        """Execute what is queued and `last` in one round trip; return its cursor."""
        statements, preparing = self._outbox.statements, self._outbox.preparing
        self._outbox.clear()
        with __exception_wrapper__:
            cursor = self.cursor()
            # Without parameters: Peewee passes an empty tuple, for which the driver looks for placeholders.
            cursor.execute(b";".join([*statements, last]))
        if preparing:
            self._prepared[self.connection()].update(preparing)
        return cursor


class ConnectionGate:
    """While the server takes no connections, one thread tries, each `pause_s` seconds; the others fail at once."""

    def __init__(self, pause_s: float = CONNECT_PAUSE_S, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._pause_s = pause_s
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._next_try_at: float | None = None

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Connect within this context. Raises OperationalError when the last attempt failed a moment ago."""
        with self._lock:
            now = self._monotonic()
            if self._next_try_at is not None:
                if now < self._next_try_at:
                    raise OperationalError("the database took no connection a moment ago")
                # Nobody else tries before this attempt has ended.
                self._next_try_at = float("inf")
        next_try_at = None
        try:
            yield
        except BaseException:
            next_try_at = self._monotonic() + self._pause_s
            raise
        finally:
            with self._lock:
                self._next_try_at = next_try_at


class _Outbox(threading.local):
    """What a thread has queued, the names of the statements that are prepared with it, and whether it has begun."""

    def __init__(self) -> None:
        self.clear()
        self.has_begun = False

    def clear(self) -> None:
        self.statements: list[bytes] = []
        self.preparing: dict[str, str] = {}


@cache
def _number_parameters(sql: str) -> str:
    numbers = itertools.count(1)
    return re.sub("%s", lambda _: f"${next(numbers)}", sql)
