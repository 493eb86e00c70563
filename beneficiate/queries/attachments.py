"""Files of chats, for those who may read their chat and for the job that deletes unused files."""

from dataclasses import dataclass

from beneficiate.errors import ChatIsClosed, NotFound
from beneficiate.models.chats import CLOSED, Attachment
from beneficiate.models.data_copies import DataCopy
from beneficiate.queries.access import access_participant_chat, access_readable_chat
from beneficiate.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class ReadableAttachment:
    """A file that the actor may read."""

    id: str
    name: str
    kind: str


def load_attachment(uow: UnitOfWork, attachment_id: str) -> ReadableAttachment:
    """Return the file of a message, not recalled, of a chat whose messages the actor may read. Raises NotFound."""
    row = Attachment.get_or_none(Attachment.id == attachment_id, Attachment.line.is_null(False))
    if row is None:
        raise NotFound
    access_readable_chat(uow.actor, row.chat_id)
    return ReadableAttachment(row.id, row.name, row.kind)


def require_open_chat(uow: UnitOfWork, chat_id: int) -> None:
    """Raise NotFound or ChatIsClosed unless the actor may send something in this chat now."""
    access, _ = access_participant_chat(uow.actor, chat_id)
    if access.status == CLOSED:
        raise ChatIsClosed


def find_unknown_attachments(uow: UnitOfWork, ids: set[str]) -> set[str]:
    """Return those of the ids that neither a file of a chat nor a copy of a member's data has."""
    known = Attachment.select(Attachment.id).where(Attachment.id.in_(ids))
    copies = DataCopy.select(DataCopy.file_id).where(DataCopy.file_id.in_(ids))
    return ids - {id_ for query in (known, copies) for (id_,) in query.tuples()}
