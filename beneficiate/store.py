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
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, NamedTuple, overload

import structlog
from peewee import Database, InterfaceError, OperationalError

from beneficiate.domain.booking.rules import DEFAULT_RULES, BusinessRules
from beneficiate.errors import Internal, Problem, Unavailable
from beneficiate.models.base import is_postgresql, write_transaction
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

log = structlog.get_logger(__name__)

READER_THREADS = 4
SEARCH_THREADS = 2
MAX_QUEUED_COMMANDS = 20_000
"""Queued commands of one action, some seconds of what a process can write; further ones are `unavailable`."""
CONNECTION_ERRORS = (OperationalError, InterfaceError)
DEADLOCK_SQLSTATE = "40P01"


_NO_COMMAND: Any = object()
"""Stands for a command of every type."""


@dataclass(slots=True)
class _BatchQueue(Generic[C, R]):
    """The queued commands of one batched action."""

    action: BatchedAction[C, R]
    entries: deque[tuple[BatchItem[C], asyncio.Future[R]]] = field(default_factory=deque)
    is_scheduled: bool = False


class _BatchOutcome(NamedTuple, Generic[R]):
    """The result of each command of a batch, and the events to publish."""

    results: Sequence[R | Problem]
    outgoing: list[OutgoingEvent]


class Store:
    """Runs actions and queries in threads. `publish(outgoing)` is called on the loop after each commit."""

    def __init__(
        self,
        database: Database,
        publish: Callable[[list[OutgoingEvent]], None],
        rules: BusinessRules = DEFAULT_RULES,
    ) -> None:
        self._database = database
        self._publish = publish
        self._rules = rules
        self._writer = ThreadPoolExecutor(1, "writer")
        self._readers = ThreadPoolExecutor(READER_THREADS, "reader")
        self._background = ThreadPoolExecutor(1, "background")
        self._searchers = ThreadPoolExecutor(SEARCH_THREADS, "searcher")
        # Each queue has the types of its action, which a dictionary cannot say.
        self._batch_queues: dict[BatchFunction[Any, Any], _BatchQueue[Any, Any]] = {}
        self._lock = threading.Lock()
        self._is_closing = False

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

    def run_in_background(self, action: Callable[[UnitOfWork], R]) -> asyncio.Future[R]:
        """Run an action in one transaction beside those of the writer thread, which do not wait for it.

        For what emits nothing and holds no row for long that a command locks. SQLite has one writer anyway.
        """
        pool = self._background if is_postgresql() else self._writer
        return self._submit(pool, action, _NO_COMMAND, SYSTEM, writes=True)

    @overload
    def read(self, query: Callable[[UnitOfWork, C], R], command: C, actor: Actor = SYSTEM) -> asyncio.Future[R]: ...

    @overload
    def read(self, query: Callable[[UnitOfWork], R], *, actor: Actor = SYSTEM) -> asyncio.Future[R]: ...

    def read(self, query: Callable[..., R], command: object = _NO_COMMAND, actor: Actor = SYSTEM) -> asyncio.Future[R]:
        """Run a query on a reader thread. Raises as `run` does."""
        return self._submit(self._readers, query, command, actor, writes=False)

    def search(self, query: Callable[[UnitOfWork, C], R], command: C, actor: Actor = SYSTEM) -> asyncio.Future[R]:
        """Run a query that may take long, such as a search, on a thread for those. Raises as `run` does."""
        return self._submit(self._searchers, query, command, actor, writes=False)

    async def close(self) -> None:
        """Wait until every queued command is committed and published, then stop the threads."""
        self._is_closing = True
        waiting = [future for queue in self._batch_queues.values() for _, future in queue.entries]
        if waiting:
            await asyncio.wait(waiting)
        for pool in (self._writer, self._background, self._readers, self._searchers):
            await asyncio.get_running_loop().run_in_executor(None, pool.shutdown)
        self._database.close_all()

    def _submit(
        self, pool: ThreadPoolExecutor, action: Callable[..., R], command: object, actor: Actor, *, writes: bool
    ) -> asyncio.Future[R]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[R] = loop.create_future()
        if self._is_closing:
            future.set_exception(Unavailable())
            return future

        def run_single() -> None:
            result: R | Problem
            outgoing: list[OutgoingEvent] = []
            run = action if command is _NO_COMMAND else lambda uow: action(uow, command)
            try:
                result, outgoing = self._run_with_retry(run, actor, writes=writes)
            except Exception as problem:  # noqa: BLE001  raised to the caller through the future
                result = _to_problem(problem, action.__qualname__)
            loop.call_soon_threadsafe(self._publish_and_resolve, [(future, result)], outgoing)

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
        batch = self._execute_batch(queue.action, [item for item, _ in entries])
        # The next batch starts only now: two batches of one action in two reader threads could end in the wrong order.
        with self._lock:
            queue.is_scheduled = bool(queue.entries)
        if queue.is_scheduled:
            self._schedule_batch(loop, queue)
        outcomes = [(future, result) for (_, future), result in zip(entries, batch.results, strict=True)]
        loop.call_soon_threadsafe(self._publish_and_resolve, outcomes, batch.outgoing)

    def _execute_batch(self, action: BatchedAction[C, R], items: list[BatchItem[C]]) -> "_BatchOutcome[R]":
        """Run all in one transaction; if that fails, each in its own, so that a bad command fails alone."""
        try:
            return _BatchOutcome(
                *self._run_with_retry(lambda uow: action.function(uow, items), SYSTEM, writes=action.writes)
            )
        except Exception as problem:  # noqa: BLE001  whatever it is, the other commands must run
            if len(items) == 1 or isinstance(problem, CONNECTION_ERRORS):
                # An interrupted commit may have happened: a retry could store a message twice.
                return _BatchOutcome([_to_problem(problem, action.function.__qualname__)] * len(items), [])
            parts = [self._execute_batch(action, [item]) for item in items]
            return _BatchOutcome(
                [result for part in parts for result in part.results],
                [event for part in parts for event in part.outgoing],
            )

    def _publish_and_resolve(
        self, outcomes: list[tuple[asyncio.Future[R], R | Problem]], outgoing: list[OutgoingEvent]
    ) -> None:
        try:
            self._publish(outgoing)
        except Exception:
            # The commit is done, whether or not its events could be published: callers get their results.
            log.exception("publish_failed")
        for future, result in outcomes:
            if future.done():
                continue
            if isinstance(result, Problem):
                future.set_exception(result)
            else:
                future.set_result(result)

    def _run_with_retry(
        self, run: Callable[[UnitOfWork], R], actor: Actor, *, writes: bool
    ) -> tuple[R, list[OutgoingEvent]]:
        """Return what `run` returns and the events that it emitted. A unit that lost a deadlock is run once more."""
        for is_last in (False, True):
            uow = UnitOfWork(actor, datetime.now(UTC), self._rules)
            try:
                return self._run_in_transaction(run, uow, writes=writes), uow.outgoing
            except OperationalError as problem:
                if is_last or not _is_deadlock(problem):
                    raise
        raise AssertionError("unreachable")

    def _run_in_transaction(self, run: Callable[[UnitOfWork], R], uow: UnitOfWork, *, writes: bool) -> R:
        """Call `run` on this thread's connection, for a write in a transaction.

        Each thread keeps its connection. A broken one is replaced as long as nothing has been written on it, also in a
        query.
        """
        has_begun = False
        for is_last in (False, True):
            try:
                self._database.connect(reuse_if_open=True)
                with write_transaction() if writes else nullcontext():
                    has_begun = writes
                    return run(uow)
            except CONNECTION_ERRORS as problem:
                self._database.manual_close()
                # A unit that has waited 10 s for another writer does not wait as long again.
                if has_begun or is_last or "locked" in str(problem):
                    raise
        raise AssertionError("unreachable")


def _to_problem(problem: Exception, action_name: str) -> Problem:
    if isinstance(problem, Problem):
        return problem
    if isinstance(problem, CONNECTION_ERRORS):
        log.error("database_unavailable", action=action_name, problem=type(problem).__name__)
        return Unavailable()
    log.error("action_failed", action=action_name, exc_info=problem)
    return Internal()


def _is_deadlock(problem: OperationalError) -> bool:
    """Return whether PostgreSQL rolled back this unit to resolve a deadlock."""
    return getattr(problem.__context__, "pgcode", None) == DEADLOCK_SQLSTATE
