"""What a member agrees to about their personal data, and takes back (Ley 1581 de 2012)."""

from dataclasses import dataclass

from peewee import ModelSelect

from beneficiate.errors import Conflict
from beneficiate.models.consents import Consent
from beneficiate.models.people import User
from beneficiate.queries.mine import PERSONAL_DATA, TEXT_VERSION
from beneficiate.store import Work


@dataclass(frozen=True, slots=True)
class Give:
    """Agreement to the text of a version, from an address."""

    version: str
    address: str


def give(work: Work, command: Give) -> None:
    """Agree to the text; a second time changes nothing. Raises Conflict for a version that is not today's."""
    if command.version != TEXT_VERSION:
        raise Conflict("El texto cambió mientras usted lo leía. Léalo de nuevo, por favor.")
    User.hold([work.actor.user_id])
    if _standing(work).where(Consent.version == command.version).exists():
        return
    Consent.create(
        user=work.actor.user_id,
        kind=PERSONAL_DATA,
        version=command.version,
        address=command.address,
        given_at=work.now,
    )


def withdraw(work: Work, _: None = None) -> None:
    """Take back every agreement that stands; without one nothing changes."""
    standing = [row.id for row in _standing(work)]
    Consent.update(withdrawn_at=work.now).where(Consent.id.in_(standing)).execute()


def _standing(work: Work) -> ModelSelect:
    return Consent.select().where(
        Consent.user == work.actor.user_id, Consent.kind == PERSONAL_DATA, Consent.withdrawn_at.is_null()
    )
