"""What the forms of the administration have in common: names, whole numbers, and whether a row is active."""

import re
from collections.abc import Collection, Mapping

from beneficiate.domain.visible_text import has_visible_text, is_visible
from beneficiate.errors import InvalidForm
from beneficiate.folding import fold

ACTIVE_STATE, INACTIVE_STATE = "activo", "inactivo"
STATES = (ACTIVE_STATE, INACTIVE_STATE)
MAX_CHOSEN = 200
"""The most options of a field that are chosen at once."""
INVISIBLE_SIGN = "Tiene un signo invisible o desconocido. Bórrelo y escriba de nuevo."
_NUMBER = re.compile(r"[0-9]{1,9}")


def clean_line(text: str) -> str:
    """Return a text of one line without spaces around it, and with single ones inside."""
    return " ".join(text.split())


def describe_line_problem(text: str, max_chars: int, wanted: str) -> str:
    """Return what is wrong with a text of one line, as a sentence, empty for nothing; `wanted` is `el nombre`."""
    if not text:
        return f"Escriba {wanted}."
    if len(text) > max_chars:
        return f"Use {max_chars} letras o menos."
    return "" if has_visible_text(text) and text.isprintable() else INVISIBLE_SIGN


def describe_name_problem(text: str, max_chars: int, wanted: str) -> str:
    """Return what is wrong with a name, as a sentence, empty for nothing: a line with a letter, of any script."""
    has_letter = any(one.isalpha() and is_visible(one) for one in text)
    problem = describe_line_problem(text, max_chars, wanted)
    return problem or ("" if has_letter else f"Escriba {wanted} con letras.")


def is_valid_line(text: str, max_chars: int) -> bool:
    """Return whether a text of one line shows something and is not too long."""
    return not describe_line_problem(text, max_chars, "")


def is_valid_name(text: str, max_chars: int) -> bool:
    """Return whether a text is a name: a line with a letter in it, of any script."""
    return not describe_name_problem(text, max_chars, "")


def check_line(text: str, max_chars: int, wanted: str) -> tuple[bool, str]:
    """Return whether a line is valid, and the sentence if not, as `refuse_invalid` takes them."""
    problem = describe_line_problem(text, max_chars, wanted)
    return not problem, problem


def check_name(text: str, max_chars: int, wanted: str) -> tuple[bool, str]:
    """Return whether a name is valid, and the sentence if not, as `refuse_invalid` takes them."""
    problem = describe_name_problem(text, max_chars, wanted)
    return not problem, problem


def is_whole_number(text: str, least: int, most: int) -> bool:
    """Return whether a text is a whole number between these two."""
    return _NUMBER.fullmatch(text) is not None and least <= int(text) <= most


def are_ids(text: str) -> bool:
    """Return whether a text is ids with commas between, or empty."""
    ids = list(filter(None, text.split(",")))
    return len(ids) <= MAX_CHOSEN and all(map(_NUMBER.fullmatch, ids))


def parse_ids(text: str) -> frozenset[int]:
    """Return the ids of a text that `are_ids`."""
    return frozenset(map(int, filter(None, text.split(","))))


def choose_code(name: str, taken: Collection[str], max_chars: int) -> str:
    """Return the code of a new row, which programs keep when its name changes: `mi-plan`, `mi-plan-2`."""
    base = "-".join(re.findall(r"[a-z0-9]+", fold(name)))[: max_chars - 4].strip("-") or "nuevo"
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return base if base not in taken else next(code for code in numbered if code not in taken)


def refuse_invalid(checks: Mapping[str, tuple[bool, str]]) -> None:
    """Raise InvalidForm with the sentences of the fields that are not valid: (whether it is, sentence) by field."""
    problems = {name: sentence for name, (is_valid, sentence) in checks.items() if not is_valid}
    if problems:
        raise InvalidForm(problems)
