"""Business hours of the call centre, and time counted in working hours."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from beneficiate.domain.booking.slots import DayException, OpenDays, WeeklyBlock, bogota_midnight, to_utc
from beneficiate.formatting import bogota_date, format_at_time, format_weekday, format_weekday_date

LOOK_AHEAD_DAYS = 400
"""After so many closed days in a row the call centre counts as closed for good."""


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """The weekly blocks and the dates that are exceptions; on holidays only an extra opening counts."""

    blocks: Sequence[WeeklyBlock]
    exceptions: Sequence[DayException] = ()


DEFAULT_BUSINESS_HOURS = BusinessHours(
    (*(WeeklyBlock(weekday, 7 * 60, 19 * 60) for weekday in range(5)), WeeklyBlock(5, 8 * 60, 13 * 60))
)
"""Monday to Friday from 7:00 to 19:00, Saturday from 8:00 to 13:00."""


def add_working_hours(start: datetime, hours: float, business_hours: BusinessHours) -> datetime:
    """Return the first moment at which the call centre has been open for so many hours since `start`.

    It may be a closing time (one hour after Friday 18:00 is Friday 19:00). Raises ValueError for a negative number of
    hours, or when the call centre never opens that long.
    """
    left = timedelta(hours=hours)
    if left < timedelta(0):
        raise ValueError("working hours are counted forwards only")
    if not left:
        return to_utc(start)
    for opens, closes in _iterate_open_intervals(start, business_hours):
        if left <= closes - opens:
            return opens + left
        left -= closes - opens
    raise ValueError(f"the call centre does not open for {hours} more hours")


def find_next_opening(now: datetime, business_hours: BusinessHours) -> datetime | None:
    """Return the first moment from `now` (included) at which the call centre is open; None if it never opens."""
    return next((opens for opens, _ in _iterate_open_intervals(now, business_hours)), None)


def open_spans_of_day(day: date, business_hours: BusinessHours) -> list[tuple[int, int]]:
    """Return the open (start, end) spans of a day in order, in minutes of the day."""
    return OpenDays(business_hours.blocks, business_hours.exceptions).open_spans(day)


def is_open_at(now: datetime, business_hours: BusinessHours) -> bool:
    """Return whether the call centre is open at this moment."""
    return find_next_opening(now, business_hours) == now


def _iterate_open_intervals(start: datetime, business_hours: BusinessHours) -> Iterator[tuple[datetime, datetime]]:
    """Yield the open intervals from `start` on, in order. Ends after `LOOK_AHEAD_DAYS` closed days."""
    start = to_utc(start)
    days = OpenDays(business_hours.blocks, business_hours.exceptions)
    day = bogota_date(start)
    closed_days = 0
    while closed_days < LOOK_AHEAD_DAYS:
        midnight = bogota_midnight(day)
        spans = days.open_spans(day)
        for opens, closes in spans:
            if midnight + timedelta(minutes=closes) > start:
                yield max(start, midnight + timedelta(minutes=opens)), midnight + timedelta(minutes=closes)
        closed_days = 0 if spans else closed_days + 1
        day += timedelta(days=1)


def reopening_sentence(now: datetime, opens_at: datetime | None) -> str:
    """Return when we open: `Volvemos mañana a las 8:00 a. m.`, with the date if it is more than a week away."""
    if opens_at is None:
        return "Por ahora no estamos atendiendo."
    days = (bogota_date(opens_at) - bogota_date(now)).days
    later = format_weekday(opens_at) if days < 7 else format_weekday_date(opens_at)
    day = {0: "hoy", 1: "mañana"}.get(days, f"el {later}")
    return f"Volvemos {day} {format_at_time(opens_at)}"
