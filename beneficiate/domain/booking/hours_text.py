"""The hours of a day as one types them on a line: `8:00-12:00, 14:00-18:00`."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise

from beneficiate.domain.booking.slots import DAY_MINUTES, DayException, WeeklyBlock
from beneficiate.folding import fold
from beneficiate.formatting import WEEKDAYS

KIND_OPEN, KIND_CLOSED = "abierto", "cerrado"
"""Kinds of exceptions: open between two hours and no others, or closed, all day or between two hours."""
MAX_SPANS = 6
MAX_HOURS_CHARS = 120
_SEPARATOR = re.compile(r"[,;]|\by\b")
_SPAN = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(?:-|–|\ba\b)\s*(\d{1,2})(?:[:.](\d{2}))?", re.ASCII)

_RECORDED_SPAN = re.compile(r"(?<![\d:])(\d{1,4})-(\d{1,4})(?![\d:])", re.ASCII)
_RECORDED_CLOSED_DAY = f"{KIND_CLOSED} 0-{DAY_MINUTES}"
_WEEKDAY_NUMBERS = {key: number for number, name in enumerate(WEEKDAYS) for key in (str(number), fold(name))}
"""How the audit log has a weekday: by its number, 0 is Monday, or by its name without accents."""


def parse_hours(text: str) -> list[tuple[int, int]]:
    """Return the (start, end) minutes of the day in order; none for an empty text.

    Raises ValueError with a sentence for people.
    """
    parts = [part.strip() for part in _SEPARATOR.split(text[: MAX_HOURS_CHARS + 1]) if part.strip()]
    if len(text) > MAX_HOURS_CHARS or len(parts) > MAX_SPANS:
        raise ValueError(f"Escriba hasta {MAX_SPANS} tramos.")
    return order_spans(map(_parse_span, parts))


def order_spans(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return (start, end) minutes in order. Raises ValueError with a sentence for people when two overlap."""
    ordered = sorted(spans)
    if any(ends > following for (_, ends), (following, _) in pairwise(ordered)):
        raise ValueError("Los tramos se cruzan.")
    return ordered


def format_hours(spans: Iterable[tuple[int, int]]) -> str:
    """Return spans as `parse_hours` reads them: `08:00-12:00, 14:00-18:00`."""
    return ", ".join(f"{_format_minute(starts)}-{_format_minute(ends)}" for starts, ends in spans)


def describe_day(exceptions: Iterable[DayException]) -> str:
    """Return the exceptions of a date: `abierto 08:00-12:00`, `cerrado 00:00-24:00`; empty when it has none."""
    rows = list(exceptions)
    opened = [one.hours for one in rows if one.is_open]
    if not rows:
        return ""
    return f"{KIND_OPEN if opened else KIND_CLOSED} {format_hours(opened or [one.hours for one in rows])}"


def describe_week(blocks: Iterable[WeeklyBlock]) -> dict[int, str]:
    """Return the hours of each of the seven weekdays, as `format_hours` writes them."""
    days: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for block in blocks:
        days[block.weekday].append((block.starts, block.ends))
    return {weekday: format_hours(days[weekday]) for weekday in range(7)}


def describe_recorded_day(rows: Iterable[str]) -> str:
    """Return the hours of a date as the audit log has them, in minutes of the day, as people read them.

    `cerrado 0-1440` is `cerrado 00:00-24:00`; another text stays as it is.
    """
    found = list(rows)
    if any(one.startswith(KIND_OPEN) for one in found):
        # An opening wins over the day that is closed: these hours and no others, as in `describe_day`.
        found = [one for one in found if one != _RECORDED_CLOSED_DAY]
    return _RECORDED_SPAN.sub(lambda span: format_hours([(int(span[1]), int(span[2]))]), ", ".join(found))


def describe_recorded_week(days: Mapping[str, object]) -> str:
    """Return the hours of a week as the audit log has them as people read them: `lunes: 08:00-12:00`, in order."""
    lists = {_WEEKDAY_NUMBERS[key]: hours if isinstance(hours, list) else [hours] for key, hours in days.items()}
    return "; ".join(f"{WEEKDAYS[day]}: {describe_recorded_day(map(str, lists[day]))}" for day in sorted(lists))


def _parse_span(text: str) -> tuple[int, int]:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError("Escriba las horas de 0 a 24, como 8:00-12:00, 14:00-18:00.")
    starts, ends = (_minute_of(found[hour], found[hour + 1]) for hour in (1, 3))
    if starts is None or ends is None:
        raise ValueError("Escriba las horas de 0 a 24, como 8:00-12:00, 14:00-18:00.")
    if ends <= starts:
        raise ValueError("Cada tramo debe terminar después de empezar.")
    return starts, ends


def _minute_of(hour: str, minute: str | None) -> int | None:
    minutes = int(minute or 0)
    total = int(hour) * 60 + minutes
    return total if minutes < 60 and total <= DAY_MINUTES else None


def _format_minute(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
