"""The Jinja environment: strict and escaped, with filters for dates and amounts as they are written in Colombia."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import jinja2

from beneficiate.formatting import (
    bogota_date,
    format_at_time,
    format_day_and_month,
    format_day_of_month,
    format_duration,
    format_full_date,
    format_iso,
    format_long_date,
    format_number,
    format_pesos,
    format_short_date,
    format_short_weekday,
    format_short_weekday_date,
    format_time,
    format_time_ago,
    format_to_second,
    format_weekday,
    format_weekday_date,
)

TEMPLATES_DIR = Path(__file__).parents[2] / "templates"


@cache
def create_environment() -> jinja2.Environment:
    """Return an environment that escapes HTML and refuses undefined variables; templates ending in .txt are plain.

    There is one in a process: it keeps the compiled templates, and to compile those of a page takes 50 ms.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES_DIR),
        autoescape=jinja2.select_autoescape(disabled_extensions=("txt",), default=True),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(FILTERS)
    return environment


def format_ago(instant: datetime, now: datetime | None = None) -> str:
    """Return `ahora`, `hace 3 min` or `hace 2 h`; from a day on, the date: `25 ago`."""
    passed = (now or datetime.now(UTC)) - instant
    if passed.total_seconds() < 60:
        return "ahora"
    if passed.days >= 1:
        return format_day_and_month(instant)
    return format_time_ago(passed)


def format_wait(instant: datetime, now: datetime | None = None) -> str:
    """Return how long a wait has lasted: `4:12`, `1 h 05`, `3 d`; as static/src/desk/waiting-times.js does."""
    return format_duration(max(0, int(((now or datetime.now(UTC)) - instant).total_seconds())))


def format_relative_day(instant: datetime, now: datetime | None = None) -> str:
    """Return `Hoy` or `Ayer`, or nothing for any other day in Bogotá."""
    today = bogota_date(now or datetime.now(UTC))
    return {0: "Hoy", 1: "Ayer"}.get((today - bogota_date(instant)).days, "")


def format_day(instant: datetime, now: datetime | None = None) -> str:
    """Return `Hoy, martes 25 de agosto`, `Ayer, …` or `Lunes 24 de agosto`."""
    near, text = format_relative_day(instant, now), format_weekday_date(instant)
    return f"{near}, {text}" if near else text[0].upper() + text[1:]


def format_list_time(instant: datetime, now: datetime | None = None) -> str:
    """Return the time of day for today, then `Ayer`, then `25 ago`: none of them changes while a page is open."""
    near = format_relative_day(instant, now)
    return format_time(instant) if near == "Hoy" else near or format_day_and_month(instant)


def format_short_moment(instant: datetime, now: datetime | None = None) -> str:
    """Return `Hoy 6:00 p. m.` or `Ayer 9:40 a. m.`; without the time once it is older: `4 sept 2026`."""
    near = format_relative_day(instant, now)
    return f"{near} {format_time(instant)}" if near else format_short_date(instant)


def format_moment(instant: datetime, now: datetime | None = None) -> str:
    """Return `Hoy 6:00 p. m.`, `Ayer 9:40 a. m.` or `4 sept 2026, 9:40 a. m.`."""
    near = format_relative_day(instant, now)
    return f"{near or format_short_date(instant) + ','} {format_time(instant)}"


def format_weekday_moment(instant: datetime, now: datetime | None = None) -> str:
    """Return `Hoy 6:00 p. m.`, `Ayer 9:40 a. m.` or `Vie 28 ago, 9:40 a. m.`, weekday and month in three letters."""
    near = format_relative_day(instant, now)
    return f"{near or format_short_weekday_date(instant) + ','} {format_time(instant)}"


def format_full(instant: datetime) -> str:
    """Return the whole date and time: `viernes, 4 de septiembre de 2026, 8:05 a. m.`."""
    return f"{format_full_date(instant)}, {format_time(instant)}"


def format_last_day(ends_at: datetime) -> str:
    """Return the last whole or begun day of a period that ends just before `ends_at`: `4 de septiembre de 2026`."""
    return format_long_date(ends_at - timedelta(microseconds=1))


def format_short_last_day(ends_at: datetime) -> str:
    """Return the same in short: `4 sept 2026`."""
    return format_short_date(ends_at - timedelta(microseconds=1))


def format_cents(amount: int) -> str:
    """Return an amount in cents as pesos; the cents themselves only when there are any."""
    whole, rest = divmod(amount, 100)
    return f"{format_pesos(whole)},{rest:02}" if rest else format_pesos(whole)


FILTERS: dict[str, Callable[..., str]] = {
    "ago": format_ago,
    "at_clock": format_at_time,
    "cents": format_cents,
    "clock": format_time,
    "date": format_long_date,
    "day": format_day,
    "day_of_month": format_day_of_month,
    "full": format_full,
    "iso": format_iso,
    "last_day": format_last_day,
    "list_time": format_list_time,
    "moment": format_moment,
    "number": format_number,
    "pesos": format_pesos,
    "relative_day": format_relative_day,
    "short_date": format_short_date,
    "short_last_day": format_short_last_day,
    "short_moment": format_short_moment,
    "to_second": format_to_second,
    "short_weekday": format_short_weekday,
    "short_weekday_date": format_short_weekday_date,
    "waited": format_wait,
    "weekday": format_weekday,
    "weekday_moment": format_weekday_moment,
    "whole_date": format_weekday_date,
}
"""The filters of templates by name. Those that take `now` are given the present without it."""
