"""A service level as a supervisor types it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from beneficiate.domain.service_levels.promises import PromisedTimes
from beneficiate.errors import InvalidForm
from beneficiate.formatting import format_number

FIRST, NEXT, RESOLUTION, WARNING, GOAL, SCOPE = "primera", "siguiente", "resolver", "avisar", "meta", "desde"
PROMISED_FIELDS = (FIRST, NEXT, RESOLUTION, WARNING, GOAL)
"""The fields that are stored; the scope says for which chats they are from now on."""
NEW_CHATS, OPEN_CHATS = "nuevos", "abiertos"
USUAL_GOAL = 80
MAX_RESPONSE_S = 24 * 3600
MAX_RESOLUTION_S = 500 * 3600
"""A year of working days has about 3,000 hours; whoever takes longer promises nothing."""
MAX_WARNING_S = 100 * 3600
_MINUTES = re.compile(r"(\d{1,4})(?::([0-5]\d))?")
_HOURS = re.compile(r"(\d{1,3})(?:[.,](\d{1,2}))?\s*h?|(\d{1,3}):([0-5]\d)|(?:(\d{1,3})\s*h)?\s*(?:(\d{1,3})\s*min)?")
"""Hours with decimals, hours and minutes with a colon, or with their units: `1,5`, `1:20`, `1 h 20 min`, `20 min`."""
_GOAL = re.compile(r"(\d{1,3})\s*%?")


@dataclass(frozen=True, slots=True)
class ServiceLevelFields:
    """A service level as typed, in the form in which it is stored; `moves_open`: it is for the open chats too."""

    promised: PromisedTimes
    goal: int
    moves_open: bool


def parse_service_level(typed: Mapping[str, str]) -> ServiceLevelFields:
    """Return the fields of the form, by their names. Raises InvalidForm with a sentence for each invalid one."""
    texts = {name: typed.get(name, "").strip() for name in (*PROMISED_FIELDS, SCOPE)}
    first_s, next_s, warn_s = (_parse_minutes(texts[name]) for name in (FIRST, NEXT, WARNING))
    resolution_s, goal = _parse_hours(texts[RESOLUTION]), _parse_goal(texts[GOAL])
    minutes = "Escriba minutos, como 3 o 1:30, hasta 1440. Vacío: no se promete."
    checks = {
        FIRST: (_is_within(texts[FIRST], first_s, 1, MAX_RESPONSE_S), minutes),
        NEXT: (_is_within(texts[NEXT], next_s, 1, MAX_RESPONSE_S), minutes),
        RESOLUTION: (
            _is_within(texts[RESOLUTION], resolution_s, 60, MAX_RESOLUTION_S),
            "Escriba horas hábiles, como 4, 1:20 o 20 min, hasta 500. Vacío: no se promete.",
        ),
        WARNING: (
            _is_within(texts[WARNING], warn_s, 0, MAX_WARNING_S),
            "Escriba minutos hábiles, hasta 6000. Vacío: sin aviso.",
        ),
        GOAL: (goal is not None, "Escriba un porcentaje entre 1 y 100."),
        SCOPE: (texts[SCOPE] in (NEW_CHATS, OPEN_CHATS), "Elija para qué chats vale."),
    }
    problems = {name: sentence for name, (is_valid, sentence) in checks.items() if not is_valid}
    if problems:
        raise InvalidForm(problems)
    promised = PromisedTimes(first_s, next_s, resolution_s, warn_s or 0)
    return ServiceLevelFields(promised, goal or USUAL_GOAL, texts[SCOPE] == OPEN_CHATS)


def service_level_texts(promised: PromisedTimes, goal: int) -> dict[str, str]:
    """Return the text of each field of a stored service level."""
    return {
        FIRST: _minutes_text(promised.first_response_s),
        NEXT: _minutes_text(promised.next_response_s),
        RESOLUTION: _hours_text(promised.resolution_s),
        WARNING: _minutes_text(promised.warn_s or None),
        GOAL: f"{goal or USUAL_GOAL} %",
        SCOPE: NEW_CHATS,
    }


def _is_within(text: str, seconds: int | None, least: int, most: int) -> bool:
    return not text or (seconds is not None and least <= seconds <= most)


def _parse_minutes(text: str) -> int | None:
    found = _MINUTES.fullmatch(text) if text.isascii() else None
    return None if found is None else int(found[1]) * 60 + int(found[2] or 0)


def _parse_hours(text: str) -> int | None:
    found = _HOURS.fullmatch(text) if text.isascii() else None
    if not text or found is None:
        return None
    if found[1]:
        return round(float(f"{found[1]}.{found[2] or 0}") * 3600)
    hours, minutes = found[3] or found[5], found[4] or found[6]
    return int(hours or 0) * 3600 + int(minutes or 0) * 60


def _parse_goal(text: str) -> int | None:
    found = _GOAL.fullmatch(text.replace("\u00a0", " "))
    return int(found[1]) if found is not None and found[1].isascii() and 1 <= int(found[1]) <= 100 else None


def _minutes_text(seconds: int | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}:{rest:02}" if rest else str(minutes)


def _hours_text(seconds: int | None) -> str:
    if seconds is None:
        return ""
    if seconds % 60:
        return format_number(seconds / 3600, 2).rstrip("0")
    hours, minutes = divmod(seconds // 60, 60)
    if not minutes:
        return str(hours)
    return f"{hours}:{minutes:02}" if hours else f"{minutes} min"
