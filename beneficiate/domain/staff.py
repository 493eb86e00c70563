"""What a supervisor types about one of the staff."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from beneficiate.domain.email_addresses import encode_email_address
from beneficiate.domain.visible_text import has_visible_text
from beneficiate.errors import InvalidForm

AGENT_ROLE, SUPERVISOR_ROLE = "agente", "supervisor"
MAX_CAPACITY = 12
"""More chats at a time nobody answers well."""
USUAL_CAPACITY = 5
MAX_NAME_CHARS = 60
MAX_TOPICS = 100
_CODE = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+)*")
_MAX_CODE_CHARS = 16
_NUMBER = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class StaffFields:
    """One of the staff as typed, in the form in which it is stored."""

    first_name: str
    last_name: str
    email: str
    code: str
    capacity: int
    topic_ids: frozenset[int]
    role: str


def parse_staff_fields(typed: Mapping[str, str]) -> StaffFields:
    """Return the fields of the form, by their names. Raises InvalidForm with a sentence for each invalid one."""
    first_name, last_name = (" ".join(typed.get(name, "").split()) for name in ("nombres", "apellidos"))
    email, code = typed.get("correo", "").strip().lower(), typed.get("codigo", "").strip().upper()
    capacity, topics, role = (typed.get(name, "") for name in ("capacidad", "temas", "papel"))
    checks = {
        "nombres": (_is_name(first_name), f"Escriba los nombres, hasta {MAX_NAME_CHARS} caracteres."),
        "apellidos": (_is_name(last_name), f"Escriba los apellidos, hasta {MAX_NAME_CHARS} caracteres."),
        "correo": (encode_email_address(email) is not None, "Escriba un correo como nombre@empresa.co."),
        "codigo": (_is_code(code), "Use hasta 16 letras sin tilde, números y guiones, como AG-017."),
        "capacidad": (_is_capacity(capacity), f"Entre 0 y {MAX_CAPACITY}. Lo usual son {USUAL_CAPACITY}."),
        "temas": (_are_ids(topics), "Elija los temas de la lista."),
        "papel": (role in (AGENT_ROLE, SUPERVISOR_ROLE), "Elija un papel."),
    }
    problems = {name: sentence for name, (is_valid, sentence) in checks.items() if not is_valid}
    if problems:
        raise InvalidForm(problems)
    topic_ids = frozenset(map(int, filter(None, topics.split(","))))
    return StaffFields(first_name, last_name, email, code, int(capacity), topic_ids, role)


def _is_name(text: str) -> bool:
    return has_visible_text(text) and text.isprintable() and len(text) <= MAX_NAME_CHARS


def _is_code(text: str) -> bool:
    return len(text) <= _MAX_CODE_CHARS and _CODE.fullmatch(text) is not None


def _is_capacity(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None and int(text) <= MAX_CAPACITY


def _are_ids(text: str) -> bool:
    ids = list(filter(None, text.split(",")))
    return len(ids) <= MAX_TOPICS and all(map(_NUMBER.fullmatch, ids))
