"""People as the protocol sends them."""

from beneficiate.protocol.desk_tools import PersonName
from beneficiate.protocol.payloads import PersonPayload
from beneficiate.views.masking import mask_email


def build_person_name(user_id: int, first_name: str, last_name: str) -> PersonName:
    """Return a person by user id and name, for the staff."""
    return PersonName(id=user_id, first_name=first_name, last_name=last_name)


def serialize_person(user_id: int, first_name: str, last_name: str, email: str | None = None) -> PersonPayload:
    """Return a person; only the staff is given e-mail addresses, masked."""
    masked = None if email is None else mask_email(email)
    return PersonPayload(id=user_id, first_name=first_name, last_name=last_name, email=masked)
