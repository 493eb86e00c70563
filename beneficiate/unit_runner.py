"""Runs units of work on the database connection of the calling thread.

What the database does wrong is handled here by its kind (`models/failures.py`). A database that does not answer at all
keeps a thread until `cut_units` shuts its connection down, or `drop_silent_connections` where only that leads nowhere.
"""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass

import structlog
from peewee import Database, OperationalError, PeeweeException

from beneficiate.domain.booking.rules import DEFAULT_RULES, BusinessRules
from beneficiate.domain.service_levels.calendar import CalendarCache
from beneficiate.errors import Unavailable
from beneficiate.logs import log_failure
from beneficiate.models.base import cut_connection, has_begun_transaction, limit_lock_wait, write_transaction
from beneficiate.models.clock import DatabaseClock
from beneficiate.models.failures import KEEPS_CONNECTION, OUTAGES, Failure, classify_failure
from beneficiate.models.silent_connections import (
    ServerSession,
    ask_sessions,
    end_session,
    find_awaited_session,
    has_own_sessions,
)
from beneficiate.unit_of_work import Actor, OutgoingEvent, R, UnitOfWork

log = structlog.get_logger(__name__)

CAUTION_S = 10.0
"""For so long after a row was held too long, units wait for rows only `CAUTIOUS_LOCK_TIMEOUT_MS`."""
CAUTIOUS_LOCK_TIMEOUT_MS = 250
LONG_UNIT_S = 0.5
SILENT_ANSWERS = 3
"""So many times in a row the server says that a session waits for us, while we wait for it, until it is given up."""
CONFLICT_PAUSES_S = (0.05, 0.2, 0.5)
"""Before a unit that lost a deadlock runs again. On a busy machine the winner may need more than the first."""


@dataclass(slots=True)
class _RunningUnit:
    """A unit that a thread runs, and the connection of the driver that it uses; None while it connects."""

    started_at: float
    connection: object = None
    is_cut: bool = False
    session: ServerSession | None = None
    """As the server last saw it."""
    silent_answers: int = 0


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
        self._prober = ThreadPoolExecutor(1, "prober")
        self._is_probing = False
        self._can_ask = has_own_sessions(database)
        self._known_sessions: set[int] = set()
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

    def timestamp(self) -> float:
        """Return the time by the clock that all processes share, in seconds since the epoch. Asks nobody."""
        return self._clock.timestamp()

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

    def probe_long_units(self) -> None:
        """Let a thread of its own find out whether the connections of long units lead anywhere."""
        started_before = self._monotonic() - LONG_UNIT_S
        is_long = any(unit.started_at <= started_before for unit in list(self._running.values()))
        if is_long and self._can_ask and not self._is_probing and not self._is_closed:
            self._is_probing = True
            self._prober.submit(self._probe)

    def drop_silent_connections(self, min_age_s: float = 0.0) -> int:
        """Ask the server once about units that run for so long; return how many connections were shut down.

        They lead nowhere: three times in a row, client and server waited for each other and nothing had changed. Their
        sessions end, so that what they hold comes free. The units run again if they had no effect. Blocks for some
        seconds at most, and does nothing when the server does not answer.
        """
        started_before = self._monotonic() - min_age_s
        with self._lock:
            units = [unit for unit in self._running.values() if unit.started_at <= started_before]
            awaited = {pid: unit for unit in units if (pid := _find_awaited_session(unit)) is not None}
        if not awaited:
            return 0
        try:
            sessions = ask_sessions(self._database, awaited)
        except PeeweeException:
            # The whole database is away: whoever waits is told in time.
            return 0
        silent: list[ServerSession] = []
        self._known_sessions |= {pid for pid, session in sessions.items() if session.started_at is not None}
        with self._lock:
            for pid, unit in awaited.items():
                session = sessions[pid]
                # A server that never knew the session is another one, or the number is that of a pooler.
                is_known = pid in self._known_sessions
                if not is_known or not session.waits_for_us or _find_awaited_session(unit) != pid:
                    unit.silent_answers = 0
                    continue
                unit.silent_answers = unit.silent_answers + 1 if session == unit.session else 1
                unit.session = session
                if unit.silent_answers >= SILENT_ANSWERS:
                    cut_connection(unit.connection)
                    silent.append(session)
        for session in silent:
            # Otherwise the server ends it when its transaction has been idle for too long.
            with suppress(PeeweeException):
                end_session(self._database, session)
        return len(silent)

    def close(self) -> None:
        """Cut what runs; from now on every unit is refused with Unavailable."""
        with self._lock:
            self._is_closed = True
        self.cut_units()
        self._prober.shutdown(wait=False, cancel_futures=True)

    def _probe(self) -> None:
        try:
            if dropped := self.drop_silent_connections(LONG_UNIT_S):
                log.warning("silent_connections_dropped", connections=dropped)
        except Exception as problem:  # noqa: BLE001  logged; the next one asks again
            log_failure("probe_failed", problem)
        finally:
            self._is_probing = False

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
            unit.session, unit.silent_answers = None, 0

    def _disconnect(self, unit: _RunningUnit) -> None:
        # Under the lock, so that no other thread cuts a socket whose number means another file already.
        with self._lock:
            unit.connection = None
            self._database.manual_close()


def _find_awaited_session(unit: _RunningUnit) -> int | None:
    return None if unit.connection is None or unit.is_cut else find_awaited_session(unit.connection)


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
