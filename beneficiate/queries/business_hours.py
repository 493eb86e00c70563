"""When the call centre is open, by the rows that say so or else by the usual hours, and how one tells people."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypedDict

from beneficiate.domain.booking.business_hours import (
    DEFAULT_BUSINESS_HOURS,
    BusinessHours,
    find_next_opening,
    is_open_at,
    reopening_sentence,
)
from beneficiate.domain.booking.holidays import holiday_name
from beneficiate.domain.booking.slots import DAY_MINUTES, DayException, WeeklyBlock, bogota_midnight
from beneficiate.formatting import BOGOTA, format_minute_of_day
from beneficiate.models.call_centre import BusinessHoursBlock, BusinessHoursException
from beneficiate.unit_of_work import UnitOfWork

HOLIDAYS_SHOWN_DAYS = 365


@dataclass(frozen=True, slots=True)
class ExceptionalDay:
    """A day with other hours than its weekday has."""

    day: date
    rows: list[DayException]

    @property
    def at(self) -> datetime:
        """Its midnight."""
        return bogota_midnight(self.day)

    @property
    def sentence(self) -> str:
        """`Abierto solo de 8:00 a. m. a 12:00 p. m.`, `Cerrado todo el día`."""
        opened = [row for row in self.rows if row.is_open]
        spans = [row.hours for row in opened or self.rows]
        if not opened and (0, DAY_MINUTES) in spans:
            return "Cerrado todo el día"
        spans_text = " y ".join(
            f"de {format_minute_of_day(starts)} a {format_minute_of_day(ends)}" for starts, ends in spans
        )
        return f"{'Abierto solo' if opened else 'Cerrado'} {spans_text}"


class OpeningState(TypedDict):
    """Whether somebody is there now; `opens_at` (ISO 8601 UTC) and the `sentence` for people when nobody is."""

    is_open: bool
    opens_at: str | None
    sentence: str


def load_business_hours() -> BusinessHours:
    """The hours of the house. Without a block they are Monday to Friday 7:00 to 19:00, Saturday 8:00 to 13:00."""
    fields = (
        BusinessHoursException.day,
        BusinessHoursException.starts,
        BusinessHoursException.ends,
        BusinessHoursException.is_open,
    )
    rows = BusinessHoursException.select(*fields).order_by(BusinessHoursException.id).tuples()
    return BusinessHours(load_weekly_blocks(), [DayException(*row) for row in rows])


def load_weekly_blocks() -> list[WeeklyBlock]:
    """The blocks of the week, in order."""
    fields = (BusinessHoursBlock.weekday, BusinessHoursBlock.starts, BusinessHoursBlock.ends)
    blocks = [WeeklyBlock(*row) for row in BusinessHoursBlock.select(*fields).order_by(*fields).tuples()]
    return blocks or list(DEFAULT_BUSINESS_HOURS.blocks)


def load_schedule(uow: UnitOfWork) -> dict[str, Any]:
    """The hours as a supervisor edits them: the week, the days to come that differ, the holidays of a year."""
    today, hours = uow.now.astimezone(BOGOTA).date(), load_business_hours()
    days: defaultdict[date, list[DayException]] = defaultdict(list)
    for one in hours.exceptions:
        if one.day >= today:
            days[one.day].append(one)
    year = [today + timedelta(days=n) for n in range(HOLIDAYS_SHOWN_DAYS)]
    return {
        "opening": _opening_state_at(uow.now, hours),
        "week": [[(block.starts, block.ends) for block in hours.blocks if block.weekday == day] for day in range(7)],
        "days": [ExceptionalDay(day, rows) for day, rows in sorted(days.items())],
        "holidays": [(bogota_midnight(day), name) for day in year if (name := holiday_name(day))],
        "today": today,
    }


def load_opening_state(uow: UnitOfWork) -> OpeningState:
    """Whether the house is open, and otherwise when it will be."""
    return _opening_state_at(uow.now, load_business_hours())


def _opening_state_at(now: datetime, hours: BusinessHours) -> OpeningState:
    if is_open_at(now, hours):
        return OpeningState(is_open=True, opens_at=None, sentence="")
    opens_at = find_next_opening(now, hours)
    return OpeningState(
        is_open=False,
        opens_at=None if opens_at is None else opens_at.isoformat().replace("+00:00", "Z"),
        sentence=reopening_sentence(now, opens_at),
    )
