"""Find patients by document, by whatever a caller says of themselves, or those of a chat."""

from typing import TypedDict

from peewee import JOIN, Expression

from beneficiate.domain.identity_documents import possible_numbers, write_document
from beneficiate.domain.patient_key import patient_key
from beneficiate.folding import fold
from beneficiate.models.accounts import Beneficiary, User
from beneficiate.models.professionals import Township
from beneficiate.queries import people
from beneficiate.queries.access import access_support_chat
from beneficiate.queries.accounts import CurrentPlan, find_current_plans
from beneficiate.queries.consents import find_reason_consents
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.masking import CONTACTS, lookup_kind, mask_number

MAX_PATIENTS_FOUND = 10


class PatientRow(TypedDict):
    """A patient and the member whose plan covers them. `patient` is `u:<user id>` or `b:<beneficiary id>`.

    `document` is masked. `asks_reason`: the member may be asked for the reason of an appointment. `needs_consent`: they
    never decided about it, so it is stored only with a consent given now.
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
    asks_reason: bool
    needs_consent: bool


class FoundPatients(TypedDict):
    """The first patients in alphabetical order, and whether there are more."""

    patients: list[PatientRow]
    has_more: bool


def search_patients(uow: UnitOfWork, text: str) -> FoundPatients:
    """Return at most ten patients by name or document, or by the telephone or e-mail of the member. For staff only.

    Who is found by a contact brings their beneficiaries along: a parent calls for a child.
    """
    ids = people.select_named_beneficiaries(text, people.MAX_SORTED_PEOPLE)
    if lookup_kind(text) in CONTACTS:
        contacts = people.select_users_by_contact(text, people.MAX_SORTED_PEOPLE)
        ids |= Beneficiary.select(Beneficiary.id).where(Beneficiary.user.in_(contacts))
    for with_document in people.select_beneficiaries_by_document(text, people.MAX_SORTED_PEOPLE):
        ids |= with_document
    members = _list_first_names(User, User.id.in_(people.select_matching_users(text, people.MAX_SORTED_PEOPLE)))
    covered = _list_first_names(Beneficiary, Beneficiary.id.in_(ids) & Beneficiary.removed_at.is_null())
    found = [*((User, *row) for row in members), *((Beneficiary, *row) for row in covered)]
    found.sort(key=lambda row: fold(f"{row[2]} {row[3]}"))
    shown = [(table, id_) for table, id_, _, _ in found[:MAX_PATIENTS_FOUND]]
    loaded: dict[tuple[type[User | Beneficiary], int], User | Beneficiary] = {
        (table, one.id): one
        for table in (User, Beneficiary)
        for one in _load_people(table, [id_ for kind, id_ in shown if kind is table])
    }
    # Who was deleted meanwhile is left out.
    patients = _build_patient_rows(uow, [loaded[key] for key in shown if key in loaded])
    return FoundPatients(patients=patients, has_more=len(found) > MAX_PATIENTS_FOUND)


def find_patients_by_document(uow: UnitOfWork, document: str) -> list[PatientRow]:
    """Return everybody with this document: members first, then beneficiaries. For staff only."""
    numbers = possible_numbers(document)
    if not numbers:
        return []
    members = User.select().where(User.document_number.in_(numbers))
    query = Beneficiary.select().where(Beneficiary.document_number.in_(numbers), Beneficiary.removed_at.is_null())
    return _build_patient_rows(uow, [*members, *query])


def find_patients_of_chat(uow: UnitOfWork, chat_id: int) -> list[PatientRow]:
    """Return the member of a support chat, then their beneficiaries. Raises NotFound."""
    user = User.get_by_id(access_support_chat(uow.actor, chat_id).user_id)
    query = Beneficiary.select().where(Beneficiary.user == user, Beneficiary.removed_at.is_null())
    return _build_patient_rows(uow, [user, *query.order_by(Beneficiary.id)])


def _list_first_names(table: type[User | Beneficiary], condition: Expression) -> list[tuple[int, str, str]]:
    """Return id and name of the first in alphabetical order, and one more when others follow.

    Many match a short text: they are sorted by these columns alone, and of ten the whole rows are read.
    """
    columns = (table.id, table.first_name, table.last_name)
    query = table.select(*columns).where(condition).order_by(table.first_name, table.last_name, table.id)
    return list(query.limit(MAX_PATIENTS_FOUND + 1).tuples())


def _load_people(table: type[User | Beneficiary], ids: list[int]) -> list[User | Beneficiary]:
    """Return the rows with these ids, each with its member and the city."""
    if not ids:
        return []
    query = table.select(User, Township) if table is User else table.select(Beneficiary, User, Township).join(User)
    return list(query.join(Township, JOIN.LEFT_OUTER).where(table.id.in_(ids)))


def _build_patient_rows(uow: UnitOfWork, persons: list[User | Beneficiary]) -> list[PatientRow]:
    ids = [_member_of(person).id for person in persons]
    plans, consents = find_current_plans(ids, uow.now), find_reason_consents(ids)
    return [_build_patient_row(person, plans.get(id_), consents[id_]) for id_, person in zip(ids, persons, strict=True)]


def _member_of(person: User | Beneficiary) -> User:
    return person.user if isinstance(person, Beneficiary) else person


def _build_patient_row(person: User | Beneficiary, plan: CurrentPlan | None, consents: bool | None) -> PatientRow:
    user, beneficiary_id = _member_of(person), person.id if isinstance(person, Beneficiary) else None
    return {
        "user_id": user.id,
        "beneficiary_id": beneficiary_id,
        "patient": patient_key(user.id, beneficiary_id),
        "name": f"{person.first_name} {person.last_name}",
        "document": write_document(person.document_type, mask_number(person.document_number)),
        "member": user.name,
        "city_id": user.township_id,
        "city_name": _city_name(user.township),
        "plan": plan,
        "asks_reason": consents is not False,
        "needs_consent": consents is None,
    }


def _city_name(township: Township | None) -> str:
    return township.name if township is not None else ""
