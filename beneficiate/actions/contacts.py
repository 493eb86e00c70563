"""A member's document, telephone and e-mail in full, for the staff who needs them: seen, it is written down by whom."""

from dataclasses import dataclass

from beneficiate.actions import audit
from beneficiate.models.accounts import User
from beneficiate.queries.access import access_support_chat
from beneficiate.queries.member_panel import MemberContact
from beneficiate.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class RevealContact:
    """The member of this chat, asked for from an address."""

    chat_id: int
    address: str


def reveal_contact(uow: UnitOfWork, command: RevealContact) -> MemberContact:
    """The contact of a support chat's member without masks (Ley 1581 de 2012, article 4 h). Raises NotFound."""
    access = access_support_chat(uow.actor, command.chat_id)
    audit.record_audit(uow, "people.reveal", f"user:{access.user_id}", command.address, "", chat=(None, access.id))
    return MemberContact.from_user(User.get_by_id(access.user_id))
