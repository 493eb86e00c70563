"""Files of chats as they are looked for: by those who may read their chat, and by the clock that tidies up."""

from dataclasses import dataclass

from beneficiate.errors import ChatIsClosed, NotFound
from beneficiate.models.chats import CLOSED, Attachment
from beneficiate.queries.access import access_history, access_seat
from beneficiate.store import Work


@dataclass(frozen=True, slots=True)
class Found:
    """A file that the actor may read."""

    id: str
    name: str
    kind: str


def find(work: Work, attachment_id: str) -> Found:
    """A file of a chat whose lines the actor may read. Raises NotFound."""
    row = Attachment.get_or_none(Attachment.id == attachment_id)
    if row is None:
        raise NotFound
    access_history(work.actor, row.chat_id)
    return Found(row.id, row.name, row.kind)


def require_open(work: Work, chat_id: int) -> None:
    """Whether the actor may send something in this chat right now. Raises NotFound, ChatIsClosed."""
    seat, _ = access_seat(work.actor, chat_id)
    if seat.status == CLOSED:
        raise ChatIsClosed


def unknown(work: Work, ids: set[str]) -> set[str]:
    """Those of the ids that no file has."""
    return ids - {row[0] for row in Attachment.select(Attachment.id).where(Attachment.id.in_(ids)).tuples()}
