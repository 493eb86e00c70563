"""Runs units of work on the database connection of the calling thread.

What the database does wrong is handled here by its kind (`models/failures.py`). A database that does not answer at all
keeps a thread until `cut_units` shuts its connection down.
"""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

from peewee import Database, OperationalError

from beneficiate.domain.booking.rules import DEFAULT_RULES, BusinessRules
from beneficiate.domain.service_levels.calendar import CalendarCache
from beneficiate.errors import Unavailable
from beneficiate.models.base import cut_connection, has_begun_transaction, limit_lock_wait, write_transaction
from beneficiate.models.clock import DatabaseClock
from beneficiate.models.failures import KEEPS_CONNECTION, OUTAGES, Failure, classify_failure
from beneficiate.unit_of_work import Actor, OutgoingEvent, R, UnitOfWork

CAUTION_S = 10.0
"""For so long after a row was held too long, units wait for rows only `CAUTIOUS_LOCK_TIMEOUT_MS`."""
CAUTIOUS_LOCK_TIMEOUT_MS = 250
CONFLICT_PAUSES_S = (0.05, 0.2, 0.5)
"""Before a unit that lost a deadlock runs again. On a busy machine the winner may need more than the first."""


@dataclass(slots=True)
class _RunningUnit:
    """A unit that a thread runs, and the connection of the driver that it uses; None while it connects."""

    started_at: float
    connection: object = None
    is_cut: bool = False


class UnitRunner:
    """Any thread may run units; each thread keeps its connection. Times are monotonic, in seconds."""

    def __init__(
        self,
        database: Database,
        rules: BusinessRules = DEFAULT_RULES,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._rules = rules
        self._monotonic = monotonic
        self._clock = DatabaseClock()
        self._calendars = CalendarCache()
        self._lock = threading.Lock()
        self._unit_ended = threading.Condition(self._lock)
        self._running: dict[int, _RunningUnit] = {}
        self._cautious_until = 0.0
        self._is_closed = False
        self.last_outage_at = float("-inf")
        """When a write last failed because the database was out of order."""

    def run(self, run: Callable[[UnitOfWork], R], actor: Actor, *, writes: bool) -> tuple[R, list[OutgoingEvent]]:
        """Return what `run` returns and the events that it emitted; a write has its own transaction.

        What had no effect for certain runs again: a unit that lost a deadlock at most three times; one that found its
        connection broken before it wrote, or read-only, once.
        """
        with self._tracked() as unit:
            for attempt in itertools.count():
                is_reused = not self._database.is_closed()
                try:
                    return self._attempt(run, actor, unit, writes=writes)
                except _AttemptFailed as caught:
                    failed = caught
                is_last = attempt >= (len(CONFLICT_PAUSES_S) if failed.failure is Failure.CONFLICT else 1)
                if is_last or unit.is_cut or not failed.may_repeat(is_reused=is_reused):
                    if writes and failed.failure in OUTAGES:
                        self.last_outage_at = self._monotonic()
                    # Not while the other exception is handled, which would replace the context that has the SQLSTATE.
                    raise failed.problem
                if failed.failure is Failure.CONFLICT:
                    # The winner has to get the row first: at once, the two would meet in the same deadlock again.
                    time.sleep(CONFLICT_PAUSES_S[attempt])
        raise AssertionError("unreachable")

    def wait_until_idle(self, timeout_s: float) -> bool:
        """Block until no thread runs a unit any more, cut or not; return False when that takes longer."""
        with self._unit_ended:
            return self._unit_ended.wait_for(lambda: not self._running, timeout_s)

    def has_running_units(self) -> bool:
        """Return whether a thread runs a unit that is not cut yet."""
        return any(not unit.is_cut for unit in list(self._running.values()))

    def cut_units(self, min_age_s: float = 0.0) -> int:
        """Cut the connections of the units that run for so long; return how many. Their threads come free."""
        now = self._monotonic()
        with self._lock:
            units = [unit for unit in self._running.values() if not unit.is_cut and now - unit.started_at >= min_age_s]
            for unit in units:
                unit.is_cut = True
                if unit.connection is not None:
                    cut_connection(unit.connection)
        return len(units)

    def close(self) -> None:
        """Cut what runs; from now on every unit is refused with Unavailable."""
        with self._lock:
            self._is_closed = True
        self.cut_units()

    @contextmanager
    def _tracked(self) -> Iterator[_RunningUnit]:
        unit = _RunningUnit(self._monotonic())
        with self._lock:
            if self._is_closed:
                raise Unavailable
            self._running[threading.get_ident()] = unit
        try:
            yield unit
        finally:
            with self._unit_ended:
                del self._running[threading.get_ident()]
                self._unit_ended.notify_all()

    def _attempt(
        self, run: Callable[[UnitOfWork], R], actor: Actor, unit: _RunningUnit, *, writes: bool
    ) -> tuple[R, list[OutgoingEvent]]:
        has_begun = False
        try:
            self._connect(unit)
            uow = UnitOfWork(actor, self._clock.now(), self._rules, calendars=self._calendars)
            with write_transaction() if writes else nullcontext():
                has_begun = writes
                if writes and self._monotonic() < self._cautious_until:
                    limit_lock_wait(CAUTIOUS_LOCK_TIMEOUT_MS)
                result = run(uow)
                if writes:
                    uow.finish()
                return result, [*uow.outgoing, *uow.hints.values()]
        except Exception as problem:
            failure = classify_failure(problem)
            if failure is None:
                raise
            if failure not in KEEPS_CONNECTION:
                self._disconnect(unit)
            if failure is Failure.LOCKED:
                self._cautious_until = self._monotonic() + CAUTION_S
            raise _AttemptFailed(problem, failure, has_begun=has_begun and has_begun_transaction()) from problem

    def _connect(self, unit: _RunningUnit) -> None:
        self._database.connect(reuse_if_open=True)
        with self._lock:
            if unit.is_cut:
                raise OperationalError("the unit took too long")
            unit.connection = self._database.connection()

    def _disconnect(self, unit: _RunningUnit) -> None:
        # Under the lock, so that no other thread cuts a socket whose number means another file already.
        with self._lock:
            unit.connection = None
            self._database.manual_close()


class _AttemptFailed(Exception):
    """An attempt failed for a reason that is no bug of ours."""

    def __init__(self, problem: Exception, failure: Failure, *, has_begun: bool) -> None:
        super().__init__(failure.value)
        self.problem = problem
        self.failure = failure
        self._has_begun = has_begun

    def may_repeat(self, *, is_reused: bool) -> bool:
        """Return whether the attempt had no effect for certain and a second one may succeed."""
        if self.failure is Failure.CONFLICT:
            return True
        # A connection that was made for this attempt would fail again.
        return is_reused and (
            self.failure is Failure.READ_ONLY or (self.failure is Failure.LOST and not self._has_begun)
        )
