"""A member's document, telephone and e-mail, for the staff: each access and each search is recorded in the audit."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from beneficiate.actions import audit
from beneficiate.models.accounts import User
from beneficiate.models.audit import AuditEntry
from beneficiate.queries.access import access_support_chat
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.masking import mask_email, mask_number
from beneficiate.views.member_panel import MemberContact

SAME_LOOKUP = timedelta(minutes=10)
"""A list that is searched is loaded again with each change: within this time it is one search."""


@dataclass(frozen=True, slots=True)
class RevealContact:
    """The contact of a chat's member, requested from an IP address."""

    chat_id: int
    address: str


def reveal_contact(uow: UnitOfWork, command: RevealContact) -> MemberContact:
    """Return the unmasked contact of a support chat's member (Ley 1581 de 2012, article 4 h). Raises NotFound."""
    access = access_support_chat(uow.actor, command.chat_id)
    audit.record_audit(uow, "people.reveal", f"user:{access.user_id}", command.address, "", chat=(None, access.id))
    return MemberContact.from_user(User.get_by_id(access.user_id))


@dataclass(frozen=True, slots=True)
class PersonLookup:
    """A search for a person by `document` (or telephone), `email` or `name`, from an IP address."""

    kind: str
    text: str
    address: str


def record_lookup(uow: UnitOfWork, command: PersonLookup) -> bool:
    """Record a search in the audit, masked; return whether it is another one than in the last ten minutes."""
    text = command.text.strip().lower()
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
    subject = f"{command.kind}:{digest}"
    is_known = AuditEntry.select().where(
        AuditEntry.subject == subject, AuditEntry.actor == uow.actor.user_id, AuditEntry.at > uow.now - SAME_LOOKUP
    )
    if is_known.exists():
        return False
    masked = mask_email(text) if command.kind == "email" else mask_number(text)
    audit.record_audit(uow, "people.search", subject, command.address, masked[:100].replace("\0", ""))
    return True
