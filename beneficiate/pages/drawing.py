"""The templates' environment: strict, escaped, with dates as people in Colombia say them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import jinja2

from beneficiate.spanish import (
    BOGOTA,
    NBSP,
    clock,
    day_and_month,
    full_date,
    long_date,
    pesos,
    short_date,
    time_ago,
    weekday,
    weekday_date,
)

TEMPLATES = Path(__file__).parents[2] / "templates"


def environment() -> jinja2.Environment:
    """Jinja2 with autoescape and StrictUndefined; filters draw instants and amounts."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=jinja2.select_autoescape(disabled_extensions=("txt",), default=True),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(clock=clock, ago=ago, day=day, full=full, iso=iso)
    made.filters.update(date=long_date, short_date=short_date, last_day=last_day, short_last_day=short_last_day)
    made.filters.update(pesos=pesos, cents=cents, waited=waited, weekday=weekday)
    return made


def ago(instant: datetime, now: datetime | None = None) -> str:
    """`hace 3 min`; the day once it is longer ago than a day."""
    passed = (now or datetime.now(UTC)) - instant
    if passed.total_seconds() < 60:
        return "ahora"
    if passed.days >= 1:
        return day_and_month(instant)
    return time_ago(passed)


def waited(instant: datetime, now: datetime | None = None) -> str:
    """How long somebody has waited: `4:12`, `1 h 05`, `3 d`. static/src/desk/waiting-times.js has the same rule."""
    seconds = max(0, int(((now or datetime.now(UTC)) - instant).total_seconds()))
    if seconds < 3600:
        return f"{seconds // 60}:{seconds % 60:02}"
    if seconds < 86_400:
        return f"{seconds // 3600}{NBSP}h{NBSP}{seconds % 3600 // 60:02}"
    return f"{seconds // 86_400}{NBSP}d"


def day(instant: datetime, now: datetime | None = None) -> str:
    """`Hoy, martes 25 de agosto`, `Ayer, …`, `Lunes 24 de agosto`."""
    local, today = instant.astimezone(BOGOTA).date(), (now or datetime.now(UTC)).astimezone(BOGOTA).date()
    text = weekday_date(instant)
    near = {0: "Hoy, ", 1: "Ayer, "}.get((today - local).days, "")
    return near + text if near else text[0].upper() + text[1:]


def full(instant: datetime) -> str:
    """The whole date and time, for a title."""
    return f"{full_date(instant)}, {clock(instant)}"


def iso(instant: datetime) -> str:
    """ISO 8601 in UTC, for `<time datetime>`."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def last_day(ends_at: datetime) -> str:
    """The last whole or begun day of a period that ends just before `ends_at`, as `long_date` writes it."""
    return long_date(ends_at - timedelta(microseconds=1))


def short_last_day(ends_at: datetime) -> str:
    """The same as `short_date` writes it."""
    return short_date(ends_at - timedelta(microseconds=1))


def cents(amount: int) -> str:
    """Cents of Wompi as pesos; the cents themselves only when there are any."""
    whole, rest = divmod(amount, 100)
    return f"{pesos(whole)},{rest:02}" if rest else pesos(whole)
