"""Finding who a visit is for, by document."""

import re

from beneficiate.models.care import Township
from beneficiate.models.people import Beneficiary, User
from beneficiate.queries.accounts import running_plan
from beneficiate.store import Work

_TYPE = re.compile(r"^\s*(c\.?c|t\.?i|c\.?e|pasaporte|passport)\b[\s.:#]*", re.IGNORECASE)


def digits_of(document: str) -> str:
    """A document as it is stored: without dots, spaces and the type before it (`CC 52.123.456`)."""
    return "".join(letter for letter in _TYPE.sub("", document) if letter.isalnum()).upper()


def by_document(work: Work, document: str) -> list[dict[str, object]]:
    """For the staff: everybody with this document, with the member whose plan covers them."""
    number = digits_of(document)
    if not number:
        return []
    members = [(user, f"u:{user.id}", user.name, None) for user in User.select().where(User.document_number == number)]
    query = Beneficiary.select().where(Beneficiary.document_number == number, Beneficiary.removed_at.is_null())
    others = [(one.user, f"b:{one.id}", f"{one.first_name} {one.last_name}", one.id) for one in query]
    return [
        {
            "user_id": user.id,
            "beneficiary_id": beneficiary_id,
            "patient": key,
            "name": name,
            "member": user.name,
            "city_id": user.township_id,
            "city_name": _city(user.township),
            "plan": running_plan(user.id, work.now),
        }
        for user, key, name, beneficiary_id in [*members, *others]
    ]


def _city(township: Township | None) -> str:
    return township.name if township is not None else ""
