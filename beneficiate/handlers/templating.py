"""The templates' environment: strict, escaped, with dates as people in Colombia say them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import jinja2

from beneficiate.formatting import (
    BOGOTA,
    NBSP,
    format_day_and_month,
    format_full_date,
    format_long_date,
    format_pesos,
    format_short_date,
    format_time,
    format_time_ago,
    format_weekday,
    format_weekday_date,
)

TEMPLATES_DIR = Path(__file__).parents[2] / "templates"


def create_environment() -> jinja2.Environment:
    """Jinja2 with autoescape and StrictUndefined; filters draw instants and amounts."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES_DIR),
        autoescape=jinja2.select_autoescape(disabled_extensions=("txt",), default=True),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(clock=format_time, ago=format_ago, day=format_day, full=format_full, iso=format_iso)
    environment.filters.update(
        date=format_long_date,
        short_date=format_short_date,
        last_day=format_last_day,
        short_last_day=format_short_last_day,
    )
    environment.filters.update(pesos=format_pesos, cents=format_cents, waited=format_wait, weekday=format_weekday)
    return environment


def format_ago(instant: datetime, now: datetime | None = None) -> str:
    """`hace 3 min`; the day once it is longer ago than a day."""
    passed = (now or datetime.now(UTC)) - instant
    if passed.total_seconds() < 60:
        return "ahora"
    if passed.days >= 1:
        return format_day_and_month(instant)
    return format_time_ago(passed)


def format_wait(instant: datetime, now: datetime | None = None) -> str:
    """How long somebody has waited: `4:12`, `1 h 05`, `3 d`. static/src/desk/waiting-times.js has the same rule."""
    seconds = max(0, int(((now or datetime.now(UTC)) - instant).total_seconds()))
    if seconds < 3600:
        return f"{seconds // 60}:{seconds % 60:02}"
    if seconds < 86_400:
        return f"{seconds // 3600}{NBSP}h{NBSP}{seconds % 3600 // 60:02}"
    return f"{seconds // 86_400}{NBSP}d"


def format_day(instant: datetime, now: datetime | None = None) -> str:
    """`Hoy, martes 25 de agosto`, `Ayer, …`, `Lunes 24 de agosto`."""
    local, today = instant.astimezone(BOGOTA).date(), (now or datetime.now(UTC)).astimezone(BOGOTA).date()
    text = format_weekday_date(instant)
    near = {0: "Hoy, ", 1: "Ayer, "}.get((today - local).days, "")
    return near + text if near else text[0].upper() + text[1:]


def format_full(instant: datetime) -> str:
    """The whole date and time, for a title."""
    return f"{format_full_date(instant)}, {format_time(instant)}"


def format_iso(instant: datetime) -> str:
    """ISO 8601 in UTC, for `<time datetime>`."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def format_last_day(ends_at: datetime) -> str:
    """The last whole or begun day of a period that ends just before `ends_at`, as `long_date` writes it."""
    return format_long_date(ends_at - timedelta(microseconds=1))


def format_short_last_day(ends_at: datetime) -> str:
    """The same as `short_date` writes it."""
    return format_short_date(ends_at - timedelta(microseconds=1))


def format_cents(amount: int) -> str:
    """Cents of Wompi as pesos; the cents themselves only when there are any."""
    whole, rest = divmod(amount, 100)
    return f"{format_pesos(whole)},{rest:02}" if rest else format_pesos(whole)
