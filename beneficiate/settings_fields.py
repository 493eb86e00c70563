"""A setting as a field of a dataclass: its variable, default, range and help text."""

import math
from collections.abc import Mapping
from dataclasses import field, fields
from typing import Any, TypeVar

T = TypeVar("T")

MAX_NUMBER = 1_000_000_000
"""The largest number of a setting that has no limit of its own."""


class InvalidSettings(Exception):
    """The process must not start with these settings; the message says which and why."""


def setting_field(env: str, default: T, text: str, *, least: float = 1, most: float = MAX_NUMBER) -> T:
    """Return a field for a variable; a number must be in a range, and is positive when nothing else is said."""
    return field(default=default, metadata={"env": env, "help": text, "least": least, "most": most})


# Any: a dataclass has no type of its own, and each value has the type of its field's default.
def parse_settings(settings_type: Any, variables: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields whose variables are set. Raises InvalidSettings."""
    return {
        f.name: _parse(f.metadata["env"], variables[f.metadata["env"]], f.default)
        for f in fields(settings_type)
        if variables.get(f.metadata["env"], "") != ""
    }


def find_range_error(settings: Any) -> str | None:
    """Return what is wrong with a number; None when all are in their ranges."""
    for f in fields(settings):
        value, least, most = getattr(settings, f.name), f.metadata["least"], f.metadata["most"]
        if isinstance(value, float) and least == 1:
            least = 0.001
        if isinstance(value, (int, float)) and not (math.isfinite(value) and least <= value <= most):
            return f"{f.metadata['env']} must be from {least:g} to {most:,.15g}, not {value:g}."
    return None


def _parse(env: str, text: str, default: Any) -> Any:
    if isinstance(default, tuple):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    # A number without a default has to be said.
    kind = int if default is None else type(default)
    try:
        return kind(text)
    except ValueError as problem:
        raise InvalidSettings(f"{env} must be a number, not {text!r}.") from problem
