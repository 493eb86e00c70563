"""The days that a report is about, those before it, and the parts by which it is told: days, weeks or months."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from beneficiate.formatting import BOGOTA, MONTHS, bogota_date, format_day_of_month, format_long_date

MAX_PERIOD_DAYS = 3 * 366
MAX_DAYS_BY_DAY = 366
DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)


class Preset(StrEnum):
    """The periods that one need not type."""

    TODAY = "hoy"
    WEEK = "semana"
    MONTH = "mes"
    RANGE = "rango"


class TimeStep(StrEnum):
    """By what the time of a report is told apart."""

    DAY = "dia"
    WEEK = "semana"
    MONTH = "mes"


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Days in Bogotá, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many there are."""
        return (self.last - self.first).days + 1

    @property
    def text(self) -> str:
        """The days as people read them: `1 al 25 de agosto de 2026`."""
        if self.days == 1:
            return format_long_date(self.first)
        if (self.first.year, self.first.month) == (self.last.year, self.last.month):
            return f"{self.first.day} al {format_long_date(self.last)}"
        if self.first.year == self.last.year:
            return f"{format_day_of_month(self.first)} al {format_long_date(self.last)}"
        return f"{format_long_date(self.first)} al {format_long_date(self.last)}"

    def previous(self) -> "Period":
        """Return as many days, right before these."""
        return Period(self.first - timedelta(days=self.days), self.first - DAY)

    def bounds(self, cut_at: datetime) -> tuple[datetime, datetime]:
        """Return its first instant and its last one, which is not after the cut."""
        start = datetime.combine(self.first, time(), BOGOTA)
        return start, min(datetime.combine(self.last + DAY, time(), BOGOTA) - MICROSECOND, cut_at)

    def begins_by(self, first_day: date | None) -> bool:
        """Return whether each of its days has figures, if these begin on a day; None has none."""
        return first_day is not None and first_day <= self.first

    def ends_before(self, first_day: date | None) -> bool:
        """Return whether none of its days has figures, if these begin on a day; None has none."""
        return first_day is None or self.last < first_day

    def split(self, step: TimeStep) -> Iterator["Period"]:
        """Yield its days, weeks from Monday or months; the first and the last one may be cut."""
        first = self.first
        while first <= self.last:
            last = min(_last_day(first, step), self.last)
            yield Period(first, last)
            first = last + DAY


def cut_before(cut_at: datetime, period: Period) -> datetime:
    """Return when the period before is cut, so that its last day is as long as that of the period."""
    return cut_at - timedelta(days=period.days)


def find_period(preset: Preset, day: date, today: date) -> Period:
    """Return the day, the week or the month that a day is in, until today at most."""
    first = _first_day(day, _STEPS[preset])
    return Period(first, max(first, min(_last_day(first, _STEPS[preset]), today)))


def find_neighbour(preset: Preset, period: Period, today: date, *, is_later: bool) -> date | None:
    """Return a day of the period after or before this one; None where it has not begun."""
    day = _last_day(period.first, _STEPS[preset]) + DAY if is_later else period.first - DAY
    return day if day <= today else None


def name_period(preset: Preset, period: Period) -> str:
    """Return a short name: `Agosto de 2026`, or the days."""
    if preset is Preset.MONTH:
        return f"{MONTHS[period.first.month - 1].capitalize()} de {period.first.year}"
    return period.text


def default_step(period: Period) -> TimeStep:
    """Return by what a period is told so that a chart has some tens of parts at most."""
    return TimeStep.DAY if period.days <= 62 else TimeStep.WEEK if period.days <= 200 else TimeStep.MONTH


def is_unfinished(period: Period, cut_at: datetime) -> bool:
    """Return whether the cut is in the period."""
    return period.last >= bogota_date(cut_at)


_STEPS = {Preset.TODAY: TimeStep.DAY, Preset.WEEK: TimeStep.WEEK, Preset.MONTH: TimeStep.MONTH}


def _first_day(day: date, step: TimeStep) -> date:
    if step is TimeStep.MONTH:
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if step is TimeStep.WEEK else day


def _last_day(day: date, step: TimeStep) -> date:
    if step is TimeStep.MONTH:
        return (day.replace(day=1) + timedelta(days=32)).replace(day=1) - DAY
    return day + timedelta(days=6 - day.weekday()) if step is TimeStep.WEEK else day
