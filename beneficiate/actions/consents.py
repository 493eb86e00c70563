"""A member's consents to the use of their personal data and of their health data (Ley 1581 de 2012)."""

from dataclasses import dataclass

from peewee import ModelSelect

from beneficiate.actions import audit, quotas
from beneficiate.domain.booking.presentation import NO_REASON
from beneficiate.errors import Conflict
from beneficiate.models.accounts import User
from beneficiate.models.appointments import Appointment
from beneficiate.models.consents import Consent
from beneficiate.models.dialogues import Dialogue
from beneficiate.queries.access import STAFF_ROLES
from beneficiate.queries.consents import (
    CHAT_TEXT_VERSION,
    CONSENT_TEXT_VERSION,
    HEALTH_DATA,
    PERSONAL_DATA,
    PHONE_TEXT_VERSION,
    find_reason_consents,
)
from beneficiate.unit_of_work import UnitOfWork

_STALE_TEXT = "El texto cambió mientras usted lo leía. Léalo de nuevo, por favor."


@dataclass(frozen=True, slots=True)
class GrantConsent:
    """Consent to a version of the text for a kind of data, given from an IP address."""

    version: str
    address: str
    kind: str = PERSONAL_DATA


@dataclass(frozen=True, slots=True)
class WithdrawConsent:
    """The kind of data that may not be used any more, and the IP address of who says so."""

    kind: str = PERSONAL_DATA
    address: str = ""


def grant_consent(uow: UnitOfWork, command: GrantConsent) -> None:
    """Store a consent; a second time changes nothing.

    Raises Conflict for a version that is not the current one, RateLimited.
    """
    if command.version != CONSENT_TEXT_VERSION:
        raise Conflict(_STALE_TEXT)
    User.lock_rows([uow.actor.user_id])
    if _active_consents(uow, command.kind).where(Consent.version == command.version).exists():
        return
    quotas.consume_quota(uow, uow.rules.quotas.consents)
    Consent.create(
        user=uow.actor.user_id,
        kind=command.kind,
        version=command.version,
        address=command.address,
        given_at=uow.now,
    )
    changes = _describe(command.kind, command.version, is_withdrawn=False)
    audit.record_own_act(uow, "consents.grant", f"user:{uow.actor.user_id}", changes)


def consent_to_reason(uow: UnitOfWork, user_id: int, version: str) -> bool:
    """Return whether the reason of a member's appointment may be stored, with the consent that `version` gives now.

    Members give it by a reason after they were told that it is health data and optional: in the bot, or through the
    API, whose client showed the text. For who never decided, one of the staff may store that they gave it by telephone.
    Whoever calls it has locked the member. Raises Conflict for a version that is not today's.
    """
    decided = find_reason_consents([user_id])[user_id]
    is_staff = uow.actor.role in STAFF_ROLES
    if decided or not version or (is_staff and decided is False):
        return bool(decided)
    if version not in ({PHONE_TEXT_VERSION} if is_staff else {CHAT_TEXT_VERSION, CONSENT_TEXT_VERSION}):
        raise Conflict(_STALE_TEXT)
    # The address of one of the staff says nothing of the member.
    address = "" if is_staff else uow.actor.address
    Consent.create(user=user_id, kind=HEALTH_DATA, version=version, address=address, given_at=uow.now)
    changes, subject = _describe(HEALTH_DATA, version, is_withdrawn=False), f"user:{user_id}"
    if is_staff:
        audit.record_act(uow, "consents.by_phone", subject, changes=changes, person_id=user_id)
    else:
        audit.record_own_act(uow, "consents.grant", subject, changes)
    return True


def consent_by_answer(uow: UnitOfWork, reason: str, before: str) -> None:
    """Store that the actor consents to the storage of a reason that they told the bot, whose question said so."""
    if reason not in ("", NO_REASON, before):
        consent_to_reason(uow, uow.actor.user_id, CHAT_TEXT_VERSION)


def withdraw_consent(uow: UnitOfWork, command: WithdrawConsent) -> None:
    """Withdraw every active consent to this kind of data; a second time changes nothing. Raises RateLimited.

    With that to health data, the reasons of the appointments are deleted, and what was told to the bot about the next
    one. Who never consented to it refuses it: a row whose two times are equal says so.
    """
    User.lock_rows([uow.actor.user_id])
    active_ids = [row.id for row in _active_consents(uow, command.kind)]
    if not active_ids and not _refuse_health(uow, command):
        return
    Consent.update(withdrawn_at=uow.now).where(Consent.id.in_(active_ids)).execute()
    erased = _erase_reasons(uow) if command.kind == HEALTH_DATA else 0
    changes = _describe(command.kind, CONSENT_TEXT_VERSION, is_withdrawn=True, erased=erased)
    audit.record_own_act(uow, "consents.withdraw", f"user:{uow.actor.user_id}", changes)


def _refuse_health(uow: UnitOfWork, command: WithdrawConsent) -> bool:
    """Store that the actor refuses the use of health data, unless they have decided; return whether it was stored."""
    is_decided = Consent.select().where(Consent.user == uow.actor.user_id, Consent.kind == HEALTH_DATA).exists()
    if command.kind != HEALTH_DATA or is_decided:
        return False
    quotas.consume_quota(uow, uow.rules.quotas.consents)
    Consent.create(
        user=uow.actor.user_id,
        kind=HEALTH_DATA,
        version=CONSENT_TEXT_VERSION,
        address=command.address,
        given_at=uow.now,
        withdrawn_at=uow.now,
    )
    return True


def _erase_reasons(uow: UnitOfWork) -> int:
    """Delete the reasons of the actor's appointments, and the answers of a booking that goes on; return how many."""
    own = (Appointment.user == uow.actor.user_id) & (Appointment.notes != NO_REASON)
    Dialogue.delete().where(Dialogue.user == uow.actor.user_id).execute()
    return int(Appointment.update(notes=NO_REASON).where(own).execute())


def _describe(kind: str, version: str, *, is_withdrawn: bool, erased: int = 0) -> dict[str, tuple[object, object]]:
    """Return what the audit log has of a consent, where nobody changes or deletes it."""
    versions: tuple[object, object] = (version, None) if is_withdrawn else (None, version)
    return {"consent": (None, kind), "version": versions, **({"reasons": (erased, 0)} if erased else {})}


def _active_consents(uow: UnitOfWork, kind: str) -> ModelSelect:
    return Consent.select().where(
        Consent.user == uow.actor.user_id, Consent.kind == kind, Consent.withdrawn_at.is_null()
    )
