"""Find patients by document, by whatever a caller says of themselves, or those of a chat."""

from typing import TypedDict

from beneficiate.domain.identity_documents import possible_numbers
from beneficiate.domain.patient_key import patient_key
from beneficiate.folding import fold
from beneficiate.models.accounts import Beneficiary, User
from beneficiate.models.professionals import Township
from beneficiate.queries import people
from beneficiate.queries.access import access_support_chat
from beneficiate.queries.accounts import CurrentPlan, find_current_plan
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.masking import CONTACTS, lookup_kind, mask_number

MAX_PATIENTS_FOUND = 10


class PatientRow(TypedDict):
    """A patient and the member whose plan covers them. `patient` is `u:<user id>` or `b:<beneficiary id>`.

    `document` is masked.
    """

    user_id: int
    beneficiary_id: int | None
    patient: str
    name: str
    document: str
    member: str
    city_id: int | None
    city_name: str
    plan: CurrentPlan | None


class FoundPatients(TypedDict):
    """The first patients in alphabetical order, and whether there are more."""

    patients: list[PatientRow]
    has_more: bool


def search_patients(uow: UnitOfWork, text: str) -> FoundPatients:
    """Return at most ten patients by name or document, or by the telephone or e-mail of the member. For staff only.

    Who is found by a contact brings their beneficiaries along: a parent calls for a child.
    """
    wanted = MAX_PATIENTS_FOUND + 1
    members = User.select().where(User.id.in_(people.select_matching_users(text)))
    ids = people.select_named_beneficiaries(text)
    if lookup_kind(text) in CONTACTS:
        ids |= Beneficiary.select(Beneficiary.id).where(Beneficiary.user.in_(people.select_users_by_contact(text)))
    for has_document in people.matches_document(Beneficiary.document_number, text):
        ids |= Beneficiary.select(Beneficiary.id).where(has_document)
    covered = Beneficiary.select(Beneficiary, User).join(User)
    covered = covered.where(Beneficiary.id.in_(ids), Beneficiary.removed_at.is_null())
    found: list[User | Beneficiary] = [
        *members.order_by(User.first_name, User.last_name, User.id).limit(wanted),
        *covered.order_by(Beneficiary.first_name, Beneficiary.last_name, Beneficiary.id).limit(wanted),
    ]
    found.sort(key=lambda person: fold(f"{person.first_name} {person.last_name}"))
    patients = [_build_patient_row(uow, person) for person in found[:MAX_PATIENTS_FOUND]]
    return FoundPatients(patients=patients, has_more=len(found) > MAX_PATIENTS_FOUND)


def find_patients_by_document(uow: UnitOfWork, document: str) -> list[PatientRow]:
    """Return everybody with this document: members first, then beneficiaries. For staff only."""
    numbers = possible_numbers(document)
    if not numbers:
        return []
    members = User.select().where(User.document_number.in_(numbers))
    query = Beneficiary.select().where(Beneficiary.document_number.in_(numbers), Beneficiary.removed_at.is_null())
    return [_build_patient_row(uow, person) for person in (*members, *query)]


def find_patients_of_chat(uow: UnitOfWork, chat_id: int) -> list[PatientRow]:
    """Return the member of a support chat, then their beneficiaries. Raises NotFound."""
    user = User.get_by_id(access_support_chat(uow.actor, chat_id).user_id)
    query = Beneficiary.select().where(Beneficiary.user == user, Beneficiary.removed_at.is_null())
    return [_build_patient_row(uow, person) for person in (user, *query.order_by(Beneficiary.id))]


def _build_patient_row(uow: UnitOfWork, person: User | Beneficiary) -> PatientRow:
    beneficiary_id, user = (person.id, person.user) if isinstance(person, Beneficiary) else (None, person)
    return {
        "user_id": user.id,
        "beneficiary_id": beneficiary_id,
        "patient": patient_key(user.id, beneficiary_id),
        "name": f"{person.first_name} {person.last_name}",
        "document": f"{person.document_type} {mask_number(person.document_number)}",
        "member": user.name,
        "city_id": user.township_id,
        "city_name": _city_name(user.township),
        "plan": find_current_plan(user.id, uow.now),
    }


def _city_name(township: Township | None) -> str:
    return township.name if township is not None else ""
