"""The unit of work that actions run in, the events that they emit, and batched actions."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

from beneficiate.domain.booking.rules import DEFAULT_RULES, BusinessRules
from beneficiate.domain.service_levels.calendar import CalendarCache
from beneficiate.errors import Problem
from beneficiate.protocol.envelope import Event

C = TypeVar("C")
R = TypeVar("R")
D = TypeVar("D")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and from where. `role` is member, agent, supervisor or system.

    `agent_id` is set for those who answer chats. `address` is the IP address, `request_id` that of the request or the
    handshake; both are empty where no request is behind an action, and make no other actor.
    """

    user_id: int
    role: str
    agent_id: int | None = None
    name: str = ""
    address: str = field(default="", compare=False)
    request_id: str = field(default="", compare=False)


SYSTEM = Actor(0, "system")


class MessageMark(NamedTuple):
    """A stored message, and the channel of its author."""

    chat_id: int
    seq: int
    message_id: int
    author_channel: str


@dataclass(slots=True)
class OutgoingEvent:
    """An event and the channels whose subscribers receive it."""

    event: Event
    channels: tuple[str, ...]
    mark: MessageMark | None = None


class UnitMark(NamedTuple):
    """A moment within a unit of work: how many events it had emitted, and how much it had deferred by step."""

    emitted: int
    deferred: dict[Callable[..., None], int]


@dataclass(slots=True)
class UnitOfWork:
    """One unit of work: who acts, when, by which rules; the events and hints are published once it is committed.

    `deferred` has what is left to do before the commit, by the step that does it. `calendars` is shared by all units of
    a process.
    """

    actor: Actor
    now: datetime
    rules: BusinessRules = DEFAULT_RULES
    outgoing: list[OutgoingEvent] = field(default_factory=list)
    hints: dict[str, OutgoingEvent] = field(default_factory=dict)
    # Any: each step takes items of a type of its own, which a dictionary cannot say.
    deferred: dict[Callable[..., None], list[Any]] = field(default_factory=dict)
    calendars: CalendarCache = field(default_factory=CalendarCache)

    def emit(self, event: Event, channels: Iterable[str], mark: MessageMark | None = None) -> None:
        """Publish `event` to `channels` after the commit.

        `mark` names a stored message, so that its author is notified once it was written to a receiver.
        """
        self.outgoing.append(OutgoingEvent(event, tuple(channels), mark))

    def hint(self, event: Event, channel: str) -> None:
        """Publish that something about a channel has changed, once after the commit.

        A part of the unit that is rolled back leaves its hint: whoever gets it reads what there is.
        """
        self.hints[channel] = OutgoingEvent(event, (channel,))

    def defer(self, step: "Callable[[UnitOfWork, list[D]], None]", item: D) -> None:
        """Let `step` handle the item at the end of the transaction, together with all others that it is to handle.

        For a lock that many units of work take: it is held only until the commit, and no other lock is taken after it.
        """
        self.deferred.setdefault(step, []).append(item)

    def finish(self) -> None:
        """Do what was deferred. Whoever runs the unit of work calls it, in its transaction."""
        while self.deferred:
            step = next(iter(self.deferred))
            step(self, self.deferred.pop(step))

    def mark(self) -> UnitMark:
        """Return the present moment, for `undo_to`."""
        return UnitMark(len(self.outgoing), {step: len(items) for step, items in self.deferred.items()})

    def undo_to(self, mark: UnitMark) -> None:
        """Forget what was emitted and deferred since a moment: the rows were rolled back."""
        del self.outgoing[mark.emitted :]
        for step, items in self.deferred.items():
            del items[mark.deferred.get(step, 0) :]


@dataclass(slots=True)
class BatchItem(Generic[C]):
    """One command of a batch, and its actor."""

    actor: Actor
    command: C


BatchFunction = Callable[[UnitOfWork, list[BatchItem[C]]], Sequence[R | Problem]]


@dataclass(frozen=True, slots=True)
class BatchedAction(Generic[C, R]):
    """A function that is called with all commands that wait for it, and returns as many results in their order.

    A Problem in the list is raised to the caller of that command. `limit` is the most commands of one batch. `lock_key`
    names the field of the commands that says which row they lock.
    """

    function: BatchFunction[C, R]
    limit: int
    writes: bool
    lock_key: str = ""

    def run_one(self, uow: UnitOfWork, command: C) -> R:
        """Call the function with one command of the unit's actor, within that unit; raise its Problem."""
        (result,) = self.function(uow, [BatchItem(uow.actor, command)])
        if isinstance(result, Problem):
            raise result
        return result


def batched(
    limit: int = 500, *, writes: bool = True, lock_key: str = ""
) -> Callable[[BatchFunction[C, R]], BatchedAction[C, R]]:
    """Make `function(uow, items)` a batched action; `writes=False` runs it on a reader thread."""
    return lambda function: BatchedAction(function, limit, writes, lock_key)


def handle_each(items: list[BatchItem[C]], handle: Callable[[BatchItem[C]], R]) -> list[R | Problem]:
    """Return what `handle` returns for each item of a batch, or the Problem that it raised."""
    results: list[R | Problem] = []
    for item in items:
        try:
            results.append(handle(item))
        except Problem as problem:
            results.append(problem)
    return results
