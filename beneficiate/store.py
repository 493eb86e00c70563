"""The only seam between the event loop and the database: a thread, one transaction, then the events.

An action is `action(uow, command) -> result`: it changes rows and emits events with `uow.emit`. A query has the same
shape and changes nothing. Either may do without a command. There are two ways to run an action:

- an ordinary action runs alone in one transaction;
- a batched action (`@batched`) takes all commands that are queued for it and is called once with the list. There is no
  timer: a batch is what arrived while the last one was being written.

One thread writes, so events are published in commit order and the units of one process never wait for each other's
rows. Commands reach that thread in the order in which they came. Four threads read, and two more search: whoever opens
a page or a connection does not wait for searches. Another one writes what emits no event and nobody waits for.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Generic, overload

import structlog
from peewee import Database

from beneficiate.command_runner import CommandRunner
from beneficiate.domain.booking.rules import DEFAULT_RULES, BusinessRules
from beneficiate.errors import Problem, Unavailable
from beneficiate.logs import log_failure
from beneficiate.models.base import is_postgresql
from beneficiate.telemetry import Telemetry
from beneficiate.thread_turns import with_short_turns
from beneficiate.unit_of_work import (
    SYSTEM,
    Actor,
    BatchedAction,
    BatchFunction,
    BatchItem,
    C,
    OutgoingEvent,
    R,
    UnitOfWork,
)
from beneficiate.unit_runner import UnitRunner

log = structlog.get_logger(__name__)

READER_THREADS = 4
SEARCH_THREADS = 2
MAX_QUEUED_COMMANDS = 20_000
"""Queued commands of one action, some seconds of what a process can write; further ones are `unavailable`."""
UNIT_TIMEOUT_S = 35.0
"""Longer than `statement_timeout`: a database that answers says so itself. Then the caller is told `unavailable`."""
CHECK_INTERVAL_S = 0.5
CUT_UNITS_S = 1.0
"""How long a unit that was cut may take to end, in seconds."""

AnyFuture = asyncio.Future[Any]
"""The result of an action of any type."""
_NO_COMMAND: Any = object()
"""Stands for a command of every type."""


@dataclass(slots=True)
class _BatchQueue(Generic[C, R]):
    """The queued commands of one batched action."""

    action: BatchedAction[C, R]
    entries: deque[tuple[BatchItem[C], asyncio.Future[R]]] = field(default_factory=deque)
    is_scheduled: bool = False


class Store:
    """Runs actions and queries in threads. `publish(outgoing)` is called on the loop after each commit.

    `monotonic` is the clock, in seconds, by which units and their callers have waited too long.
    """

    def __init__(
        self,
        database: Database,
        publish: Callable[[list[OutgoingEvent]], None],
        rules: BusinessRules = DEFAULT_RULES,
        unit_timeout_s: float = UNIT_TIMEOUT_S,
        telemetry: Telemetry | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._publish = publish
        self._monotonic = monotonic
        self._units = UnitRunner(database, rules, monotonic)
        self._commands = CommandRunner(self._units, telemetry or Telemetry())
        self._unit_timeout_s = unit_timeout_s
        self._writer = ThreadPoolExecutor(1, "writer")
        self._readers = ThreadPoolExecutor(READER_THREADS, "reader")
        self._background = ThreadPoolExecutor(1, "background")
        self._searchers = ThreadPoolExecutor(SEARCH_THREADS, "searcher")
        # Each queue has the types of its action, which a dictionary cannot say.
        self._batch_queues: dict[BatchFunction[Any, Any], _BatchQueue[Any, Any]] = {}
        self._lock = threading.Lock()
        self._is_closing = False
        self._single_units = 0
        # When the caller is told `unavailable`, in order; those with a result are dropped at the next check.
        self._unanswered: deque[tuple[float, AnyFuture]] = deque()
        self._check: asyncio.TimerHandle | None = None

    @overload
    def run(self, action: BatchedAction[C, R], command: C, actor: Actor = SYSTEM) -> asyncio.Future[R]: ...

    @overload
    def run(self, action: Callable[[UnitOfWork, C], R], command: C, actor: Actor = SYSTEM) -> asyncio.Future[R]: ...

    @overload
    def run(self, action: Callable[[UnitOfWork], R], *, actor: Actor = SYSTEM) -> asyncio.Future[R]: ...

    def run(
        self, action: BatchedAction[C, R] | Callable[..., R], command: C = _NO_COMMAND, actor: Actor = SYSTEM
    ) -> asyncio.Future[R]:
        """Run an action in one transaction of its own, or in the next batch if it is a batched one.

        The future resolves after the commit and after the events were published. It raises the Problem of the action,
        Unavailable when the database does not answer, or Internal for a bug of ours.
        """
        if isinstance(action, BatchedAction):
            return self._enqueue(action, command, actor)
        return self._submit(self._writer, action, command, actor, writes=True)

    @overload
    def run_in_background(
        self, action: Callable[[UnitOfWork, C], R], command: C, actor: Actor = SYSTEM
    ) -> asyncio.Future[R]: ...

    @overload
    def run_in_background(self, action: Callable[[UnitOfWork], R]) -> asyncio.Future[R]: ...

    def run_in_background(
        self, action: Callable[..., R], command: object = _NO_COMMAND, actor: Actor = SYSTEM
    ) -> asyncio.Future[R]:
        """Run an action in one transaction beside those of the writer thread, which do not wait for it.

        For what emits nothing but hints, and holds no row for long that a command locks. SQLite has one writer anyway.
        """
        pool = self._background if is_postgresql() else self._writer
        return self._submit(pool, action, command, actor, writes=True)

    @overload
    def read(self, query: Callable[[UnitOfWork, C], R], command: C, actor: Actor = SYSTEM) -> asyncio.Future[R]: ...

    @overload
    def read(self, query: Callable[[UnitOfWork], R], *, actor: Actor = SYSTEM) -> asyncio.Future[R]: ...

    def read(self, query: Callable[..., R], command: object = _NO_COMMAND, actor: Actor = SYSTEM) -> asyncio.Future[R]:
        """Run a query on a reader thread. Raises as `run` does."""
        return self._submit(self._readers, query, command, actor, writes=False)

    def search(self, query: Callable[[UnitOfWork, C], R], command: C, actor: Actor = SYSTEM) -> asyncio.Future[R]:
        """Run a query that may take long, such as a search, on a thread for those. Raises as `run` does."""
        return self._submit(self._searchers, with_short_turns(query), command, actor, writes=False)

    def timestamp(self) -> float:
        """Return the time by the clock that all processes share, in seconds since the epoch. Asks nobody."""
        return self._units.timestamp()

    @property
    def last_outage_at(self) -> float:
        """When a write last failed because the database was out of order; monotonic, in seconds."""
        return self._units.last_outage_at

    @property
    def queued_commands(self) -> int:
        """Return how many actions and queries wait for a thread or a result."""
        return self._single_units + sum(len(queue.entries) for queue in self._batch_queues.values())

    async def close(self, timeout_s: float = UNIT_TIMEOUT_S) -> None:
        """Wait until every queued command is committed and published, then stop the threads.

        What has no result after `timeout_s` seconds is cut off: its callers get Unavailable.
        """
        self._is_closing = True
        waiting = [future for _, future in self._unanswered if not future.done()]
        if waiting:
            await asyncio.wait(waiting, timeout=timeout_s)
        self._units.close()
        self._expire_commands(float("inf"))
        if self._check is not None:
            self._check.cancel()
        for pool in (self._writer, self._background, self._readers, self._searchers):
            pool.shutdown(wait=False, cancel_futures=True)
        # To close a connection of SQLite that a thread uses takes the process down.
        if await asyncio.to_thread(self._units.wait_until_idle, CUT_UNITS_S):
            self._database.close_all()

    def _submit(
        self, pool: ThreadPoolExecutor, action: Callable[..., R], command: object, actor: Actor, *, writes: bool
    ) -> asyncio.Future[R]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[R] = loop.create_future()
        if self._is_closing or self._single_units >= MAX_QUEUED_COMMANDS:
            future.set_exception(Unavailable())
            return future

        def run_single() -> None:
            result: R | Problem = Unavailable()
            outgoing: list[OutgoingEvent] = []
            # Nobody waits for a query that was cancelled.
            if not _is_expired(future) and (writes or not future.cancelled()):
                run = action if command is _NO_COMMAND else lambda uow: action(uow, command)
                result, outgoing = self._commands.run_command(run, actor, writes=writes, name=action.__qualname__)
            loop.call_soon_threadsafe(finish, result, outgoing)

        def finish(result: R | Problem, outgoing: list[OutgoingEvent]) -> None:
            self._single_units -= 1
            self._publish_and_resolve([(future, result)], outgoing)

        self._single_units += 1
        self._watch(loop, future)
        pool.submit(run_single)
        return future

    def _enqueue(self, action: BatchedAction[C, R], command: C, actor: Actor) -> asyncio.Future[R]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[R] = loop.create_future()
        queue: _BatchQueue[C, R] | None = self._batch_queues.get(action.function)
        if queue is None:
            queue = self._batch_queues[action.function] = _BatchQueue(action)
        if self._is_closing or len(queue.entries) >= MAX_QUEUED_COMMANDS:
            future.set_exception(Unavailable())
            return future
        with self._lock:
            queue.entries.append((BatchItem(actor, command), future))
            is_first, queue.is_scheduled = not queue.is_scheduled, True
        self._watch(loop, future)
        if is_first:
            self._schedule_batch(loop, queue)
        return future

    def _schedule_batch(self, loop: asyncio.AbstractEventLoop, queue: _BatchQueue[C, R]) -> None:
        pool = self._writer if queue.action.writes else self._readers
        pool.submit(self._run_batch, loop, queue)

    def _run_batch(self, loop: asyncio.AbstractEventLoop, queue: _BatchQueue[C, R]) -> None:
        with self._lock:
            size = min(len(queue.entries), queue.action.limit)
            entries = [queue.entries.popleft() for _ in range(size)]
        entries = [entry for entry in entries if not _is_expired(entry[1])]
        batch = self._commands.run_batch(queue.action, [item for item, _ in entries])
        # The next batch starts only now: two batches of one action in two reader threads could end in the wrong order.
        with self._lock:
            queue.is_scheduled = bool(queue.entries)
        if queue.is_scheduled:
            self._schedule_batch(loop, queue)
        outcomes = [(future, result) for (_, future), result in zip(entries, batch.results, strict=True)]
        loop.call_soon_threadsafe(self._publish_and_resolve, outcomes, batch.outgoing)

    def _watch(self, loop: asyncio.AbstractEventLoop, future: AnyFuture) -> None:
        """Tell the caller `unavailable` when there is no result in time."""
        self._unanswered.append((self._monotonic() + self._unit_timeout_s, future))
        if self._check is None:
            self._check = loop.call_later(min(CHECK_INTERVAL_S, self._unit_timeout_s), self._check_timeouts, loop)

    def _check_timeouts(self, loop: asyncio.AbstractEventLoop) -> None:
        self._check = None
        # Callers are told first: a thread that comes free does not begin what its caller takes for failed.
        self._expire_commands(self._monotonic())
        if cut := self._units.cut_units(self._unit_timeout_s):
            log.error("units_cut", units=cut)
        self._units.probe_long_units()
        if self._unanswered or self._units.has_running_units():
            self._check = loop.call_later(min(CHECK_INTERVAL_S, self._unit_timeout_s), self._check_timeouts, loop)

    def _expire_commands(self, until: float) -> None:
        unanswered = self._unanswered
        while unanswered and (unanswered[0][1].done() or unanswered[0][0] <= until):
            _, future = unanswered.popleft()
            if not future.done():
                future.set_exception(Unavailable())

    def _publish_and_resolve(
        self, outcomes: list[tuple[asyncio.Future[R], R | Problem]], outgoing: list[OutgoingEvent]
    ) -> None:
        try:
            self._publish(outgoing)
        except Exception as problem:  # noqa: BLE001  logged
            # The commit is done, whether or not its events could be published: callers get their results.
            log_failure("publish_failed", problem)
        for future, result in outcomes:
            if future.done():
                continue
            if isinstance(result, Problem):
                future.set_exception(result)
            else:
                future.set_result(result)


def _is_expired(future: AnyFuture) -> bool:
    """Return whether the caller was told `unavailable` meanwhile; one who only went away is still served."""
    return future.done() and not future.cancelled()
