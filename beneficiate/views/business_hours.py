"""The supervisors' page of business hours."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from beneficiate.domain.booking.slots import DAY_MINUTES, DayException, bogota_midnight
from beneficiate.formatting import format_minute_of_day
from beneficiate.views.pages import StaffPage
from beneficiate.views.service_levels import MovedChats

MIN_BLOCKS_SHOWN = 2
"""Rows of the form for one weekday; there is always an empty one."""


@dataclass(frozen=True)
class ExceptionalDay:
    """A day with other hours than its weekday has."""

    day: date
    exceptions: list[DayException]

    @property
    def at(self) -> datetime:
        """Its midnight in Bogotá."""
        return bogota_midnight(self.day)

    @property
    def sentence(self) -> str:
        """`Abierto solo de 8:00 a. m. a 12:00 p. m.`, `Cerrado todo el día`."""
        opened = [one for one in self.exceptions if one.is_open]
        spans = [one.hours for one in opened or self.exceptions]
        if not opened and (0, DAY_MINUTES) in spans:
            return "Cerrado todo el día"
        return f"{'Abierto solo' if opened else 'Cerrado'} {spans_text(spans)}"


@dataclass(frozen=True)
class BusinessHoursToday:
    """The hours of today, in minutes of the day, and whether the call centre is open now.

    `sentence` says when it opens again; empty while it is open.
    """

    is_open: bool
    sentence: str
    spans: list[tuple[int, int]]

    @property
    def hours_text(self) -> str:
        """`Hoy: de 8:00 a. m. a 1:00 p. m.`, `Hoy: todo el día`, `Hoy no abrimos`."""
        if self.spans == [(0, DAY_MINUTES)]:
            return "Hoy: todo el día"
        return f"Hoy: {spans_text(self.spans)}" if self.spans else "Hoy no abrimos"

    @property
    def state_text(self) -> str:
        """`Abierto ahora`, `Volvemos mañana a las 7:00 a. m.`."""
        return "Abierto ahora" if self.is_open else self.sentence


@dataclass(frozen=True)
class Schedule:
    """The hours as a supervisor edits them: the week, the coming days that differ, the holidays of a year.

    `week` has the blocks of each weekday from Monday on, in minutes of the day. `sentence` says when the call centre
    opens again; empty while it is open.
    """

    is_open: bool
    sentence: str
    week: list[list[tuple[int, int]]]
    days: list[ExceptionalDay]
    holidays: list[tuple[datetime, str]]
    today: date

    @property
    def week_rows(self) -> list[list[tuple[str, str]]]:
        """The rows of the form for each weekday, as `08:00` and `12:00`; empty ones at the end."""
        return [_block_rows(blocks) for blocks in self.week]


@dataclass(frozen=True)
class HoursConfirmation:
    """A change that is not saved yet, since it moves deadlines of open chats: the form's address and fields."""

    path: str
    fields: list[tuple[str, str]]
    moves: MovedChats


@dataclass(frozen=True)
class BusinessHoursForm(StaffPage):
    """`/supervisor/horario`. `typed` and `wrong` are values and errors by field; `done` is what was just saved.

    `confirmation` has what was sent and has to be confirmed first.
    """

    template: ClassVar[str] = "business_hours/business_hours.html"

    schedule: Schedule
    typed: dict[str, str]
    wrong: dict[str, str]
    done: str
    confirmation: HoursConfirmation | None = None


def spans_text(spans: list[tuple[int, int]]) -> str:
    """Return parts of a day in words: `de 8:00 a. m. a 12:00 p. m. y de 2:00 p. m. a 6:00 p. m.`."""
    return " y ".join(f"de {format_minute_of_day(starts)} a {format_minute_of_day(ends)}" for starts, ends in spans)


def _block_rows(blocks: list[tuple[int, int]]) -> list[tuple[str, str]]:
    rows = [(_time_value(starts), _time_value(ends)) for starts, ends in blocks]
    return rows + [("", "")] * (max(MIN_BLOCKS_SHOWN, len(blocks) + 1) - len(blocks))


def _time_value(minute: int) -> str:
    return f"{minute // 60 % 24:02}:{minute % 60:02}"
