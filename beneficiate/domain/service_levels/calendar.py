"""Working time: the hours in which the call centre is open, to count deadlines in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from beneficiate.domain.booking.business_hours import BusinessHours
from beneficiate.domain.booking.slots import OpenDays, bogota_midnight
from beneficiate.formatting import bogota_date

HORIZON_DAYS = 400
"""A deadline that is further away is none: the call centre hardly opens any more."""
MAX_KNOWN_DAYS = 2_000
"""So many days are kept once they were read."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_NOTHING = timedelta(0)
Interval = tuple[datetime, datetime]


class WorkingCalendar:
    """The open intervals of each day, read once from the business hours, which it keeps.

    Most of what is counted lies in the interval that was used last: then no day is looked up, which takes ten times as
    long.
    """

    def __init__(self, hours: BusinessHours) -> None:
        self.hours = hours
        self._days = OpenDays(hours.blocks, hours.exceptions)
        self._known: dict[date, list[Interval]] = {}
        self._recent: Interval = (_LONG_AGO, _LONG_AGO)

    def open_intervals(self, day: date) -> list[Interval]:
        """Return the open intervals of a day in Bogotá, in order."""
        found = self._known.get(day)
        if found is None:
            if len(self._known) >= MAX_KNOWN_DAYS:
                self._known = {}
            midnight, minute = bogota_midnight(day), timedelta(minutes=1)
            found = [(midnight + starts * minute, midnight + ends * minute) for starts, ends in self._open_spans(day)]
            self._known[day] = found
        return found

    def add(self, start: datetime, seconds: float) -> datetime | None:
        """Return the first moment until which the call centre has been open for so long since `start`.

        It may be a closing time. None if it does not come within `HORIZON_DAYS`.
        """
        left = timedelta(seconds=seconds)
        if left <= _NOTHING:
            return start
        opens, closes = self._recent
        if opens <= start and start + left <= closes:
            return start + left
        for opens, closes in self._iterate_intervals(start, bogota_date(start) + timedelta(days=HORIZON_DAYS)):
            if left <= closes - opens:
                self._recent = opens, closes
                return opens + left
            left -= closes - opens
        return None

    def seconds_between(self, start: datetime, end: datetime) -> int:
        """Return for how many whole seconds the call centre was open between two moments; 0 if they are reversed."""
        opens, closes = self._recent
        if opens <= start <= end <= closes:
            return round((end - start).total_seconds())
        total = _NOTHING
        for opens, closes in self._iterate_intervals(start, bogota_date(end)):
            total += max(min(closes, end) - opens, _NOTHING)
        return round(total.total_seconds())

    def _open_spans(self, day: date) -> list[tuple[int, int]]:
        return self._days.open_spans(day)

    def _iterate_intervals(self, start: datetime, last_day: date) -> Iterator[Interval]:
        """Yield the open intervals from `start` on until the end of `last_day`; the first may begin at `start`."""
        day, one_day = bogota_date(start), timedelta(days=1)
        while day <= last_day:
            for opens, closes in self.open_intervals(day):
                if closes > start:
                    yield max(start, opens), closes
            day += one_day


@dataclass(slots=True)
class CalendarCache:
    """The last calendar that was read, with the revision of the business hours that it has at least."""

    known: tuple[int, WorkingCalendar] | None = None
