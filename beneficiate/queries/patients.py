"""Finding who a visit is for, by document."""

import re

from beneficiate.domain.patient_key import patient_key
from beneficiate.models.accounts import Beneficiary, User
from beneficiate.models.professionals import Township
from beneficiate.queries.accounts import find_current_plan
from beneficiate.unit_of_work import UnitOfWork

_DOCUMENT_TYPE_PREFIX = re.compile(r"^\s*(c\.?c|t\.?i|c\.?e|pasaporte|passport)\b[\s.:#]*", re.IGNORECASE)


def normalize_document(document: str) -> str:
    """A document as it is stored: without dots, spaces and the type before it (`CC 52.123.456`)."""
    return "".join(letter for letter in _DOCUMENT_TYPE_PREFIX.sub("", document) if letter.isalnum()).upper()


def find_patients_by_document(uow: UnitOfWork, document: str) -> list[dict[str, object]]:
    """For the staff: everybody with this document, with the member whose plan covers them."""
    number = normalize_document(document)
    if not number:
        return []
    members = [
        (user, patient_key(user.id, None), user.name, None)
        for user in User.select().where(User.document_number == number)
    ]
    query = Beneficiary.select().where(Beneficiary.document_number == number, Beneficiary.removed_at.is_null())
    beneficiaries = [
        (one.user, patient_key(one.user_id, one.id), f"{one.first_name} {one.last_name}", one.id) for one in query
    ]
    return [
        {
            "user_id": user.id,
            "beneficiary_id": beneficiary_id,
            "patient": key,
            "name": name,
            "member": user.name,
            "city_id": user.township_id,
            "city_name": _city_name(user.township),
            "plan": find_current_plan(user.id, uow.now),
        }
        for user, key, name, beneficiary_id in [*members, *beneficiaries]
    ]


def _city_name(township: Township | None) -> str:
    return township.name if township is not None else ""
