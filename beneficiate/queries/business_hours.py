"""When the call centre is open: the stored hours, or else the default ones."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import TypedDict

from beneficiate.domain.booking.business_hours import (
    DEFAULT_BUSINESS_HOURS,
    BusinessHours,
    find_next_opening,
    is_open_at,
    open_spans_of_day,
    reopening_sentence,
)
from beneficiate.domain.booking.holidays import holiday_name
from beneficiate.domain.booking.hours_text import describe_week
from beneficiate.domain.booking.slots import DayException, WeeklyBlock, bogota_midnight
from beneficiate.formatting import bogota_date
from beneficiate.models.call_centre import BusinessHoursBlock, BusinessHoursException
from beneficiate.queries.administration import ANY_STATE, find_last_change, page_rows
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.administration import AdministrationList, ListFilters
from beneficiate.views.business_hours import (
    BusinessHoursToday,
    DayRow,
    ExceptionalDay,
    Schedule,
    StoredDay,
    build_day_rows,
    week_texts,
)
from beneficiate.views.edit_forms import SavedRow

HOLIDAYS_SHOWN_DAYS = 365


class OpeningState(TypedDict):
    """Whether the call centre is open now; otherwise `opens_at` (ISO 8601 UTC) and a `sentence` that says when."""

    is_open: bool
    opens_at: str | None
    sentence: str


def load_business_hours() -> BusinessHours:
    """Return the hours of the call centre; without a block Monday to Friday 7:00 to 19:00, Saturday 8:00 to 13:00."""
    fields = (
        BusinessHoursException.day,
        BusinessHoursException.starts,
        BusinessHoursException.ends,
        BusinessHoursException.is_open,
    )
    rows = BusinessHoursException.select(*fields).order_by(BusinessHoursException.id).tuples()
    return BusinessHours(load_weekly_blocks(), [DayException(*row) for row in rows])


def load_weekly_blocks() -> list[WeeklyBlock]:
    """Return the blocks of the week, in order."""
    fields = (BusinessHoursBlock.weekday, BusinessHoursBlock.starts, BusinessHoursBlock.ends)
    blocks = [WeeklyBlock(*row) for row in BusinessHoursBlock.select(*fields).order_by(*fields).tuples()]
    return blocks or list(DEFAULT_BUSINESS_HOURS.blocks)


def load_schedule(uow: UnitOfWork) -> Schedule:
    """Return the hours as a supervisor edits them: the week, the coming days that differ, the holidays of a year."""
    today, hours = bogota_date(uow.now), load_business_hours()
    days: defaultdict[date, list[DayException]] = defaultdict(list)
    for one in hours.exceptions:
        if one.day >= today:
            days[one.day].append(one)
    year = [today + timedelta(days=n) for n in range(HOLIDAYS_SHOWN_DAYS)]
    state = business_hours_state_at(uow.now, hours)
    return Schedule(
        is_open=state["is_open"],
        sentence=state["sentence"],
        week=[[(block.starts, block.ends) for block in hours.blocks if block.weekday == day] for day in range(7)],
        days=[ExceptionalDay(day, exceptions) for day, exceptions in sorted(days.items())],
        holidays=[(bogota_midnight(day), name) for day in year if (name := holiday_name(day))],
        today=today,
    )


def load_coming_days(uow: UnitOfWork, filters: ListFilters) -> AdministrationList[DayRow]:
    """Return a page of the coming days that differ, by date."""
    return page_rows(build_day_rows(load_schedule(uow).days), filters, ANY_STATE)


def load_stored_week(_: UnitOfWork) -> SavedRow:
    """Return the hours of each weekday as texts, and who saved them last."""
    texts = week_texts(describe_week(load_weekly_blocks()))
    return SavedRow(texts, 0, find_last_change("hours", "hours.set_week"))


def load_stored_day(_: UnitOfWork, day: date) -> StoredDay:
    """Return the exceptions of a date, and who changed them last."""
    exceptions = [one for one in load_business_hours().exceptions if one.day == day]
    return StoredDay(exceptions, find_last_change(f"day:{day}", "hours.set_day", "hours.forget_day"))


def load_business_hours_state(uow: UnitOfWork) -> OpeningState:
    """Return whether the call centre is open, and otherwise when it opens."""
    return business_hours_state_at(uow.now, load_business_hours())


def load_business_hours_today(uow: UnitOfWork) -> BusinessHoursToday:
    """Return the hours of today, whether the call centre is open now, and otherwise when it opens."""
    hours = load_business_hours()
    state = business_hours_state_at(uow.now, hours)
    return BusinessHoursToday(state["is_open"], state["sentence"], open_spans_of_day(bogota_date(uow.now), hours))


def business_hours_state_at(now: datetime, hours: BusinessHours) -> OpeningState:
    """Return whether the call centre is open at an instant with these hours, and otherwise when it opens."""
    if is_open_at(now, hours):
        return OpeningState(is_open=True, opens_at=None, sentence="")
    opens_at = find_next_opening(now, hours)
    return OpeningState(
        is_open=False,
        opens_at=None if opens_at is None else opens_at.isoformat().replace("+00:00", "Z"),
        sentence=reopening_sentence(now, opens_at),
    )
