"""The free slots of a professional.

Open are the weekly blocks unless the day is a holiday, minus what is closed on that date, plus what is opened on that
date: an extra opening wins over both a holiday and a closing. No appointment crosses midnight.

Internally a moment is a whole minute since 1970 (UTC) and a time of day is a minute since local midnight. Colombia has
no daylight saving time, so the two differ by a constant within a day.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import NamedTuple

from beneficiate.domain.booking.holidays import is_holiday
from beneficiate.formatting import BOGOTA, bogota_date

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
GRID_MINUTES = 5
"""Every appointment starts on a multiple of these minutes."""

DAY_MINUTES = 24 * 60
_MINUTE = timedelta(minutes=1)


def _require_valid_hours(starts: int, ends: int) -> None:
    if not 0 <= starts < ends <= DAY_MINUTES:
        raise ValueError(f"from minute {starts} to minute {ends} is not a part of a day")


@dataclass(frozen=True, slots=True)
class WeeklyBlock:
    """A block of a weekday (0 is Monday) in minutes since midnight; `ends` is the first minute that is outside."""

    weekday: int
    starts: int
    ends: int

    def __post_init__(self) -> None:
        _require_valid_hours(self.starts, self.ends)
        if not 0 <= self.weekday <= 6:
            raise ValueError(f"there is no weekday {self.weekday}")


@dataclass(frozen=True, slots=True)
class DayException:
    """A date, or a part of it, that is closed; or, with `is_open`, an extra opening.

    For a closing, `starts` None means from midnight and `ends` None until midnight; an opening must have both.
    """

    day: date
    starts: int | None
    ends: int | None
    is_open: bool

    def __post_init__(self) -> None:
        _require_valid_hours(*self.hours)
        if self.is_open and (self.starts is None or self.ends is None):
            raise ValueError("an extra opening must say its hours")

    @property
    def hours(self) -> tuple[int, int]:
        """Return the first and the last minute of the day; without times the whole day."""
        return self.starts or 0, DAY_MINUTES if self.ends is None else self.ends


@dataclass(frozen=True, slots=True)
class Timetable:
    """The hours of a professional, the duration of an appointment and the buffer that must follow it, in minutes."""

    blocks: Sequence[WeeklyBlock]
    exceptions: Sequence[DayException]
    duration_minutes: int
    buffer_minutes: int

    def __post_init__(self) -> None:
        if self.duration_minutes <= 0 or self.buffer_minutes < 0:
            raise ValueError("an appointment must take some time and its buffer cannot be negative")


class OpenInterval(NamedTuple):
    """An open part of one day, and where the grid of its block begins (a closing does not move the grid)."""

    starts: int
    ends: int
    anchor: int


class OpenDays:
    """The open hours of each date, from weekly blocks, exceptions and holidays."""

    def __init__(self, blocks: Iterable[WeeklyBlock], exceptions: Iterable[DayException]) -> None:
        self._blocks: defaultdict[int, list[WeeklyBlock]] = defaultdict(list)
        self._exceptions: defaultdict[date, list[DayException]] = defaultdict(list)
        for block in blocks:
            self._blocks[block.weekday].append(block)
        for exception in exceptions:
            self._exceptions[exception.day].append(exception)

    def open_intervals(self, day: date) -> list[OpenInterval]:
        """Return the open parts block by block; two may touch or overlap."""
        exceptions = self._exceptions.get(day, ())
        found = [OpenInterval(*one.hours, one.hours[0]) for one in exceptions if one.is_open]
        if not is_holiday(day):
            closed = sorted(one.hours for one in exceptions if not one.is_open)
            for block in self._blocks.get(day.weekday(), ()):
                found += (OpenInterval(*span, block.starts) for span in _subtract_closed(block, closed))
        return sorted(found)

    def open_spans(self, day: date) -> list[tuple[int, int]]:
        """Return the open (start, end) spans in order, merged so that no two touch."""
        return _merge_spans((one.starts, one.ends) for one in self.open_intervals(day))

    def is_open(self, day: date, starts: int, ends: int) -> bool:
        """Return whether every minute of this part of the day is open."""
        return any(opens <= starts and ends <= closes for opens, closes in self.open_spans(day))

    def regular_starts(self, day: date, duration: int, buffer: int) -> list[int]:
        """Return the regular starts of the day, in order; those of overlapping blocks may overlap."""
        step = _round_up(duration + buffer, GRID_MINUTES)
        found: set[int] = set()
        for one in self.open_intervals(day):
            anchor = _round_up(one.anchor, GRID_MINUTES)
            found.update(range(anchor + _round_up(max(0, one.starts - anchor), step), one.ends - duration + 1, step))
        return sorted(found)


class _TakenTimes:
    """The occupied times, with the buffer before each (which the new appointment needs) and after it (its own)."""

    def __init__(self, taken: Iterable[tuple[datetime, datetime]], buffer: int) -> None:
        spans = _merge_spans(sorted((_minute_of(a) - buffer, _minute_after(b) + buffer) for a, b in taken))
        self._starts = [starts for starts, _ in spans]
        self._ends = [ends for _, ends in spans]

    def overlaps(self, starts: int, ends: int) -> bool:
        first = bisect_right(self._ends, starts)
        return first < len(self._starts) and self._starts[first] < ends


def free_slots(
    timetable: Timetable,
    taken: Iterable[tuple[datetime, datetime]],
    now: datetime,
    first_day: date,
    last_day: date,
    *,
    notice: timedelta,
    horizon: timedelta,
    limit: int | None = None,
) -> list[datetime]:
    """Return the starts to offer from `first_day` to `last_day` (both included), in order, at most `limit`.

    They lie on the grid of their block: its start and then every duration and buffer, both rounded up to 5 minutes. All
    of them could be booked together: no two overlap and there is a buffer after each. None is before `now + notice` or
    after `now + horizon`. 60 days with 850 slots take 2 ms, with 1,700 slots 4 ms.
    """
    minutes = _iterate_free_minutes(timetable, taken, (now + notice, now + horizon), first_day, last_day)
    return [_moment_of(minute) for minute in islice(minutes, limit)]


def is_bookable(
    timetable: Timetable,
    starts_at: datetime,
    taken: Iterable[tuple[datetime, datetime]],
    now: datetime,
    notice: timedelta,
    horizon: timedelta,
    *,
    on_grid: bool = False,
) -> bool:
    """Return whether an appointment may start then.

    It must be on a multiple of 5 minutes, within open hours, notice and horizon, and clear of what is taken. With
    `on_grid`, only the regular starts count (those that `free_slots` chooses from).
    """
    minute = _minute_of(starts_at)
    if _moment_of(minute) != starts_at or minute % GRID_MINUTES:
        return False
    if not now + notice <= starts_at <= now + horizon:
        return False
    duration, buffer = timetable.duration_minutes, timetable.buffer_minutes
    if _TakenTimes(taken, buffer).overlaps(minute, minute + duration):
        return False
    days, day = OpenDays(timetable.blocks, timetable.exceptions), _day_of(minute)
    starts = minute - _midnight(day)
    return (
        starts in days.regular_starts(day, duration, buffer)
        if on_grid
        else days.is_open(day, starts, starts + duration)
    )


def to_utc(moment: datetime) -> datetime:
    """Return the moment in UTC. Raises TypeError for a naive one, which `astimezone` takes for the machine's zone."""
    return EPOCH + (moment - EPOCH)


def bogota_midnight(day: date) -> datetime:
    """Return the start of a day in Colombia, in UTC."""
    return to_utc(datetime.combine(day, time(), BOGOTA))


def _iterate_free_minutes(
    timetable: Timetable,
    taken: Iterable[tuple[datetime, datetime]],
    between: tuple[datetime, datetime],
    first_day: date,
    last_day: date,
) -> Iterator[int]:
    duration, buffer = timetable.duration_minutes, timetable.buffer_minutes
    busy = _TakenTimes(taken, buffer)
    days = OpenDays(timetable.blocks, timetable.exceptions)
    earliest, latest = _minute_after(between[0]), _minute_of(between[1])
    free_from = earliest
    # However many days are requested, only those within the horizon are computed.
    for ordinal in range(max(first_day, _day_of(earliest)).toordinal(), min(last_day, _day_of(latest)).toordinal() + 1):
        day = date.fromordinal(ordinal)
        midnight = _midnight(day)
        for starts in days.regular_starts(day, duration, buffer):
            minute = midnight + starts
            if free_from <= minute <= latest and not busy.overlaps(minute, minute + duration):
                yield minute
                free_from = minute + duration + buffer


def _subtract_closed(block: WeeklyBlock, closed: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the parts of a block that remain; `closed` is in order."""
    starts = block.starts
    for closes, opens in closed:
        if starts < min(closes, block.ends):
            yield starts, min(closes, block.ends)
        starts = max(starts, opens)
    if starts < block.ends:
        yield starts, block.ends


def _merge_spans(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans in order, with those that touch or overlap merged."""
    found: list[tuple[int, int]] = []
    for starts, ends in spans:
        if found and starts <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((starts, ends))
    return found


def _round_up(value: int, step: int) -> int:
    """Return the next multiple of a step."""
    return -(-value // step) * step


def _minute_of(moment: datetime) -> int:
    return (moment - EPOCH) // _MINUTE


def _minute_after(moment: datetime) -> int:
    return -((EPOCH - moment) // _MINUTE)


def _moment_of(minute: int) -> datetime:
    return EPOCH + timedelta(minutes=minute)


def _day_of(minute: int) -> date:
    return bogota_date(_moment_of(minute))


def _midnight(day: date) -> int:
    return _minute_of(bogota_midnight(day))
