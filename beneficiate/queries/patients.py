"""Find patients by document, or those of a chat."""

from typing import TypedDict

from beneficiate.domain.identity_documents import possible_numbers
from beneficiate.domain.patient_key import patient_key
from beneficiate.models.accounts import Beneficiary, User
from beneficiate.models.professionals import Township
from beneficiate.queries.access import access_support_chat
from beneficiate.queries.accounts import CurrentPlan, find_current_plan
from beneficiate.unit_of_work import UnitOfWork


class PatientRow(TypedDict):
    """A patient and the member whose plan covers them. `patient` is `u:<user id>` or `b:<beneficiary id>`."""

    user_id: int
    beneficiary_id: int | None
    patient: str
    name: str
    member: str
    city_id: int | None
    city_name: str
    plan: CurrentPlan | None


def find_patients_by_document(uow: UnitOfWork, document: str) -> list[PatientRow]:
    """Return everybody with this document: members first, then beneficiaries. For staff only."""
    numbers = possible_numbers(document)
    if not numbers:
        return []
    members = list(User.select().where(User.document_number.in_(numbers)))
    query = Beneficiary.select().where(Beneficiary.document_number.in_(numbers), Beneficiary.removed_at.is_null())
    return _build_patient_rows(uow, members, list(query))


def find_patients_of_chat(uow: UnitOfWork, chat_id: int) -> list[PatientRow]:
    """Return the member of a support chat, then their beneficiaries. Raises NotFound."""
    user = User.get_by_id(access_support_chat(uow.actor, chat_id).user_id)
    query = Beneficiary.select().where(Beneficiary.user == user, Beneficiary.removed_at.is_null())
    return _build_patient_rows(uow, [user], list(query.order_by(Beneficiary.id)))


def _build_patient_rows(uow: UnitOfWork, members: list[User], beneficiaries: list[Beneficiary]) -> list[PatientRow]:
    people = [(user, user.name, None) for user in members]
    people += [(one.user, f"{one.first_name} {one.last_name}", one.id) for one in beneficiaries]
    return [
        {
            "user_id": user.id,
            "beneficiary_id": beneficiary_id,
            "patient": patient_key(user.id, beneficiary_id),
            "name": name,
            "member": user.name,
            "city_id": user.township_id,
            "city_name": _city_name(user.township),
            "plan": find_current_plan(user.id, uow.now),
        }
        for user, name, beneficiary_id in people
    ]


def _city_name(township: Township | None) -> str:
    return township.name if township is not None else ""
