"""Beneficiaries, whom a member's plan covers too: add within the plan's limit, update, remove."""

from dataclasses import dataclass
from datetime import date, datetime

from beneficiate.actions import quotas
from beneficiate.actions.member_changes import emit_member_changed
from beneficiate.domain.administration import clean_line, describe_name_problem
from beneficiate.domain.dates import parse_typed_date
from beneficiate.domain.identity_documents import DOCUMENT_FORMATS, describe_format, normalize_document
from beneficiate.errors import BeneficiaryLimit, Conflict, InvalidForm, PlanRequired
from beneficiate.models.accounts import Beneficiary, User
from beneficiate.models.base import lock_rows
from beneficiate.queries import beneficiaries
from beneficiate.queries.beneficiaries import access_beneficiary, active_beneficiaries
from beneficiate.unit_of_work import UnitOfWork

MAX_NAME_CHARS = 60
MIN_BIRTH_YEAR = 1900


@dataclass(frozen=True, slots=True)
class BeneficiaryDetails:
    """The fields of the form as they were typed."""

    first_name: str
    last_name: str
    document_type: str
    document_number: str
    birth_date: str
    relationship: str


@dataclass(frozen=True, slots=True)
class UpdateBeneficiary:
    """New details for a beneficiary."""

    id: int
    details: BeneficiaryDetails


def add_beneficiary(uow: UnitOfWork, details: BeneficiaryDetails) -> int:
    """Add a beneficiary and return its id.

    Raises InvalidForm, PlanRequired, BeneficiaryLimit if the plan is full, RateLimited.
    """
    member = _lock_member(uow)
    _require_below_limit(uow)
    columns = _validated_columns(uow, member, details, None)
    quotas.consume_quota(uow, uow.rules.quotas.beneficiaries)
    beneficiary_id = int(Beneficiary.create(user=member, created_at=uow.now, **columns).id)
    emit_member_changed(uow, member.id)
    return beneficiary_id


def update_beneficiary(uow: UnitOfWork, command: UpdateBeneficiary) -> None:
    """Update the details of a beneficiary, with or without a plan. Raises NotFound, InvalidForm."""
    member = _lock_member(uow)
    row = access_beneficiary(uow.actor, command.id)
    columns = _validated_columns(uow, member, command.details, row)
    Beneficiary.update(**columns).where(Beneficiary.id == row.id).execute()
    emit_member_changed(uow, member.id)


def remove_beneficiary(uow: UnitOfWork, beneficiary_id: int) -> None:
    """Remove a beneficiary; past appointments stay. Raises NotFound, and Conflict while open appointments exist."""
    _lock_member(uow)
    row = access_beneficiary(uow.actor, beneficiary_id)
    open_tickets = beneficiaries.list_upcoming_ticket_numbers(row.id, uow.now)
    if open_tickets:
        raise Conflict(
            f"{row.first_name} tiene {_describe_tickets(open_tickets)}. "
            "Cancele primero por el chat y vuelva a intentar."
        )
    Beneficiary.update(removed_at=uow.now).where(Beneficiary.id == row.id).execute()
    emit_member_changed(uow, uow.actor.user_id)


def _lock_member(uow: UnitOfWork) -> User:
    """Return the actor's row, locked until the unit of work ends, so that two tabs or a booking do not interleave."""
    member: User = lock_rows(User.select().where(User.id == uow.actor.user_id)).get()
    return member


def _require_below_limit(uow: UnitOfWork) -> None:
    limit = beneficiaries.count_coverable_beneficiaries(uow.actor.user_id, uow.now)
    if not limit:
        raise PlanRequired("Para agregar beneficiarios necesita un plan vigente que los cubra.")
    if active_beneficiaries(uow.actor.user_id).count() >= limit:
        raise BeneficiaryLimit(
            "Su plan cubre a 1 beneficiario, y ya lo tiene."
            if limit == 1
            else f"Su plan cubre hasta {limit} beneficiarios, y ya los tiene."
        )


def _validated_columns(
    uow: UnitOfWork, member: User, details: BeneficiaryDetails, row: Beneficiary | None
) -> dict[str, object]:
    """Return the columns for a form. Raises InvalidForm with a sentence for each invalid field."""
    first_name, last_name = clean_line(details.first_name), clean_line(details.last_name)
    number = normalize_document(details.document_type, details.document_number)
    birth_date = parse_typed_date(details.birth_date)
    is_known = details.relationship in beneficiaries.list_relationships(row)
    sentences = {
        "first_name": describe_name_problem(first_name, MAX_NAME_CHARS, "el nombre"),
        "last_name": describe_name_problem(last_name, MAX_NAME_CHARS, "el apellido"),
        "document_type": "" if details.document_type in DOCUMENT_FORMATS else "Elija el tipo de documento.",
        "document_number": _document_problem(member, details, number, row),
        "birth_date": _birth_date_problem(birth_date, uow.now),
        "relationship": "" if is_known else "Elija qué es esta persona de usted.",
    }
    problems = {field: sentence for field, sentence in sentences.items() if sentence}
    if problems:
        raise InvalidForm(problems)
    return {
        "first_name": first_name,
        "last_name": last_name,
        "document_type": details.document_type,
        "document_number": number,
        "birth_date": birth_date,
        "relationship": details.relationship,
    }


def _document_problem(member: User, details: BeneficiaryDetails, number: str | None, row: Beneficiary | None) -> str:
    if not details.document_number.strip():
        return "Escriba el número del documento."
    if details.document_type not in DOCUMENT_FORMATS:
        return ""
    if number is None:
        return describe_format(details.document_type)
    if number == member.document_number:
        return "Ese es su propio documento: usted ya está cubierto."
    # By number alone, because the bot finds a patient by number.
    same = active_beneficiaries(member.id).where(Beneficiary.document_number == number)
    if row is not None:
        same = same.where(Beneficiary.id != row.id)
    return "Ya tiene un beneficiario con ese documento." if same.exists() else ""


def _birth_date_problem(day: date | None, now: datetime) -> str:
    if day is None or day.year < MIN_BIRTH_YEAR:
        return "Escriba la fecha de nacimiento: día, mes y año."
    return "Esa fecha todavía no llega. Revise el año." if day > beneficiaries.bogota_today(now) else ""


def _describe_tickets(tickets: list[str]) -> str:
    """Return `la cita APT-00012-2026 pendiente`, or the same for several tickets."""
    if len(tickets) == 1:
        return f"la cita {tickets[0]} pendiente"
    return f"las citas {', '.join(tickets[:-1])} y {tickets[-1]} pendientes"
