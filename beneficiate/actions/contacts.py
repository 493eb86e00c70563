"""A member's document, telephone and e-mail in full, for the staff who needs them: seen, it is written down by whom."""

from dataclasses import dataclass

from beneficiate.actions import audit
from beneficiate.models.people import User
from beneficiate.queries.access import access_case
from beneficiate.queries.panel import Contact
from beneficiate.store import Work


@dataclass(frozen=True, slots=True)
class Reveal:
    """The member of this chat, asked for from an address."""

    chat_id: int
    address: str


def reveal(work: Work, command: Reveal) -> Contact:
    """The contact of a support chat's member without masks (Ley 1581 de 2012, article 4 h). Raises NotFound."""
    seat = access_case(work.actor, command.chat_id)
    audit.record(work, "people.reveal", f"user:{seat.user_id}", command.address, "", chat=(None, seat.id))
    return Contact.of(User.get_by_id(seat.user_id))
