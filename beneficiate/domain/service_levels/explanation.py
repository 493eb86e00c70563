"""How a deadline was counted: the days that it crosses with the part of each that was used, and a sentence."""

import math
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from beneficiate.domain.booking.holidays import holiday_name
from beneficiate.domain.service_levels.calendar import HORIZON_DAYS, Interval, WorkingCalendar
from beneficiate.formatting import BOGOTA, NBSP, bogota_date, format_time, format_weekday

MAX_DAYS_SAID = 8
"""A sentence about more days names the first and the last ones."""
NEVER_OPEN = "No hay plazo: con el horario guardado no se atiende en los próximos meses."


@dataclass(frozen=True, slots=True)
class DayPortion:
    """A day that a deadline crosses: the intervals that were used of it, and why none if there are none.

    `seconds` is for how long it was used, as it is said: those of all days add up to the whole.
    """

    day: date
    used: tuple[Interval, ...]
    why_none: str = ""
    seconds: int = 0

    @property
    def hours_text(self) -> str:
        """The used hours: `4:00–6:00 p. m.`, joined by `y`."""
        return join_words([format_interval(*one) for one in self.used])

    @property
    def name_text(self) -> str:
        """The day, with the hours that were used of it: `el sábado 15 (4:00–6:00 p. m.)`."""
        name = f"el {format_weekday(self.day)} {self.day.day}"
        return f"{name} ({self.hours_text})" if self.used else f"{name} {self.why_none}"

    @property
    def sentence(self) -> str:
        """What the sentence of the deadline says of the day: `2 h el sábado 15 (4:00–6:00 p. m.)`."""
        return f"{format_working_time(self.seconds)} {self.name_text}" if self.used else self.name_text


@dataclass(frozen=True, slots=True)
class Explanation:
    """A deadline that was counted from `start` on in working time; `due` is None if it never comes."""

    start: datetime
    seconds: int
    due: datetime | None
    days: tuple[DayPortion, ...]

    @property
    def sentence(self) -> str:
        """The deadline in words: how long, and the days of which it is made."""
        if self.due is None:
            return NEVER_OPEN
        counted = f"{format_working_time(self.seconds)} {_working_word(self.seconds)}"
        if len(self.days) == 1 and self.days[0].used:
            return f"{counted} {self.days[0].name_text}."
        if len(self.days) <= MAX_DAYS_SAID:
            said = [day.sentence for day in self.days]
        else:
            half = MAX_DAYS_SAID // 2
            between = self.days[half:-half]
            worked = format_working_time(sum(day.seconds for day in between))
            said = [day.sentence for day in self.days[:half]]
            said += [f"{worked} en los {len(between)} días siguientes"]
            said += [day.sentence for day in self.days[-half:]]
        return f"{counted}: {', '.join(said)}."


def explain_deadline(start: datetime, seconds: int, calendar: WorkingCalendar) -> Explanation:
    """Return the deadline so many working seconds after `start`, with the days that it crosses."""
    due = calendar.add(start, seconds)
    if due is None:
        return Explanation(start, seconds, None, ())
    days: list[DayPortion] = []
    day, last_day = bogota_date(start), bogota_date(due)
    # Midnight is the end of the day before, unless nothing was used.
    if due.astimezone(BOGOTA).time() == datetime.min.time() and due > start:
        last_day -= timedelta(days=1)
    while day <= last_day and len(days) <= HORIZON_DAYS:
        days.append(_describe_day(day, start, due, calendar))
        day += timedelta(days=1)
    return Explanation(start, seconds, due, _count_seconds(days, seconds))


def format_working_time(seconds: int) -> str:
    """Return a span of working time: `2 h`, `1 h 30 min`, `45 s`."""
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    parts = [f"{number}{NBSP}{unit}" for number, unit in ((hours, "h"), (minutes, "min"), (left, "s")) if number]
    return " ".join(parts[:2]) or f"0{NBSP}min"


def format_interval(starts: datetime, ends: datetime) -> str:
    """Return two times of a day: `4:00–6:00 p. m.`, `10:00 a. m.–2:00 p. m.`, or `todo el día`."""
    if ends - starts == timedelta(days=1):
        return "todo el día"
    first, last = format_time(starts), format_time(ends)
    clock, _, half = first.partition(NBSP)
    # The midnight that ends a day is not of its morning: from 1:00 a. m. it is 23 hours away.
    is_one_half = last.endswith(f"{NBSP}{half}") and bogota_date(starts) == bogota_date(ends)
    return f"{clock}–{last}" if is_one_half else f"{first}–{last}"


def join_words(words: list[str]) -> str:
    """Return words as an enumeration: `a, b y c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} y {words[-1]}" if words else ""


def _count_seconds(days: list[DayPortion], seconds: int) -> tuple[DayPortion, ...]:
    """Return the days with their seconds, which add up to `seconds`; in whole minutes where hours are said.

    Up to each day they are rounded up, since its hours are said from the minute in which they begin: from 4:29:40 until
    6:00 it is 1 h 31 min, as 4:29–6:00 is.
    """
    step = 60 if seconds >= 3600 else 1
    used, said, counted = 0.0, 0, []
    for day in days:
        used += sum((ends - starts).total_seconds() for starts, ends in day.used)
        until = min(math.ceil(round(used, 6) / step) * step, seconds)
        counted.append(replace(day, seconds=until - said))
        said = until
    return tuple(counted)


def _describe_day(day: date, start: datetime, due: datetime, calendar: WorkingCalendar) -> DayPortion:
    intervals = calendar.open_intervals(day)
    used = tuple((max(start, opens), min(due, closes)) for opens, closes in intervals if closes > start and opens < due)
    if used:
        return DayPortion(day, used)
    if intervals:
        return DayPortion(day, (), "ya se había cerrado" if intervals[-1][1] <= start else "todavía no se abre")
    return DayPortion(day, (), "es festivo" if holiday_name(day) else "no se atiende")


def _working_word(seconds: int) -> str:
    return "hábil" if seconds in (1, 60, 3600) else "hábiles"
