"""How times and amounts are written in Colombia (es-CO), in the time of Bogotá: UTC−5 all year.

The names of days and months are ours: a data library changes them between versions (CLDR 48 turned "4 sept" into
"4 sep").
"""

import math
import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

BOGOTA = ZoneInfo("America/Bogota")
NBSP = "\u00a0"

WEEKDAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
MONTHS = (
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
)
SHORT_MONTHS = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic")
_PESOS = re.compile(r"\$?\s*([1-9][0-9]{0,2}(?:([.\s])[0-9]{3})(?:\2[0-9]{3}){0,2}|[0-9]{1,11})")
"""Groups of three digits with points or spaces between, all of one kind, or digits alone: a centavo is never read as a
peso."""
_COLOMBIAN_MARKS = str.maketrans(",.", ".,")
SHOWN_IN_HOURS_FROM = timedelta(minutes=72)
"""From here on a time that has passed is counted in hours."""


def format_time(instant: datetime) -> str:
    """Return the time of day with non-breaking spaces: `8:05 a. m.`."""
    local = instant.astimezone(BOGOTA)
    return f"{local.hour % 12 or 12}:{local.minute:02}{NBSP}{'p' if local.hour >= 12 else 'a'}.{NBSP}m."


def format_minute_of_day(minute: int) -> str:
    """Return a minute of the day as a time: 480 is `8:00 a. m.`; 1440, its end, `12:00 a. m.`."""
    return format_time(datetime(2026, 1, 1, minute // 60 % 24, minute % 60, tzinfo=BOGOTA))


def format_at_time(instant: datetime) -> str:
    """Return `a las 8:05 a. m.`, or `a la 1:00 p. m.`."""
    return f"a {'la' if instant.astimezone(BOGOTA).hour in (1, 13) else 'las'} {format_time(instant)}"


def format_to_second(instant: datetime) -> str:
    """Return a time of day to the second, with its article: `las 8:05:09 a. m.`, `la 1:00:00 p. m.`."""
    local = instant.astimezone(BOGOTA)
    time, _, half = format_time(instant).partition(NBSP)
    return f"{'la' if local.hour in (1, 13) else 'las'} {time}:{local.second:02}{NBSP}{half}"


def format_weekday(day: date) -> str:
    """Return `martes` for a date or an instant."""
    return WEEKDAYS[bogota_date(day).weekday()]


def format_short_weekday(day: date) -> str:
    """Return the first three letters of a weekday: `lun`."""
    return format_weekday(day)[:3]


def format_weekday_date(day: date) -> str:
    """Return `martes 25 de agosto` for a date or an instant."""
    return f"{format_weekday(day)} {format_day_of_month(day)}"


def format_short_weekday_date(day: date) -> str:
    """Return `Mar 25 ago`, three letters each, for a date or an instant."""
    day = bogota_date(day)
    return f"{format_short_weekday(day).capitalize()} {day.day} {MONTHS[day.month - 1][:3]}"


def format_day_of_month(day: date) -> str:
    """Return `25 de agosto` for a date or an instant."""
    day = bogota_date(day)
    return f"{day.day} de {MONTHS[day.month - 1]}"


def format_long_date(day: date) -> str:
    """Return `4 de septiembre de 2026` for a date or an instant."""
    day = bogota_date(day)
    return f"{day.day} de {MONTHS[day.month - 1]} de {day.year}"


def format_full_date(instant: datetime) -> str:
    """Return `viernes, 4 de septiembre de 2026`."""
    return f"{format_weekday(instant)}, {format_long_date(instant)}"


def format_day_and_month(instant: datetime) -> str:
    """Return `4 sept`."""
    day = bogota_date(instant)
    return f"{day.day} {SHORT_MONTHS[day.month - 1]}"


def format_short_date(instant: datetime) -> str:
    """Return `4 sept 2026`."""
    return f"{format_day_and_month(instant)} {bogota_date(instant).year}"


def format_time_ago(passed: timedelta) -> str:
    """Return `hace 3 min` or `hace 2 h`; up to 72 minutes are counted in minutes, and less than one is one."""
    if passed < SHOWN_IN_HOURS_FROM:
        return f"hace {max(1, round(passed / timedelta(minutes=1)))} min"
    return f"hace {round(passed / timedelta(hours=1))} h"


def format_duration(seconds: int) -> str:
    """Return how long something took: `4:12`, `1 h 05`, `1 d 23 h`."""
    if seconds < 3600:
        return f"{seconds // 60}:{seconds % 60:02}"
    if seconds < 86_400:
        return f"{seconds // 3600}{NBSP}h{NBSP}{seconds % 3600 // 60:02}"
    return f"{seconds // 86_400}{NBSP}d{NBSP}{seconds % 86_400 // 3600}{NBSP}h"


def format_number(number: float, decimals: int = 0) -> str:
    """Return a number as it is written in Colombia: `1.234` or, with a decimal, `4,6`."""
    return f"{number:,.{decimals}f}".translate(_COLOMBIAN_MARKS)


def format_pesos(amount: int) -> str:
    """Return whole pesos with a non-breaking space: `$ 480.000`."""
    return f"${NBSP}{amount:,}".replace(",", ".")


def format_iso(instant: datetime, timespec: str = "milliseconds") -> str:
    """Return an instant as programs and addresses have it, ISO 8601 in UTC: `2026-08-25T15:47:08.123Z`."""
    return instant.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")


def parse_pesos(text: str) -> int | None:
    """Return whole pesos as they were typed: `$ 480.000`, `480 000`, `480000`; None for all else, like `1500.50`."""
    found = _PESOS.fullmatch(text.strip())
    return int(re.sub(r"\D", "", found[1])) if found else None


def bogota_date(day: date) -> date:
    """Return the date of an instant in Bogotá; a plain date as it is."""
    return day.astimezone(BOGOTA).date() if isinstance(day, datetime) else day


def wait_in_words(seconds: int) -> str:
    """Return a wait in seconds, from two minutes on in minutes, from two hours on in hours; rounded up."""
    if seconds < 120:
        return "1 segundo" if seconds == 1 else f"{seconds} segundos"
    minutes = math.ceil(seconds / 60)
    return f"{minutes} minutos" if minutes < 120 else f"{math.ceil(minutes / 60)} horas"
