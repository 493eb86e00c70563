"""Business hours at random, and the same hours minute by minute, read without the code that counts deadlines."""

from datetime import date, datetime, timedelta
from random import Random

from beneficiate.domain.booking.business_hours import BusinessHours
from beneficiate.domain.booking.holidays import is_holiday
from beneficiate.domain.booking.slots import DayException, WeeklyBlock
from beneficiate.formatting import BOGOTA

FIRST_DAY = date(2026, 8, 10)
DAYS = 28
MIDNIGHT = datetime(2026, 8, 10, tzinfo=BOGOTA)


def random_hours(random: Random) -> BusinessHours:
    """Return up to three blocks a day, which may overlap, and up to six exceptions, of holidays too."""
    blocks = [
        WeeklyBlock(weekday, *_random_span(random))
        for weekday in range(7)
        for _ in range(random.choice((0, 1, 1, 2, 3)))
    ]
    exceptions = []
    for _ in range(random.randrange(7)):
        day = FIRST_DAY + timedelta(days=random.randrange(DAYS))
        starts, ends = _random_span(random)
        kind = random.randrange(3)
        exceptions.append(DayException(day, *((None, None) if kind == 0 else (starts, ends)), is_open=kind == 2))
    return BusinessHours(blocks, exceptions)


def open_minutes(hours: BusinessHours) -> list[bool]:
    """Return for each minute from `MIDNIGHT` on whether the call centre is open in it."""
    return [is_open for n in range(DAYS) for is_open in _open_minutes_of_day(FIRST_DAY + timedelta(days=n), hours)]


def _open_minutes_of_day(day: date, hours: BusinessHours) -> list[bool]:
    exceptions = [one for one in hours.exceptions if one.day == day]
    blocks = [] if is_holiday(day) else [one for one in hours.blocks if one.weekday == day.weekday()]
    minutes = []
    for minute in range(24 * 60):
        is_open = any(one.starts <= minute < one.ends for one in blocks)
        is_open &= not any(not one.is_open and one.hours[0] <= minute < one.hours[1] for one in exceptions)
        is_open |= any(one.is_open and one.hours[0] <= minute < one.hours[1] for one in exceptions)
        minutes.append(is_open)
    return minutes


def _random_span(random: Random) -> tuple[int, int]:
    starts = random.randrange(0, 24 * 60, random.choice((1, 15, 60)))
    return starts, random.randrange(starts + 1, 24 * 60 + 1)
