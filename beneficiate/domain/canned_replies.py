"""Canned replies with variables: `{{member.first_name}}` becomes a name.

No template language: names are looked up in a table and nothing is evaluated. Values are not expanded again, so a
person who is called `{{agent.first_name}}` keeps that name.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from beneficiate.formatting import format_at_time, format_weekday_date

VARIABLE_EXAMPLES = {
    "member.first_name": "Ana",
    "member.last_name": "Rojas",
    "agent.first_name": "Yuliana",
    "plan.name": "Plan Familiar",
    "plan.ends_on": "31 de diciembre de 2026",
    "appointment.next": "martes 25 de agosto a las 3:00 p. m.",
}
"""A value of each variable, for the preview of whoever writes a reply."""
_VARIABLE = re.compile(r"\{\{\s{0,8}([a-z_]{1,32}(?:\.[a-z_]{1,32}){0,3})\s{0,8}\}\}")


class FilledReply(NamedTuple):
    """A text with its variables filled in, and the names of those that have no value."""

    text: str
    unknown: list[str]


def fill_variables(text: str, values: Mapping[str, str]) -> FilledReply:
    """Fill in the variables that have a value. The others stay visible, so that nobody sends a sentence with a gap."""
    unknown: dict[str, None] = {}

    def fill(found: re.Match[str]) -> str:
        value = values.get(found[1])
        if not value:
            unknown[found[1]] = None
            return found[0]
        return value

    return FilledReply(_VARIABLE.sub(fill, text), list(unknown))


def format_date_and_time(instant: datetime) -> str:
    """Return `martes 25 de agosto a las 3:00 p. m.`, in Bogotá."""
    return f"{format_weekday_date(instant)} {format_at_time(instant)}"
