"""The templates' environment: strict, escaped, with dates as people in Colombia say them."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import jinja2
from babel.dates import format_date, format_time, format_timedelta

BOGOTA = ZoneInfo("America/Bogota")
LOCALE = "es_CO"
TEMPLATES = Path(__file__).parents[2] / "templates"
NBSP = "\u00a0"


def environment() -> jinja2.Environment:
    """Jinja2 with autoescape and StrictUndefined; the filters `clock`, `ago`, `day`, `full`, `iso` draw an instant."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=jinja2.select_autoescape(disabled_extensions=("txt",), default=True),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(clock=clock, ago=ago, day=day, full=full, iso=iso)
    return made


def clock(instant: datetime) -> str:
    """`8:05 a. m.`, unbroken."""
    return format_time(instant.astimezone(BOGOTA), "h:mm a", locale=LOCALE).replace(" ", NBSP).replace("\u202f", NBSP)


def ago(instant: datetime, now: datetime | None = None) -> str:
    """`hace 3 min`; the day once it is longer ago than a day."""
    passed = (now or datetime.now(UTC)) - instant
    if passed.total_seconds() < 60:
        return "ahora"
    if passed.days >= 1:
        return format_date(instant.astimezone(BOGOTA), "d MMM", locale=LOCALE)
    return format_timedelta(-passed, format="short", add_direction=True, threshold=1.2, locale=LOCALE)


def day(instant: datetime, now: datetime | None = None) -> str:
    """`Hoy, martes 25 de agosto`, `Ayer, …`, `Lunes 24 de agosto`."""
    local, today = instant.astimezone(BOGOTA).date(), (now or datetime.now(UTC)).astimezone(BOGOTA).date()
    text = format_date(local, "EEEE d 'de' MMMM", locale=LOCALE)
    near = {0: "Hoy, ", 1: "Ayer, "}.get((today - local).days, "")
    return near + text if near else text[0].upper() + text[1:]


def full(instant: datetime) -> str:
    """The whole date and time, for a title."""
    local = instant.astimezone(BOGOTA)
    return f"{format_date(local, 'full', locale=LOCALE)}, {clock(instant)}"


def iso(instant: datetime) -> str:
    """ISO 8601 in UTC, for `<time datetime>`."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
