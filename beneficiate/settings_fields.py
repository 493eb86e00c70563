"""A setting as a field of a dataclass: its variable, default, range and help text."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import field, fields
from difflib import get_close_matches
from typing import Any, TypeVar

T = TypeVar("T")

MAX_NUMBER = 1_000_000_000
"""The largest number of a setting that has no limit of its own."""


OWN_PREFIX = "BENEFICIATE_"
_SERVICE_LINK = re.compile(r"\w+_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP)(_(PROTO|PORT|ADDR))?)")
"""Variables that Kubernetes adds to every container for a service whose name begins with `beneficiate`."""


class InvalidSettings(Exception):
    """The process must not start with these settings; the message says which and why."""


def setting_field(env: str, default: T, text: str, *, least: float = 1, most: float = MAX_NUMBER) -> T:
    """Return a field for a variable; a number must be in a range, and is positive when nothing else is said."""
    return field(default=default, metadata={"env": env, "help": text, "least": least, "most": most})


# Any: a dataclass has no type of its own, and each value has the type of its field's default.
def parse_settings(settings_type: Any, variables: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields whose variables are set; an empty or blank one is as good as none.

    Raises InvalidSettings, also for a variable of ours that no field has: a misspelled setting has no effect.
    """
    known = [f.metadata["env"] for f in fields(settings_type)]
    for name, text in variables.items():
        if name.startswith(OWN_PREFIX) and name not in known and not _is_service_link(name, text):
            raise InvalidSettings(_unknown_sentence(name, known))
    return {
        f.name: _parse(f.metadata["env"], variables[f.metadata["env"]], f.default)
        for f in fields(settings_type)
        if variables.get(f.metadata["env"], "").strip()
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


def _parse(env: str, text: str, default: Any) -> object:
    if isinstance(default, tuple):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    # A number without a default has to be said.
    kind = int if default is None else type(default)
    try:
        return kind(text)
    except ValueError as problem:
        raise InvalidSettings(f"{env} must be a number, not {text!r}.") from problem


def _is_service_link(name: str, text: str) -> bool:
    is_address = name.endswith("_PORT") and text.startswith(("tcp://", "udp://"))
    return is_address or _SERVICE_LINK.fullmatch(name) is not None


def _unknown_sentence(name: str, known: Iterable[str]) -> str:
    nearest = get_close_matches(name, known, n=1, cutoff=0)
    return f"{name} is no setting. Did you mean {nearest[0]}?" if nearest else f"{name} is no setting."
