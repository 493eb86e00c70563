"""Which day and hours somebody asks for: "el miércoles por la tarde", "mañana después de las 3"."""

import re
from datetime import date, timedelta

from beneficiate.domain.bot.drafts import SlotPreference
from beneficiate.folding import fold
from beneficiate.formatting import MONTHS, WEEKDAYS

_MAX_CHARS = 200
_NOON, _EVENING, _MIDNIGHT = 12 * 60, 18 * 60, 24 * 60
_FIRST_HOUR_OF_MORNING = 6
"""A bare hour before six is in the afternoon: nobody asks for an appointment at three in the night."""

_WEEKDAYS = {fold(name): number for number, name in enumerate(WEEKDAYS)}
_MONTHS = {name: number for number, name in enumerate(MONTHS, 1)} | {"setiembre": 9}
_PARTS_OF_DAY = (
    (r"\b(?:por|en|de) la manana\b|\btemprano\b", (0, _NOON)),
    (r"(?<!mas )\btarde\b", (_NOON, _MIDNIGHT)),
    (r"\bnoche\b", (_EVENING, _MIDNIGHT)),
)
_HOUR = re.compile(
    r"\b(despues de|antes de|desde|a partir de|hasta|a) las? (\d{1,2})(?: (\d\d))?"
    r"( ?a ?m\b| ?p ?m\b| de la tarde\b)?"
)
_SLASHED = re.compile(r"(?<!\d)(\d{1,2})/(\d{1,2})(?!\d)")
_NAMED_MONTH = re.compile(rf"\b(\d{{1,2}}) (?:de )?({'|'.join(_MONTHS)})\b")
_RELATIVE_DAYS = ((r"\bpasado manana\b", 2), (r"(?<!la )\bmanana\b", 1), (r"\bhoy\b", 0))
_DAY_OF_MONTH = re.compile(r"\b(?:el|dia) (\d{1,2})$|\b(?:el|dia) (\d{1,2}) (?=por|en|despues|antes|desde|a las)")
_NEXT_WEEK = re.compile(r"\b(?:(?:proxima|otra) semana|semana (?:entrante|que viene|siguiente|proxima))\b")


def parse_slot_preference(text: str, today: date) -> SlotPreference | None:
    """Return the day (not before today) and the hours in the text; None when it names neither."""
    folded = fold(text[:_MAX_CHARS])
    day = _parse_day(text[:_MAX_CHARS], folded, today)
    from_minute, until_minute = _parse_hours(folded)
    if day is None and (from_minute, until_minute) == (0, _MIDNIGHT):
        return None
    return SlotPreference(day=day, from_minute=from_minute, until_minute=until_minute)


def _parse_day(text: str, folded: str, today: date) -> date | None:
    if match := _SLASHED.search(text):
        return _next_date(int(match[1]), int(match[2]), today)
    if match := _NAMED_MONTH.search(folded):
        return _next_date(int(match[1]), _MONTHS[match[2]], today)
    for pattern, days in _RELATIVE_DAYS:
        if re.search(pattern, folded):
            return today + timedelta(days=days)
    monday = today + timedelta(days=7 - today.weekday())
    named = next((number for word in folded.split() if (number := _WEEKDAYS.get(word)) is not None), None)
    if _NEXT_WEEK.search(folded):
        return monday + timedelta(days=named or 0)
    if named is not None:
        return today + timedelta(days=(named - today.weekday()) % 7 or 7)
    if match := _DAY_OF_MONTH.search(folded):
        return _next_day_of_month(int(match[1] or match[2]), today)
    return None


def _parse_hours(folded: str) -> tuple[int, int]:
    first, last = 0, _MIDNIGHT
    for pattern, (begin, end) in _PARTS_OF_DAY:
        if re.search(pattern, folded):
            first, last = begin, end
    for word, hour, minutes, half in _HOUR.findall(folded):
        at = _minute_of_day(int(hour), int(minutes or 0), half.strip())
        if at is None:
            continue
        if word in ("antes de", "hasta"):
            last = at
        else:
            first = at
    return (first, last) if first < last else (0, _MIDNIGHT)


def _minute_of_day(hour: int, minutes: int, half: str) -> int | None:
    if hour > 23 or minutes > 59:
        return None
    is_afternoon = half.startswith("p") or half.endswith("tarde") or (not half and 1 <= hour < _FIRST_HOUR_OF_MORNING)
    if is_afternoon and hour < 12:
        hour += 12
    return hour * 60 + minutes


def _next_date(day: int, month: int, today: date) -> date | None:
    """Return the next date with this day and month: this year, or next year when it has passed."""
    for year in (today.year, today.year + 1):
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found >= today:
            return found
    return None


def _next_day_of_month(day: int, today: date) -> date | None:
    """Return the next date with this day of the month, at most two months from now."""
    for months in range(3):
        years, month = divmod(today.month - 1 + months, 12)
        try:
            found = date(today.year + years, month + 1, day)
        except ValueError:
            continue
        if found >= today:
            return found
    return None
