"""Days and hours in Bogotá, as the database tells them of an instant."""

from peewee import Expression, Field, fn

from beneficiate.domain.metrics.rollups import HOURS_PER_DAY
from beneficiate.formatting import BOGOTA
from beneficiate.models.base import is_postgresql

_SQLITE_OFFSET = "-5 hours"
"""SQLite has no zones: Bogotá is five hours behind all year."""


def extract_day(instant: Field) -> Expression:
    """Return the date."""
    if is_postgresql():
        return fn.TIMEZONE(BOGOTA.key, instant).cast("DATE")
    return fn.DATE(instant, _SQLITE_OFFSET)


def extract_monday(day: Field) -> Expression:
    """Return the Monday of the week that a date is in."""
    if is_postgresql():
        return day - (fn.DATE_PART("isodow", day).cast("INTEGER") - 1)
    return fn.DATE(day, "-6 days", "weekday 1")


def extract_hour_of_week(instant: Field) -> Expression:
    """Return the hour from Monday at midnight, 0 to 167, as `domain.metrics.rollups.hour_of_week` does."""
    if is_postgresql():
        local = fn.TIMEZONE(BOGOTA.key, instant)
        weekday, hour = fn.DATE_PART("isodow", local).cast("INTEGER") - 1, fn.DATE_PART("hour", local)
    else:
        # SQLite begins with Sunday: the number of a day is that of the day before, counted from Monday.
        weekday = fn.STRFTIME("%w", instant, _SQLITE_OFFSET, "-1 day").cast("INTEGER")
        hour = fn.STRFTIME("%H", instant, _SQLITE_OFFSET)
    return weekday * HOURS_PER_DAY + hour.cast("INTEGER")
