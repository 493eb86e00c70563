"""When the call centre is open, by the rows that say so or else by the usual hours, and how one tells people."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypedDict

from beneficiate.models.staff import OpeningBlock, OpeningException
from beneficiate.scheduling.holidays import holiday_name
from beneficiate.scheduling.hours import DEFAULT_HOURS, OpeningHours, is_open, next_opening, sentence_back
from beneficiate.scheduling.slots import DAY_MINUTES, Block, DayException, midnight_of
from beneficiate.spanish import BOGOTA, clock_of
from beneficiate.store import Work

HOLIDAYS_SHOWN_DAYS = 365


@dataclass(frozen=True, slots=True)
class DifferentDay:
    """A day with other hours than its weekday has."""

    day: date
    rows: list[DayException]

    @property
    def at(self) -> datetime:
        """Its midnight."""
        return midnight_of(self.day)

    @property
    def sentence(self) -> str:
        """`Abierto solo de 8:00 a. m. a 12:00 p. m.`, `Cerrado todo el día`."""
        opened = [row for row in self.rows if row.is_open]
        spans = [row.hours for row in opened or self.rows]
        if not opened and (0, DAY_MINUTES) in spans:
            return "Cerrado todo el día"
        said = " y ".join(f"de {clock_of(starts)} a {clock_of(ends)}" for starts, ends in spans)
        return f"{'Abierto solo' if opened else 'Cerrado'} {said}"


class Opening(TypedDict):
    """Whether somebody is there now; `opens_at` (ISO 8601 UTC) and the `sentence` for people when nobody is."""

    is_open: bool
    opens_at: str | None
    sentence: str


def opening_hours() -> OpeningHours:
    """The hours of the house. Without a block they are Monday to Friday 7:00 to 19:00, Saturday 8:00 to 13:00."""
    fields = (OpeningException.day, OpeningException.starts, OpeningException.ends, OpeningException.is_open)
    rows = OpeningException.select(*fields).order_by(OpeningException.id).tuples()
    return OpeningHours(week(), [DayException(*row) for row in rows])


def week() -> list[Block]:
    """The blocks of the week, in order."""
    fields = (OpeningBlock.weekday, OpeningBlock.starts, OpeningBlock.ends)
    blocks = [Block(*row) for row in OpeningBlock.select(*fields).order_by(*fields).tuples()]
    return blocks or list(DEFAULT_HOURS.blocks)


def schedule(work: Work, _: None = None) -> dict[str, Any]:
    """The hours as a supervisor edits them: the week, the days to come that differ, the holidays of a year."""
    today, hours = work.now.astimezone(BOGOTA).date(), opening_hours()
    days: defaultdict[date, list[DayException]] = defaultdict(list)
    for one in hours.exceptions:
        if one.day >= today:
            days[one.day].append(one)
    year = [today + timedelta(days=n) for n in range(HOLIDAYS_SHOWN_DAYS)]
    return {
        "opening": _opening(work.now, hours),
        "week": [[(block.starts, block.ends) for block in hours.blocks if block.weekday == day] for day in range(7)],
        "days": [DifferentDay(day, rows) for day, rows in sorted(days.items())],
        "holidays": [(midnight_of(day), name) for day in year if (name := holiday_name(day))],
        "today": today,
    }


def opening(work: Work, _: None = None) -> Opening:
    """Whether the house is open, and otherwise when it will be."""
    return _opening(work.now, opening_hours())


def _opening(now: datetime, hours: OpeningHours) -> Opening:
    if is_open(now, hours):
        return Opening(is_open=True, opens_at=None, sentence="")
    opens_at = next_opening(now, hours)
    return Opening(
        is_open=False,
        opens_at=None if opens_at is None else opens_at.isoformat().replace("+00:00", "Z"),
        sentence=sentence_back(now, opens_at),
    )
