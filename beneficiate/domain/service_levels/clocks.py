"""The clocks of one chat: they run in working time, and only while its member waits for us.

A response clock runs from the member's first message without an answer until the answer. The resolution clock adds up
all the time in a span in which the member waited: while they owe us an answer it stands still. A deadline that has
passed is broken for good: neither an answer nor other business hours make it late a second time.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from beneficiate.domain.service_levels.calendar import WorkingCalendar
from beneficiate.domain.service_levels.promises import Outcome, Promise, PromisedTimes


@dataclass(frozen=True, slots=True)
class Clocks:
    """The deadlines of a chat as its row has them; None where no clock runs.

    `is_answered`: somebody of the staff has replied in this span. `used_s`: the working seconds of earlier waits in
    this span. `alarm_at` is the next moment at which a warning or a deadline is to be noticed: what is before it was.
    """

    awaiting_since: datetime | None = None
    is_answered: bool = False
    used_s: int = 0
    response_due_at: datetime | None = None
    response_warn_at: datetime | None = None
    resolution_due_at: datetime | None = None
    resolution_warn_at: datetime | None = None
    alarm_at: datetime | None = None

    @property
    def response(self) -> Promise:
        """Which response the member waits for."""
        return Promise.NEXT_RESPONSE if self.is_answered else Promise.FIRST_RESPONSE

    @property
    def nearest_deadline(self) -> tuple[datetime | None, datetime | None]:
        """The deadline that comes first, and when we warn of it; none if no clock runs."""
        response = (self.response_due_at, self.response_warn_at)
        resolution = (self.resolution_due_at, self.resolution_warn_at)
        if response[0] is None or (resolution[0] is not None and resolution[0] < response[0]):
            return resolution
        return response

    def is_noticed(self, at: datetime | None) -> bool:
        """Return whether a moment of this chat has come and was noticed."""
        return at is not None and (self.alarm_at is None or at < self.alarm_at)


class _ClockTimes(NamedTuple):
    """When a clock runs out, and when we warn of it."""

    due_at: datetime | None
    warn_at: datetime | None


class Notice(NamedTuple):
    """A deadline that comes soon, or has passed."""

    promise: Promise
    is_late: bool
    due_at: datetime


def start_clocks(
    clocks: Clocks, promised: PromisedTimes, since: datetime, now: datetime, calendar: WorkingCalendar
) -> Clocks:
    """Return the clocks of a chat whose member waits since then. A broken resolution stays so."""
    resolution = (clocks.resolution_due_at, clocks.resolution_warn_at, clocks.alarm_at)
    fresh = Clocks(since, clocks.is_answered, clocks.used_s, None, None, *resolution)
    return move_deadlines(fresh, promised, now, calendar)


def stop_clocks(clocks: Clocks, now: datetime, calendar: WorkingCalendar) -> tuple[Clocks, list[Outcome]]:
    """Return the clocks of a chat whose member was answered, and what became of the promises."""
    since = clocks.awaiting_since or now
    waited_s = calendar.seconds_between(since, now)
    outcomes = _end_response(clocks, now, waited_s, is_kept=True)
    used_s = clocks.used_s + waited_s
    stopped = Clocks(None, is_answered=True, used_s=used_s, resolution_due_at=clocks.resolution_due_at)
    if clocks.is_noticed(clocks.resolution_due_at):
        return stopped, outcomes
    if clocks.resolution_due_at is not None and now > clocks.resolution_due_at:
        return stopped, [*outcomes, Outcome(Promise.RESOLUTION, False, used_s)]
    return replace(stopped, resolution_due_at=None), outcomes


def end_clocks(clocks: Clocks, promised: PromisedTimes, now: datetime, calendar: WorkingCalendar) -> list[Outcome]:
    """Return what became of the promises of a chat that ends.

    Who leaves before a deadline without an answer counts for nothing; who leaves after it was let down.
    """
    waited_s = calendar.seconds_between(clocks.awaiting_since, now) if clocks.awaiting_since else 0
    outcomes = _end_response(clocks, now, waited_s, is_kept=False)
    if promised.resolution_s is None or clocks.is_noticed(clocks.resolution_due_at):
        return outcomes
    is_late = clocks.resolution_due_at is not None and now > clocks.resolution_due_at
    if is_late or clocks.is_answered:
        outcomes.append(Outcome(Promise.RESOLUTION, not is_late, clocks.used_s + waited_s))
    return outcomes


def move_deadlines(clocks: Clocks, promised: PromisedTimes, now: datetime, calendar: WorkingCalendar) -> Clocks:
    """Return the clocks after promises or business hours have changed.

    What was noticed as broken stays as it is. No deadline moves into the past: one that would have passed passes now.
    """
    since = clocks.awaiting_since
    if since is None:
        return clocks
    response = _ClockTimes(clocks.response_due_at, clocks.response_warn_at)
    resolution = _ClockTimes(clocks.resolution_due_at, clocks.resolution_warn_at)
    moved_response = _move(clocks, response, _count(promised, clocks.response, 0, since, calendar), now)
    moved_resolution = _move(
        clocks, resolution, _count(promised, Promise.RESOLUTION, clocks.used_s, since, calendar), now
    )
    coming = [
        at
        for before, after in ((response, moved_response), (resolution, moved_resolution))
        for at in after
        if at is not None and (before != after or not clocks.is_noticed(at))
    ]
    times = (*moved_response, *moved_resolution, min(coming, default=None))
    return Clocks(since, clocks.is_answered, clocks.used_s, *times)


def notice_alarms(clocks: Clocks, now: datetime) -> tuple[Clocks, list[Notice]]:
    """Return the clocks with everything noticed until now, and what that is: of each promise the last that came."""
    notices = []
    for promise, due_at, warn_at in (
        (clocks.response, clocks.response_due_at, clocks.response_warn_at),
        (Promise.RESOLUTION, clocks.resolution_due_at, clocks.resolution_warn_at),
    ):
        if due_at is None or clocks.is_noticed(due_at):
            continue
        if due_at < now:
            notices.append(Notice(promise, True, due_at))
        elif warn_at is not None and warn_at <= now and not clocks.is_noticed(warn_at):
            notices.append(Notice(promise, False, due_at))
    warnings = (clocks.response_warn_at, clocks.resolution_warn_at)
    deadlines = (clocks.response_due_at, clocks.resolution_due_at)
    coming = [at for at in warnings if at is not None and at > now]
    coming += [at for at in deadlines if at is not None and at >= now]
    return replace(clocks, alarm_at=min(coming, default=None)), notices


def _end_response(clocks: Clocks, now: datetime, waited_s: int, *, is_kept: bool) -> list[Outcome]:
    due_at = clocks.response_due_at
    if due_at is None or clocks.is_noticed(due_at):
        return []
    if now > due_at:
        return [Outcome(clocks.response, False, waited_s)]
    return [Outcome(clocks.response, True, waited_s)] if is_kept else []


def _count(
    promised: PromisedTimes, promise: Promise, used_s: int, since: datetime, calendar: WorkingCalendar
) -> _ClockTimes:
    """Return the deadline of a promise of which so much working time was used before this wait."""
    promise_s = promised.seconds(promise)
    if promise_s is None:
        return _ClockTimes(None, None)
    warn_at = calendar.add(since, promised.seconds_until_warning(promise_s) - used_s)
    return _ClockTimes(calendar.add(since, promise_s - used_s), warn_at)


def _move(clocks: Clocks, before: _ClockTimes, after: _ClockTimes, now: datetime) -> _ClockTimes:
    if clocks.is_noticed(before.due_at) or before == after:
        return before
    return _ClockTimes(*(at if at is None else max(at, now) for at in after))
