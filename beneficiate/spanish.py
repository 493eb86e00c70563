"""How times and amounts are said in Colombia (es-CO), in the time of Bogotá: UTC−5 all year."""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

BOGOTA = ZoneInfo("America/Bogota")
LOCALE = "es_CO"
NBSP = "\u00a0"


def clock(instant: datetime) -> str:
    """`8:05 a. m.`, unbroken."""
    return format_time(instant.astimezone(BOGOTA), "h:mm a", locale=LOCALE).replace(" ", NBSP).replace("\u202f", NBSP)


def clock_of(minute: int) -> str:
    """A minute of the day: 480 is `8:00 a. m.`; 1440, its end, `12:00 a. m.`."""
    return clock(datetime(2026, 1, 1, minute // 60 % 24, minute % 60, tzinfo=BOGOTA))


def at_the_hour(instant: datetime) -> str:
    """`a las 8:05 a. m.`, `a la 1:00 p. m.`."""
    return f"a {'la' if instant.astimezone(BOGOTA).hour in (1, 13) else 'las'} {clock(instant)}"


def weekday(instant: datetime) -> str:
    """`martes`."""
    return format_date(instant.astimezone(BOGOTA), "EEEE", locale=LOCALE)


def weekday_date(instant: datetime) -> str:
    """`martes 25 de agosto`."""
    return format_date(instant.astimezone(BOGOTA), "EEEE d 'de' MMMM", locale=LOCALE)


def long_date(instant: datetime) -> str:
    """`4 de septiembre de 2026`."""
    return format_date(instant.astimezone(BOGOTA), "d 'de' MMMM 'de' y", locale=LOCALE)


def pesos(amount: int) -> str:
    """Whole pesos: `$ 480.000`, unbroken."""
    return f"${NBSP}{amount:,}".replace(",", ".")
