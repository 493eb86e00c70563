"""A member's consents to the use of their personal data (Ley 1581 de 2012)."""

from dataclasses import dataclass

from peewee import ModelSelect

from beneficiate.actions import quotas
from beneficiate.errors import Conflict
from beneficiate.models.accounts import User
from beneficiate.models.consents import Consent
from beneficiate.queries.account_page import CONSENT_TEXT_VERSION, PERSONAL_DATA
from beneficiate.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class GrantConsent:
    """Consent to a version of the text, given from an IP address."""

    version: str
    address: str


def grant_consent(uow: UnitOfWork, command: GrantConsent) -> None:
    """Store a consent; a second time changes nothing.

    Raises Conflict for a version that is not the current one, RateLimited.
    """
    if command.version != CONSENT_TEXT_VERSION:
        raise Conflict("El texto cambió mientras usted lo leía. Léalo de nuevo, por favor.")
    User.lock_rows([uow.actor.user_id])
    if _active_consents(uow).where(Consent.version == command.version).exists():
        return
    quotas.consume_quota(uow, uow.rules.quotas.consents)
    Consent.create(
        user=uow.actor.user_id,
        kind=PERSONAL_DATA,
        version=command.version,
        address=command.address,
        given_at=uow.now,
    )


def withdraw_consent(uow: UnitOfWork) -> None:
    """Withdraw every active consent; without one nothing changes."""
    active_ids = [row.id for row in _active_consents(uow)]
    Consent.update(withdrawn_at=uow.now).where(Consent.id.in_(active_ids)).execute()


def _active_consents(uow: UnitOfWork) -> ModelSelect:
    return Consent.select().where(
        Consent.user == uow.actor.user_id, Consent.kind == PERSONAL_DATA, Consent.withdrawn_at.is_null()
    )
