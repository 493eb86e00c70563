"""How long what is kept: supervisors choose it within bounds, and jobs delete what is older, in parts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from peewee import chunked

from beneficiate.actions import audit
from beneficiate.actions.administration import change_columns, count_version, require_version
from beneficiate.domain.retention import CLEARED_TEXT, NEVER, RETAINED_KINDS, parse_periods
from beneficiate.models.audit import AuditText
from beneficiate.models.base import lock_rows
from beneficiate.models.chats import Attachment, Chat, ChatEvent, ChatTag, Message, Note, Rating
from beneficiate.models.retention import Retention
from beneficiate.queries.access import require_supervisor
from beneficiate.queries.audit_texts import list_audited_subjects, select_positions
from beneficiate.queries.retention import RETAINED_TABLES, is_clearable_chat, load_retention
from beneficiate.unit_of_work import UnitOfWork

ROWS_PER_PART = 500
"""Rows of one transaction, some 30 ms: others who write wait no longer."""
_NAMES = {one.column: one.many for one in RETAINED_KINDS.values()}


@dataclass(frozen=True, slots=True)
class SaveRetention:
    """The days as typed, by the names of the fields, and the version that the form has shown."""

    version: int
    typed: Mapping[str, str]


def save_retention(uow: UnitOfWork, command: SaveRetention) -> None:
    """Keep what jobs delete so many days from now on. Raises NotFound, InvalidForm, OutdatedForm."""
    require_supervisor(uow.actor)
    days = parse_periods(command.typed)
    Retention.insert(id=1).on_conflict_ignore().execute()
    (row,) = lock_rows(Retention.select().where(Retention.id == 1))
    changes = change_columns(row, days)
    if changes:
        require_version(row, command.version)
        count_version(row)
        audit.record_audit(uow, "retention.save", "retention", changes=changes)


def delete_old_rows(uow: UnitOfWork, place: int) -> int:
    """Delete at most 500 rows of `RETAINED_TABLES[place]` that were kept long enough; return how many there were."""
    one = RETAINED_TABLES[place]
    days = getattr(load_retention(uow), one.column)
    if days == NEVER:
        return 0
    key = one.table.id
    is_old = one.is_before(uow.now - timedelta(days=days))
    ids = [id_ for (id_,) in one.table.select(key).where(is_old).order_by(key).limit(ROWS_PER_PART).tuples()]
    count = int(one.table.delete().where(key.in_(ids)).execute()) if ids else 0
    if count:
        changes = {"kind": (None, _NAMES[one.column]), "rows": (None, count)}
        audit.record_act(uow, "retention.delete", "retention", changes=changes)
    return count


def clear_messages(uow: UnitOfWork, chat_id: int) -> int:
    """Clear at most 500 messages of a chat that was kept long enough; return how many there were."""
    if not _lock_clearable(uow, chat_id):
        return 0
    is_left = (Message.message != CLEARED_TEXT) | Message.client_id.is_null(False)
    left = Message.select(Message.id).where(Message.chat == chat_id, is_left)
    ids = [id_ for (id_,) in left.order_by(Message.seq).limit(ROWS_PER_PART).tuples()]
    Message.update(message=CLEARED_TEXT, client_id=None).where(Message.id.in_(ids)).execute()
    return len(ids)


def finish_clearing(uow: UnitOfWork, chat_id: int) -> bool:
    """Clear what else was written in a chat whose messages and files are cleared; False when it is open again.

    The chat, its messages, notes, events and ratings stay as rows with their times: figures count them. So do the
    entries of the audit log, whose texts go: recalled messages, tags and reasons.
    """
    if not _lock_clearable(uow, chat_id):
        return False
    Note.update(text=CLEARED_TEXT, client_id=None).where(Note.chat == chat_id).execute()
    ChatEvent.update(note="").where(ChatEvent.chat == chat_id, ChatEvent.note != "").execute()
    Rating.update(comment="").where(Rating.chat == chat_id, Rating.comment != "").execute()
    ChatTag.delete().where(ChatTag.chat == chat_id).execute()
    Attachment.delete().where(Attachment.chat == chat_id).execute()
    for subjects in chunked(list_audited_subjects(chat_id), ROWS_PER_PART):
        AuditText.delete().where(AuditText.position.in_(select_positions(subjects))).execute()
    Chat.update(last_line=CLEARED_TEXT, cleared_at=uow.now).where(Chat.id == chat_id).execute()
    return True


def record_clearing(uow: UnitOfWork, count: int) -> None:
    """Record that a run of the job has cleared so many chats."""
    audit.record_act(uow, "retention.clear", "retention", changes={"rows": (None, count)})


def _lock_clearable(uow: UnitOfWork, chat_id: int) -> bool:
    days = load_retention(uow).chat_days
    is_it = (Chat.id == chat_id) & is_clearable_chat(uow.now, days)
    return days != NEVER and lock_rows(Chat.select(Chat.id).where(is_it)).first() is not None
