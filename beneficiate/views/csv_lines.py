"""Lines of a file for a spreadsheet in Colombia: semicolons, times of Bogotá, nothing of people that is a formula."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime

from beneficiate.formatting import BOGOTA

CSV_BYTE_ORDER_MARK = "\ufeff"
_FORMULA_PREFIXES = ("=", "+", "-", "@", "|", "%")
_LINE_BREAKS = re.compile(r"[\r\n\t\v\f\x00\x85\u2028\u2029]+")


class OwnText(str):
    """Text that the program wrote, as a unit or a number with decimals: it is no formula, and is written as it is."""

    __slots__ = ()


def format_csv_line(cells: Iterable[str | int]) -> str:
    """Return cells as one line."""
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerow(map(_escape_formula, cells))
    return text.getvalue()


def format_csv_time(instant: datetime, timespec: str = "minutes") -> str:
    """Return the time in Bogotá, as the days of a query: `2026-08-25 18:05`, to the `minutes` or `seconds`."""
    return instant.astimezone(BOGOTA).replace(tzinfo=None).isoformat(sep=" ", timespec=timespec)


def _escape_formula(cell: str | int) -> str | int:
    """Return the cell in one line, and so that a spreadsheet does not read text as a formula.

    Spreadsheets skip blanks in front, and some read full-width signs as the plain ones.
    """
    if isinstance(cell, int | OwnText):
        return cell
    line = _LINE_BREAKS.sub(" ", cell)
    begins = unicodedata.normalize("NFKC", line).lstrip("'\u200b\ufeff ").startswith(_FORMULA_PREFIXES)
    return f"'{line}" if begins else line
