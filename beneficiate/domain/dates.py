"""Dates as people in Colombia write them."""

import re
import unicodedata
from datetime import date

from beneficiate.formatting import MONTHS

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


def _build_date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
