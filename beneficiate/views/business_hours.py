"""The supervisors' page of business hours."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from beneficiate.domain.booking.hours_text import describe_day, describe_week
from beneficiate.domain.booking.slots import DAY_MINUTES, DayException, WeeklyBlock, bogota_midnight
from beneficiate.formatting import WEEKDAYS, format_long_date, format_minute_of_day, format_weekday
from beneficiate.views.administration import AdministrationList, ListRow
from beneficiate.views.edit_forms import EditForm, FieldLabels, LastChange
from beneficiate.views.pages import StaffPage
from beneficiate.views.service_levels import MovedChats

MIN_BLOCKS_SHOWN = 2
"""Rows of the form for one weekday; there is always an empty one."""
WEEK_LABELS = FieldLabels({f"dia-{number}": name.capitalize() for number, name in enumerate(WEEKDAYS)})
_TYPED_OPENING = re.compile(r"dia-([0-6])-([0-9]{1,2})-desde")


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
    def stored_text(self) -> str:
        """What its form has shown, as the form sends it."""
        return describe_day(self.exceptions)

    @property
    def sentence(self) -> str:
        """`Abierto solo de 8:00 a. m. a 12:00 p. m.`, `Cerrado todo el día`."""
        if not self.exceptions:
            return "Como los demás de la semana"
        opened = [one for one in self.exceptions if one.is_open]
        spans = [one.hours for one in opened or self.exceptions]
        if (0, DAY_MINUTES) in spans:
            return "Abierto todo el día" if opened else "Cerrado todo el día"
        return f"{'Abierto solo' if opened else 'Cerrado'} {spans_text(spans)}"


@dataclass(frozen=True)
class DayRow(ListRow):
    """A day that differs, in a list: found by its date as it is written or said, or by its hours."""

    shown: ExceptionalDay


def build_day_rows(days: Iterable[ExceptionalDay]) -> list[DayRow]:
    """Return days as rows of a list, which sorts them by their dates."""
    return [
        DayRow(
            row_id=one.day.toordinal(),
            name=one.day.isoformat(),
            state="",
            search_text=f"{format_weekday(one.day)} {format_long_date(one.day)} {one.day} {one.sentence}",
            shown=one,
        )
        for one in days
    ]


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


@dataclass(frozen=True)
class WeekForm:
    """The form of the week: what is stored, in minutes of the day, and what was typed, by field."""

    stored: list[list[tuple[int, int]]]
    typed: Mapping[str, str]

    @property
    def rows(self) -> list[list[tuple[str, str]]]:
        """The rows for each weekday, as `08:00` and `12:00`, as typed or as stored; empty ones at the end."""
        if any(f"dia-{weekday}" in self.typed for weekday in range(len(WEEKDAYS))):
            # Chosen where two changes met.
            texts = (self.typed.get(f"dia-{weekday}", "") for weekday in range(len(WEEKDAYS)))
            return [_add_empty_rows(split_hours(text)) for text in texts]
        numbers = [(int(found[1]), found[2]) for name in self.typed if (found := _TYPED_OPENING.fullmatch(name))]
        if not numbers:
            stored = [[(_time_value(starts), _time_value(ends)) for starts, ends in blocks] for blocks in self.stored]
            return list(map(_add_empty_rows, stored))
        rows: list[list[tuple[str, str]]] = [[] for _ in WEEKDAYS]
        for weekday, number in numbers:
            name = f"dia-{weekday}-{number}"
            rows[weekday].append((self.typed.get(f"{name}-desde", ""), self.typed.get(f"{name}-hasta", "")))
        return [_add_empty_rows([row for row in typed if any(row)]) for typed in rows]

    @property
    def seen(self) -> dict[str, str]:
        """What the form had of each weekday when it was opened, by the name of the weekday's field."""
        blocks = (WeeklyBlock(day, *block) for day, blocks in enumerate(self.stored) for block in blocks)
        stored = week_texts(describe_week(blocks))
        return {name: self.typed.get(f"antes-{name}", text) for name, text in stored.items()}


@dataclass(frozen=True)
class HoursConfirmation:
    """A change that is not saved yet, since it moves deadlines of open chats: the form's address and fields."""

    path: str
    fields: list[tuple[str, str]]
    moves: MovedChats


@dataclass(frozen=True)
class StoredDay:
    """What is stored of a date; without exceptions it is like its weekday."""

    exceptions: list[DayException]
    last_change: LastChange | None


@dataclass(frozen=True)
class DayClash:
    """A date that somebody else has changed since the page was opened: the form's address and fields, and both changes.

    `sent` is empty for a date that becomes like its weekday. `page` is where what is stored is kept.
    """

    path: str
    page: str
    fields: list[tuple[str, str]]
    day: date
    sent: list[DayException]
    stored: StoredDay

    @property
    def at(self) -> datetime:
        """Its midnight in Bogotá."""
        return bogota_midnight(self.day)

    @property
    def sent_text(self) -> str:
        """`Abierto solo de 8:00 a. m. a 12:00 p. m.`."""
        return ExceptionalDay(self.day, self.sent).sentence

    @property
    def saved_text(self) -> str:
        """`Cerrado todo el día`."""
        return ExceptionalDay(self.day, self.stored.exceptions).sentence

    @property
    def seen_field(self) -> tuple[str, str]:
        """The name and the value of the field that says what this page has shown of the date."""
        return f"antes-{self.day}" if self.sent else "antes", describe_day(self.stored.exceptions)


@dataclass(frozen=True)
class BusinessHoursForm(StaffPage):
    """`/supervisor/horario`. `typed` and `wrong` are values and errors by field; `done` is what was just saved.

    `days` is a page of the days that differ.

    `confirmation` has what was sent and has to be confirmed first; `week_clash` and `day_clash` what somebody else has
    changed meanwhile. `refused` says why it was not saved, whatever is in its fields.
    """

    template: ClassVar[str] = "business_hours/business_hours.html"

    schedule: Schedule
    week: WeekForm
    typed: dict[str, str]
    wrong: dict[str, str]
    done: str
    days: AdministrationList[DayRow]
    confirmation: HoursConfirmation | None = None
    week_clash: EditForm | None = None
    day_clash: DayClash | None = None
    refused: str = ""


def week_texts(texts: Mapping[int, str]) -> dict[str, str]:
    """Return the texts of the seven weekdays by the names of their fields."""
    return {f"dia-{weekday}": texts[weekday] for weekday in range(7)}


def split_hours(text: str) -> list[tuple[str, str]]:
    """Return the (opening, closing) times of a text that `format_hours` has written."""
    spans = [part.strip().partition("-") for part in text.split(",") if part.strip()]
    return [(starts, "00:00" if ends == "24:00" else ends) for starts, _, ends in spans]


def spans_text(spans: list[tuple[int, int]]) -> str:
    """Return parts of a day in words: `de 8:00 a. m. a 12:00 p. m. y de 2:00 p. m. a 6:00 p. m.`."""
    return " y ".join(f"de {format_minute_of_day(starts)} a {format_minute_of_day(ends)}" for starts, ends in spans)


def _add_empty_rows(rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return rows + [("", "")] * (max(MIN_BLOCKS_SHOWN, len(rows) + 1) - len(rows))


def _time_value(minute: int) -> str:
    return f"{minute // 60 % 24:02}:{minute % 60:02}"
