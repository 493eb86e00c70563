"""When the house is open, counted in working hours."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from beneficiate.scheduling.slots import Block, DayException, Days, in_utc, midnight_of
from beneficiate.spanish import BOGOTA, at_the_hour, weekday, weekday_date

LOOK_AHEAD_DAYS = 400
"""A house that has been shut for so many days in a row does not open any more."""


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """The weekly blocks and the dates that differ; on holidays only an extra opening counts."""

    blocks: Sequence[Block]
    exceptions: Sequence[DayException] = ()


DEFAULT_HOURS = OpeningHours((*(Block(weekday, 7 * 60, 19 * 60) for weekday in range(5)), Block(5, 8 * 60, 13 * 60)))
"""Monday to Friday from 7:00 to 19:00, Saturday from 8:00 to 13:00."""


def add_working_hours(start: datetime, hours: float, opening: OpeningHours) -> datetime:
    """The first moment at which the house has been open for so many hours since `start`.

    It may be a closing time (one hour after Friday 18:00 is Friday 19:00). Raises ValueError for a negative number of
    hours, or when the house never opens that long.
    """
    left = timedelta(hours=hours)
    if left < timedelta(0):
        raise ValueError("working hours are counted forwards only")
    if not left:
        return in_utc(start)
    for opens, closes in _stretches(start, opening):
        if left <= closes - opens:
            return opens + left
        left -= closes - opens
    raise ValueError(f"the house does not open for {hours} more hours")


def next_opening(now: datetime, opening: OpeningHours) -> datetime | None:
    """The first moment from `now` on at which the house is open: `now` itself while it is. None when it never opens."""
    return next((opens for opens, _ in _stretches(now, opening)), None)


def is_open(now: datetime, opening: OpeningHours) -> bool:
    return next_opening(now, opening) == now


def _stretches(start: datetime, opening: OpeningHours) -> Iterator[tuple[datetime, datetime]]:
    """When the house is open from `start` on, in order. Ends when it has been shut for `LOOK_AHEAD_DAYS`."""
    start = in_utc(start)
    days = Days(opening.blocks, opening.exceptions)
    day = start.astimezone(BOGOTA).date()
    shut = 0
    while shut < LOOK_AHEAD_DAYS:
        midnight = midnight_of(day)
        spans = days.spans(day)
        for opens, closes in spans:
            if midnight + timedelta(minutes=closes) > start:
                yield max(start, midnight + timedelta(minutes=opens)), midnight + timedelta(minutes=closes)
        shut = 0 if spans else shut + 1
        day += timedelta(days=1)


def sentence_back(now: datetime, opens_at: datetime | None) -> str:
    """When we are back, as one says it: `Volvemos mañana a las 8:00 a. m.`, the date when it is further than a week."""
    if opens_at is None:
        return "Por ahora no estamos atendiendo."
    days = (opens_at.astimezone(BOGOTA).date() - now.astimezone(BOGOTA).date()).days
    later = weekday(opens_at) if days < 7 else weekday_date(opens_at)
    day = {0: "hoy", 1: "mañana"}.get(days, f"el {later}")
    return f"Volvemos {day} {at_the_hour(opens_at)}"
