"""What is wrong with a command or a body that does not fit its struct, in a sentence for people."""

import re

import msgspec

_FIELD = re.compile(r"`\$\.(\w+)[^`]*`$|field `(\w+)`")
_LENGTH = re.compile(r"Expected `(\w+)` of length (<=|>=) (\d+)")
_UNITS = {"str": ("carácter", "caracteres")}


def describe_invalid_field(problem: msgspec.ValidationError) -> str | None:
    """Return which field is wrong, and its limit if it is too long or too short; None when no field is named.

    msgspec says it in English only: "Expected `str` of length <= 4000 - at `$.message`".
    """
    found, length = _FIELD.search(str(problem)), _LENGTH.search(str(problem))
    if found is None:
        return None
    field = found[1] or found[2]
    if length is None:
        return f"El dato «{field}» falta, sobra o no es válido."
    kind, comparison, count = length[1], length[2], int(length[3])
    most_or_least = "puede tener hasta" if comparison == "<=" else "debe tener al menos"
    singular, plural = _UNITS.get(kind, ("elemento", "elementos"))
    return f"El dato «{field}» {most_or_least} {count:,} {singular if count == 1 else plural}.".replace(",", ".")
