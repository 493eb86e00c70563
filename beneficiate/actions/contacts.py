"""A member's document, telephone and e-mail, for the staff: each access and each search is recorded in the audit."""

from collections.abc import Mapping
from dataclasses import dataclass

from beneficiate.actions import audit
from beneficiate.models.accounts import User
from beneficiate.queries.access import access_support_chat
from beneficiate.queries.lookups import PersonLookup
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.masking import mask_lookup
from beneficiate.views.member_panel import MemberContact


@dataclass(frozen=True, slots=True)
class RevealContact:
    """The chat whose member is to be reached."""

    chat_id: int


def reveal_contact(uow: UnitOfWork, command: RevealContact) -> MemberContact:
    """Return the unmasked contact of a support chat's member (Ley 1581 de 2012, article 4 h). Raises NotFound."""
    access = access_support_chat(uow.actor, command.chat_id)
    return reveal_member(uow, access.user_id, {"chat": (None, access.id)})


def reveal_member(uow: UnitOfWork, user_id: int, changes: Mapping[str, tuple[object, object]]) -> MemberContact:
    """Return the unmasked contact of a member, and record where it was asked for; of who was erased nothing is left."""
    contact = MemberContact.from_user(User.get_by_id(user_id))
    if not contact.is_erased:
        audit.record_audit(uow, "people.reveal", f"user:{user_id}", changes=changes, person_id=user_id)
    return contact


def record_lookup(uow: UnitOfWork, lookup: PersonLookup) -> None:
    """Record a search for people in the audit, a number or an e-mail masked, other words hidden."""
    masked = mask_lookup(lookup.kind, lookup.text.strip().lower())
    audit.record_audit(uow, "people.search", lookup.subject, masked[:100].replace("\0", ""))
