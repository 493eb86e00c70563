"""Dates as people in Colombia write them, and which days there are for us."""

import re
import unicodedata
from datetime import UTC, date, datetime

from beneficiate.formatting import MONTHS

FIRST_DAY, LAST_DAY = date(2020, 1, 1), date(2199, 12, 31)
"""Days that forms and addresses may name, so that no day of theirs is out of the range of the databases."""
_YEAR_FIRST = re.compile(r"([0-9]{4})([/-])([0-9]{1,2})\2([0-9]{1,2})")
_DAY_FIRST = re.compile(r"([0-9]{1,2})([/.\- ])([0-9]{1,2})\2([0-9]{4})")
_NAMED_MONTH = re.compile(
    r"([0-9]{1,2}|primero)(?:[o°]|ro|er)?(?: de|[-/.])? ?([a-z]{3,10})\.?(?: de| del|[-/.])? ?([0-9]{4})"
)
_MAX_CHARS = 40


def parse_typed_date(text: str) -> date | None:
    """Return the date of `29/2/2000`, `29-02-2000`, `29 feb 2000`, `1º de marzo de 2000` or a form's `2000-02-29`.

    None for anything else: years have four digits, and other forms of ISO 8601 (`20000229`, `2000-W09-2`) are refused.
    """
    if len(text) > _MAX_CHARS:
        return None
    decomposed = unicodedata.normalize("NFKD", text).lower()
    plain = " ".join("".join(one for one in decomposed if not unicodedata.combining(one)).split())
    if match := _YEAR_FIRST.fullmatch(plain):
        return _build_date(match[1], match[3], match[4])
    if match := _DAY_FIRST.fullmatch(plain):
        return _build_date(match[4], match[3], match[1])
    if match := _NAMED_MONTH.fullmatch(plain):
        found = [number for number, name in enumerate(MONTHS, 1) if name.startswith(match[2].removesuffix("."))]
        number = 9 if match[2] in ("sept", "set", "setiembre") else found[0] if len(found) == 1 else 0
        return _build_date(match[3], str(number), match[1].replace("primero", "1"))
    return None


def parse_typed_instant(text: str) -> datetime | None:
    """Return an instant of ISO 8601 with a time zone, in UTC, which every database can store; None for anything else.

    PostgreSQL refuses zones of 16 hours or more, and the last day of all is over in UTC before some zones begin it.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    if instant.tzinfo is None or not FIRST_DAY <= instant.date() <= LAST_DAY:
        return None
    return instant.astimezone(UTC)


def add_months(day: date, count: int) -> date:
    """Return the first day of the month that comes so many months after that of a day, or before it."""
    month = day.year * 12 + day.month - 1 + count
    return date(month // 12, month % 12 + 1, 1)


def _build_date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
