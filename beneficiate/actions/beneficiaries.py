"""The people whom a member's plan covers too: added within the plan's limit, corrected, removed."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from beneficiate.errors import BeneficiaryLimit, Conflict, InvalidForm, PlanRequired
from beneficiate.models.base import locked
from beneficiate.models.people import DOCUMENT_TYPES, Beneficiary, User
from beneficiate.queries import beneficiaries
from beneficiate.queries.beneficiaries import access_beneficiary, living
from beneficiate.store import Work

LONGEST_NAME = 60
FIRST_YEAR = 1900
_DOCUMENT = re.compile(r"[A-Z0-9]{4,20}")
_BETWEEN = re.compile(r"[.\s-]")
"""What people write between the digits of a document."""


@dataclass(frozen=True, slots=True)
class Details:
    """A beneficiary as it was typed into the form."""

    first_name: str
    last_name: str
    document_type: str
    document_number: str
    birth_date: str
    relationship: str


@dataclass(frozen=True, slots=True)
class Correct:
    """Other details for a beneficiary."""

    id: int
    details: Details


def add(work: Work, details: Details) -> int:
    """Cover another person. Raises InvalidForm, PlanRequired, and BeneficiaryLimit when the plan covers no more."""
    member = _hold_member(work)
    _require_room(work)
    columns = _checked(work, member, details, None)
    return int(Beneficiary.create(user=member, created_at=work.now, **columns).id)


def correct(work: Work, command: Correct) -> None:
    """Put right what is known of a beneficiary, with or without a plan. Raises NotFound, InvalidForm."""
    member = _hold_member(work)
    row = access_beneficiary(work.actor, command.id)
    columns = _checked(work, member, command.details, row)
    Beneficiary.update(**columns).where(Beneficiary.id == row.id).execute()


def remove(work: Work, beneficiary_id: int) -> None:
    """Cover a person no longer; their visits stay. Raises NotFound, and Conflict while some are still to be."""
    _hold_member(work)
    row = access_beneficiary(work.actor, beneficiary_id)
    visits = beneficiaries.open_visits(row.id, work.now)
    if visits:
        raise Conflict(f"{row.first_name} tiene {_named(visits)}. Cancele primero por el chat y vuelva a intentar.")
    Beneficiary.update(removed_at=work.now).where(Beneficiary.id == row.id).execute()


def _hold_member(work: Work) -> User:
    """The one who acts. Held until the unit ends: two tabs come one after the other, and so does a booking."""
    member: User = locked(User.select().where(User.id == work.actor.user_id)).get()
    return member


def _require_room(work: Work) -> None:
    most = beneficiaries.covered(work.actor.user_id, work.now)
    if not most:
        raise PlanRequired("Para agregar beneficiarios necesita un plan vigente que los cubra.")
    if living(work.actor.user_id).count() >= most:
        raise BeneficiaryLimit(
            "Su plan cubre a 1 beneficiario, y ya lo tiene."
            if most == 1
            else f"Su plan cubre hasta {most} beneficiarios, y ya los tiene."
        )


def _checked(work: Work, member: User, details: Details, row: Beneficiary | None) -> dict[str, Any]:
    """The columns that a form makes. Raises InvalidForm with a sentence for each field that is not right."""
    first_name, last_name = _tidy(details.first_name), _tidy(details.last_name)
    number, born = _BETWEEN.sub("", details.document_number).upper(), _day(details.birth_date)
    is_known = details.relationship in beneficiaries.known_relationships(row)
    found = {
        "first_name": _about_name(first_name, "el nombre"),
        "last_name": _about_name(last_name, "el apellido"),
        "document_type": "" if details.document_type in DOCUMENT_TYPES else "Elija el tipo de documento.",
        "document_number": _about_document(member, number, row),
        "birth_date": _about_birth(born, work.now),
        "relationship": "" if is_known else "Elija qué es esta persona de usted.",
    }
    problems = {field: sentence for field, sentence in found.items() if sentence}
    if problems:
        raise InvalidForm(problems)
    return {
        "first_name": first_name,
        "last_name": last_name,
        "document_type": details.document_type,
        "document_number": number,
        "birth_date": born,
        "relationship": details.relationship,
    }


def _about_name(name: str, what: str) -> str:
    if not name:
        return f"Escriba {what}."
    if len(name) > LONGEST_NAME:
        return f"Use {LONGEST_NAME} letras o menos."
    is_readable = name.isprintable() and any(letter.isalpha() for letter in name)
    return "" if is_readable else f"Escriba {what} con letras."


def _about_document(member: User, number: str, row: Beneficiary | None) -> str:
    if not number:
        return "Escriba el número del documento."
    if not _DOCUMENT.fullmatch(number):
        return "Use de 4 a 20 letras o números, sin signos."
    if number == member.document_number:
        return "Ese es su propio documento: usted ya está cubierto."
    # By number alone: that is how the assistant finds a person.
    same = living(member.id).where(Beneficiary.document_number == number)
    if row is not None:
        same = same.where(Beneficiary.id != row.id)
    return "Ya tiene un beneficiario con ese documento." if same.exists() else ""


def _about_birth(day: date | None, now: datetime) -> str:
    if day is None or day.year < FIRST_YEAR:
        return "Escriba la fecha de nacimiento: día, mes y año."
    return "Esa fecha todavía no llega. Revise el año." if day > beneficiaries.today_of(now) else ""


def _tidy(text: str) -> str:
    return " ".join(text.split())


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _named(visits: list[str]) -> str:
    """`la cita APT-00012-2026 pendiente`, or all of them."""
    if len(visits) == 1:
        return f"la cita {visits[0]} pendiente"
    return f"las citas {', '.join(visits[:-1])} y {visits[-1]} pendientes"
