"""The only seam between the event loop and the database: a thread, one transaction, then the events.

An action is `action(work, command) -> result`: it changes rows and says with `work.emit` what happened. A query looks
and changes nothing. There are two lanes of one shape:

- the ordinary lane runs one action in one transaction;
- the batched lane (`@batched`) takes all the commands that are waiting for an action and calls it once with the list.
  Nobody waits on a timer: a batch is whatever arrived while the last one was being written.

One thread writes, so events are published in commit order and units of one process never wait for each other's rows.
Commands reach that thread in the order in which they came. A few threads read.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

import structlog
from peewee import InterfaceError, OperationalError

from beneficiate.errors import Internal, Problem, Unavailable
from beneficiate.models.base import transaction
from beneficiate.protocol.envelope import Event
from beneficiate.scheduling.rules import RULES, Rules

log = structlog.get_logger(__name__)

Future = asyncio.Future[Any]
C = TypeVar("C")
R = TypeVar("R")
READERS = 4
LONGEST_LANE = 20_000
"""Commands that may wait for one action, some seconds of all that a process can write; then it is `unavailable`."""
BROKEN = (OperationalError, InterfaceError)
DEADLOCK = "40P01"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `role` is member, agent, supervisor or system; `agent_id` is set for those who answer chats."""

    user_id: int
    role: str
    agent_id: int | None = None
    name: str = ""


SYSTEM = Actor(0, "system")


class LineMark(NamedTuple):
    """A stored line, and the topic of its author."""

    chat_id: int
    seq: int
    message_id: int
    author: str


@dataclass(slots=True)
class Emission:
    """Something that became true, and the topics whose listeners hear of it."""

    event: Event
    to: tuple[str, ...]
    line: LineMark | None = None


@dataclass(slots=True)
class Work:
    """One unit of work: who acts, when, by which rules, and what is said once it is committed."""

    actor: Actor
    now: datetime
    rules: Rules = RULES
    emissions: list[Emission] = field(default_factory=list)

    def emit(self, event: Event, to: Iterable[str], line: LineMark | None = None) -> None:
        """Say `event` to the topics `to` after the commit.

        `line` marks a stored line, so that whoever writes it to a reader can tell its author that it was delivered.
        """
        self.emissions.append(Emission(event, tuple(to), line))


@dataclass(slots=True)
class Order(Generic[C]):
    """One command of a batch and who gave it."""

    actor: Actor
    command: C


Action = Callable[..., Any]


@dataclass(slots=True)
class _Lane:
    """The commands that wait for one batched action."""

    waiting: deque[tuple[Order[Any], Future]] = field(default_factory=deque)
    is_queued: bool = False


def batched(limit: int = 500, *, writes: bool = True) -> Callable[[Action], Action]:
    """Mark an action for the batched lane: called as `action(work, orders)`, it returns a list of as many results.

    A Problem in a place is raised to the one who gave that order. `limit` is the most orders of one batch.
    """

    def mark(action: Action) -> Action:
        action.batch_limit = limit  # type: ignore[attr-defined]
        action.batch_writes = writes  # type: ignore[attr-defined]
        return action

    return mark


def each(orders: list[Order[C]], handle: Callable[[Order[C]], R]) -> list[R | Problem]:
    """What `handle` returns for each order of a batch, or the Problem that it raised."""
    results: list[R | Problem] = []
    for order in orders:
        try:
            results.append(handle(order))
        except Problem as problem:
            results.append(problem)
    return results


class Store:
    """Runs actions and queries in threads. `publish(emissions)` is called on the loop after each commit."""

    def __init__(self, database: Any, publish: Callable[[list[Emission]], None], rules: Rules = RULES) -> None:
        self._database = database
        self._publish = publish
        self._rules = rules
        self._writer = ThreadPoolExecutor(1, "writer")
        self._readers = ThreadPoolExecutor(READERS, "reader")
        self._lanes: dict[Action, _Lane] = {}
        self._lock = threading.Lock()
        self._is_closing = False

    def run(self, action: Action, command: Any = None, actor: Actor = SYSTEM) -> Future:
        """Run an action in one transaction of its own, or in the next batch if it is a batched one.

        The future ends after the commit and after the events were published. It raises the Problem of the action,
        Unavailable when the database does not answer, or Internal for our own mistake.
        """
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        if self._is_closing:
            future.set_exception(Unavailable())
            return future
        if not hasattr(action, "batch_limit"):
            self._writer.submit(self._one, loop, action, command, actor, future, True)
            return future
        lane = self._lanes.get(action) or self._lanes.setdefault(action, _Lane())
        if len(lane.waiting) >= LONGEST_LANE:
            future.set_exception(Unavailable())
            return future
        with self._lock:
            lane.waiting.append((Order(actor, command), future))
            is_first, lane.is_queued = not lane.is_queued, True
        if is_first:
            self._queue(loop, action, lane)
        return future

    def read(self, query: Action, command: Any = None, actor: Actor = SYSTEM) -> Future:
        """Run a query on a reader's thread. Raises as `run` does."""
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        if self._is_closing:
            future.set_exception(Unavailable())
            return future
        self._readers.submit(self._one, loop, query, command, actor, future, False)
        return future

    async def close(self) -> None:
        """Wait until everything that was asked for is committed and said, then let the threads go."""
        self._is_closing = True
        waiting = [future for lane in self._lanes.values() for _, future in lane.waiting]
        if waiting:
            await asyncio.wait(waiting)
        for pool in (self._writer, self._readers):
            await asyncio.get_running_loop().run_in_executor(None, pool.shutdown)
        self._database.close_all()

    def _queue(self, loop: asyncio.AbstractEventLoop, action: Action, lane: _Lane) -> None:
        pool = self._writer if action.batch_writes else self._readers  # type: ignore[attr-defined]
        pool.submit(self._batch, loop, action, lane)

    def _batch(self, loop: asyncio.AbstractEventLoop, action: Action, lane: _Lane) -> None:
        with self._lock:
            size = min(len(lane.waiting), action.batch_limit)  # type: ignore[attr-defined]
            entries = [lane.waiting.popleft() for _ in range(size)]
        results, emissions = self._carry_out(action, [order for order, _ in entries])
        # Only now the next one: two batches of a lane at once, in two readers' threads, could end in the wrong order.
        with self._lock:
            lane.is_queued = bool(lane.waiting)
        if lane.is_queued:
            self._queue(loop, action, lane)
        outcomes = [(future, result) for (_, future), result in zip(entries, results, strict=True)]
        loop.call_soon_threadsafe(self._settle, outcomes, emissions)

    def _carry_out(self, action: Action, orders: list[Order[Any]]) -> tuple[list[Any], list[Emission]]:
        """One transaction for all; if that fails, one for each, so that a bad order never harms its neighbours."""
        try:
            return self._attempt(lambda work: action(work, orders), SYSTEM, writes=action.batch_writes)  # type: ignore[attr-defined]
        except Exception as problem:  # noqa: BLE001  whatever it is, the neighbours go on
            if len(orders) == 1 or isinstance(problem, BROKEN):
                # A commit that was cut off may have happened: to try again could store a line twice.
                return [self._as_problem(problem, action)] * len(orders), []
            results, emissions = [], []
            for order in orders:
                result, said = self._carry_out(action, [order])
                results += result
                emissions += said
            return results, emissions

    def _one(
        self, loop: asyncio.AbstractEventLoop, action: Action, command: Any, actor: Actor, future: Future, writes: bool
    ) -> None:
        result: Any
        try:
            result, emissions = self._attempt(lambda work: action(work, command), actor, writes=writes)
        except Exception as problem:  # noqa: BLE001  told to the one who asked
            result, emissions = self._as_problem(problem, action), []
        loop.call_soon_threadsafe(self._settle, [(future, result)], emissions)

    def _settle(self, outcomes: "list[tuple[Future, Any]]", emissions: list[Emission]) -> None:
        try:
            self._publish(emissions)
        except Exception:
            # What is committed is true, whether or not somebody could be told: whoever asked gets an answer.
            log.exception("publish_failed")
        for future, result in outcomes:
            if future.done():
                continue
            if isinstance(result, Problem):
                future.set_exception(result)
            else:
                future.set_result(result)

    def _attempt(self, do: Callable[[Work], R], actor: Actor, *, writes: bool) -> tuple[R, list[Emission]]:
        """What `do` returns and what it said. A unit that lost a deadlock was rolled back for certain: once more."""
        for is_last in (False, True):
            work = Work(actor, datetime.now(UTC), self._rules)
            try:
                return self._in_unit(partial(do, work), writes=writes), work.emissions
            except OperationalError as problem:
                if is_last or not _is_deadlock(problem):
                    raise
        raise AssertionError("unreachable")

    def _in_unit(self, do: Callable[[], R], *, writes: bool) -> R:
        """Call `do` on this thread's connection, for a write in a transaction.

        Each thread keeps its connection. One that broke meanwhile is replaced as long as nothing has been done on it,
        which also holds for a query that was cut off.
        """
        has_begun = False
        for is_last in (False, True):
            try:
                self._database.connect(reuse_if_open=True)
                with transaction() if writes else nullcontext():
                    has_begun = writes
                    return do()
            except BROKEN as problem:
                self._database.manual_close()
                # Whoever has waited 10 s for another writer does not wait as long again.
                if has_begun or is_last or "locked" in str(problem):
                    raise
        raise AssertionError("unreachable")

    def _as_problem(self, problem: Exception, action: Action) -> Problem:
        if isinstance(problem, Problem):
            return problem
        if isinstance(problem, BROKEN):
            log.error("database_unavailable", action=action.__qualname__, problem=type(problem).__name__)
            return Unavailable()
        log.error("action_failed", action=action.__qualname__, exc_info=problem)
        return Internal()


def _is_deadlock(problem: OperationalError) -> bool:
    """PostgreSQL ended the wait of two units for each other by giving up this one."""
    return getattr(problem.__context__, "pgcode", None) == DEADLOCK
