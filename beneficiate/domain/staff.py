"""What a supervisor types about one of the staff."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from beneficiate.domain.administration import (
    are_ids,
    check_name,
    clean_line,
    is_whole_number,
    parse_ids,
    refuse_invalid,
)
from beneficiate.domain.email_addresses import encode_email_address, normalize_email_address

AGENT_ROLE, SUPERVISOR_ROLE = "agente", "supervisor"
MAX_CAPACITY = 12
"""More chats at a time nobody answers well."""
USUAL_CAPACITY = 5
MAX_NAME_CHARS = 60
_CODE = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+)*")
_MAX_CODE_CHARS = 16


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
    first_name, last_name = (clean_line(typed.get(name, "")) for name in ("nombres", "apellidos"))
    email, code = normalize_email_address(typed.get("correo", "")), typed.get("codigo", "").strip().upper()
    capacity, topics, role = (typed.get(name, "") for name in ("capacidad", "temas", "papel"))
    is_capacity = is_whole_number(capacity, 0, MAX_CAPACITY)
    refuse_invalid(
        {
            "nombres": check_name(first_name, MAX_NAME_CHARS, "los nombres"),
            "apellidos": check_name(last_name, MAX_NAME_CHARS, "los apellidos"),
            "correo": (encode_email_address(email) is not None, "Escriba un correo como nombre@empresa.co."),
            "codigo": (_is_code(code), "Use hasta 16 letras sin tilde, números y guiones, como AG-017."),
            "capacidad": (is_capacity, f"Entre 0 y {MAX_CAPACITY}. Lo usual son {USUAL_CAPACITY}."),
            "temas": (are_ids(topics), "Elija los temas de la lista."),
            "papel": (role in (AGENT_ROLE, SUPERVISOR_ROLE), "Elija un papel."),
        }
    )
    return StaffFields(first_name, last_name, email, code, int(capacity), parse_ids(topics), role)


def _is_code(text: str) -> bool:
    return len(text) <= _MAX_CODE_CHARS and _CODE.fullmatch(text) is not None
