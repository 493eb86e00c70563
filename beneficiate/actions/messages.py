"""Messages of chats: send, mark as delivered, mark as read.

All three are batched actions, since they are most of a call centre's traffic.
"""

from dataclasses import dataclass

from beneficiate.actions.away_notices import notice_answers
from beneficiate.actions.chat_updates import PendingMessage, update_chats
from beneficiate.actions.emergency_notices import prepare_emergency_notices
from beneficiate.domain.visible_text import has_visible_text
from beneficiate.errors import ChatIsClosed, Conflict, Invalid, NotFound, Problem
from beneficiate.models.base import instant_to_text
from beneficiate.models.chats import CLOSED, DIRECT, SUPPORT, Chat, Message
from beneficiate.protocol import channels
from beneficiate.protocol.commands import MarkRead, SendMessage, SendSupportMessage
from beneficiate.protocol.events import MessageDelivered, MessageRead
from beneficiate.protocol.payloads import AttachmentPayload, MessagePayload
from beneficiate.queries.access import access_chat_of_item, load_chats_for_access
from beneficiate.queries.message_batches import (
    NO_BATCH,
    MessageBatch,
    MessageKey,
    load_message_batch,
    reserve_message_ids,
)
from beneficiate.unit_of_work import BatchItem, MessageMark, UnitOfWork, batched, handle_each
from beneficiate.views.access import ChatAccess
from beneficiate.views.messages import message_event_class

_MESSAGE_COLUMNS = (
    "id",
    "chat_id",
    "seq",
    "sender_type",
    "sender_id",
    "message",
    "client_id",
    "sent_at",
    "sender_name",
)
_READ_BY_USER = ("id", "user_read_seq", "user_unread", "user_delivered_seq")
_READ_BY_OTHER = ("id", "other_read_seq", "other_unread", "other_delivered_seq")
# When a chat was written to its agent, the time for their first reply begins.
_START_REPLY_CLOCK = (
    ", reply_due_at = CASE WHEN chats.needs_first_reply THEN COALESCE(chats.reply_due_at, new.reply_due_at) END"
)


@dataclass(frozen=True, slots=True)
class MarkDelivered:
    """A connection of the actor has written every message up to `seq`. No client sends this: the server notices it."""

    chat_id: int
    seq: int
    message_id: int


@dataclass(frozen=True, slots=True)
class SendFile:
    """A message for a file, with the file name as its text. No WebSocket command: files are uploaded over HTTP."""

    chat_id: int
    message: str
    attachment: AttachmentPayload
    client_id: str | None = None


SendCommand = SendMessage | SendSupportMessage | SendFile


@batched(lock_key="chat_id")
def send_messages(uow: UnitOfWork, items: list[BatchItem[SendCommand]]) -> list[MessagePayload | Problem]:
    """Store messages and emit them to both sides. A `client_id` that was stored before returns the stored message.

    Who waits for a person and writes words of an emergency is told at once whom to call.

    Problems: Invalid (nothing visible), NotFound (no chat of the actor), ChatIsClosed, Conflict (the `client_id` was
    used with another text).
    """
    commands = [item.command for item in items]
    sent = [(command.chat_id, command.client_id) for command in commands if command.client_id is not None]
    is_of_staff = any(item.actor.agent_id is not None for item in items)
    chat_ids = {command.chat_id for command in commands}
    batch = load_message_batch(chat_ids, sent, len(commands), reads_presence=is_of_staff)
    pending: dict[MessageKey, PendingMessage] = {}
    results = handle_each(items, lambda item: _prepare_message(item, batch, pending))
    messages = store_messages(uow, list(pending.values()), batch)
    store_messages(uow, prepare_emergency_notices(uow, list(pending.values())))
    answered = {one.access.user_id for one in pending.values() if one.sender_type == "AGENT"}
    notice_answers(uow, [batch.away[user_id] for user_id in answered if user_id in batch.away])
    return [
        messages[result.access.id, result.seq] if isinstance(result, PendingMessage) else result for result in results
    ]


@batched(lock_key="chat_id")
def mark_delivered(uow: UnitOfWork, items: list[BatchItem[MarkDelivered]]) -> list[Problem | None]:
    """Store how far each side has received, and emit it to the other one. Never goes back. Problems: NotFound."""
    access_by_chat = load_chats_for_access({item.command.chat_id for item in items}, lock=True)
    furthest: dict[tuple[int, bool], MarkDelivered] = {}

    def advance(item: BatchItem[MarkDelivered]) -> None:
        access, is_user_side = access_chat_of_item(access_by_chat, item)
        known = furthest.get((access.id, is_user_side))
        if item.command.seq > (known.seq if known else access.delivered_seq(is_user_side)):
            furthest[access.id, is_user_side] = item.command

    results = handle_each(items, advance)
    due = instant_to_text(uow.now + uow.rules.first_reply)
    for is_user_side, column in ((True, "user_delivered_seq"), (False, "other_delivered_seq")):
        more = "" if is_user_side else _START_REPLY_CLOCK
        rows = [(chat_id, mark.seq, due) for (chat_id, side), mark in furthest.items() if side == is_user_side]
        if rows:
            Chat.update_bulk(f"{column} = new.{column}{more}", ("id", column, "reply_due_at"), rows)
    for (chat_id, is_user_side), mark in furthest.items():
        event = MessageDelivered(chat_id=chat_id, message_id=mark.message_id, seq=mark.seq)
        uow.emit(event, channels=access_by_chat[chat_id].channels_of_other_side(is_user_side))
    return results


@batched(lock_key="chat_id")
def mark_read(uow: UnitOfWork, items: list[BatchItem[MarkRead]]) -> list[Problem | None]:
    """Store how far the actor's side has read, and emit it. Never goes back. Problems: NotFound."""
    access_by_chat = load_chats_for_access({item.command.chat_id for item in items}, lock=True)
    found = Message.fetch_bulk(("id", "chat_id", "seq"), {item.command.message_id for item in items}, lock=False)
    seqs = {(message_id, chat_id): seq for message_id, chat_id, seq in found}
    furthest: dict[tuple[int, bool], MessageRead] = {}

    def advance(item: BatchItem[MarkRead]) -> None:
        access, is_user_side = access_chat_of_item(access_by_chat, item)
        seq = seqs.get((item.command.message_id, access.id))
        if seq is None:
            raise NotFound
        known = furthest.get((access.id, is_user_side))
        if seq > (known.seq if known else access.read_seq(is_user_side)):
            furthest[access.id, is_user_side] = MessageRead(
                chat_id=access.id, user_id=item.actor.user_id, message_id=item.command.message_id, seq=seq
            )

    results = handle_each(items, advance)
    for is_user_side, columns in ((True, _READ_BY_USER), (False, _READ_BY_OTHER)):
        positions = [
            _read_position(access_by_chat[chat_id], is_user_side, event.seq)
            for (chat_id, side), event in furthest.items()
            if side == is_user_side
        ]
        if positions:
            Chat.update_bulk(", ".join(f"{column} = new.{column}" for column in columns[1:]), columns, positions)
    for (chat_id, _), event in furthest.items():
        uow.emit(event, channels=access_by_chat[chat_id].message_channels)
    return results


def _prepare_message(
    item: BatchItem[SendCommand],
    batch: MessageBatch,
    pending: dict[MessageKey, PendingMessage],
) -> PendingMessage | MessagePayload:
    command, actor = item.command, item.actor
    if not has_visible_text(command.message):
        raise Invalid("Escriba un mensaje antes de enviarlo.")
    access, is_user_side = access_chat_of_item(batch.access_by_chat, item)
    if access.kind != SUPPORT and isinstance(command, SendSupportMessage):
        raise NotFound
    is_agent = access.kind == SUPPORT and not is_user_side
    sender_type, sender_id = ("AGENT", actor.agent_id) if is_agent else ("USER", actor.user_id)
    author = channels.agent_channel(actor.agent_id or 0) if is_agent else channels.user_channel(actor.user_id)
    key: MessageKey = (
        (access.id, sender_type, sender_id, command.client_id)
        if command.client_id is not None
        else (access.id, access.last_seq + 1)
    )
    existing = batch.stored_messages.get(key) or pending.get(key)
    if existing is not None:
        if (existing.text if isinstance(existing, PendingMessage) else existing.message) != command.message:
            raise Conflict
        return existing
    if access.status == CLOSED:
        raise ChatIsClosed
    access.last_seq += 1
    message = PendingMessage(
        access, is_user_side, sender_type, sender_id, author, command.message, command.client_id, access.last_seq
    )
    message.sender_name = actor.name
    if isinstance(command, SendFile):
        message.attachment = command.attachment
    pending[key] = message
    return message


def store_messages(
    uow: UnitOfWork, pending: list[PendingMessage], batch: MessageBatch = NO_BATCH
) -> dict[tuple[int, int], MessagePayload]:
    """Insert messages, update their chats and emit each. Returns the payloads by (chat id, `seq`).

    `batch` has the ids reserved for them, at least as many, and what their chats were promised. The system writes
    without one: its messages start and end no wait.
    """
    if not pending:
        return {}
    now = instant_to_text(uow.now)
    with_ids = list(zip(batch.ids or reserve_message_ids(len(pending)), pending, strict=False))
    rows = [
        (id_, d.access.id, d.seq, d.sender_type, d.sender_id, d.text, d.client_id, now, d.sender_name)
        for id_, d in with_ids
    ]
    Message.queue_insert(_MESSAGE_COLUMNS, rows)
    update_chats(uow, pending, batch.promises, batch.hours_revision)
    return {(message.access.id, message.seq): _emit_message(uow, message, id_) for id_, message in with_ids}


def _emit_message(uow: UnitOfWork, pending: PendingMessage, message_id: int) -> MessagePayload:
    access = pending.access
    message = MessagePayload(
        id=message_id,
        chat_id=access.id,
        seq=pending.seq,
        sender_id=pending.sender_id,
        sender_type=pending.sender_type,  # type: ignore[arg-type]
        message=pending.text,
        status="SENT",
        sent_at=uow.now,
        client_id=pending.client_id,
        attachment=pending.attachment,
        sender_name=pending.sender_name,
    )
    event_type = message_event_class(access.kind, pending.sender_type)
    mark = MessageMark(access.id, pending.seq, message_id, pending.author_channel) if pending.author_channel else None
    uow.emit(event_type(chat_id=access.id, message=message), channels=access.message_channels, mark=mark)
    return message


def _read_position(access: ChatAccess, is_user_side: bool, seq: int) -> tuple[int, int, int, int]:
    """Return how far a side has read, has not read, and has received; what is read counts as delivered."""
    unread = 0 if seq >= access.last_seq else count_unread(access, is_user_side, seq)
    return access.id, seq, unread, max(seq, access.delivered_seq(is_user_side))


def count_unread(access: ChatAccess, is_user_side: bool, seq: int) -> int:
    """Return the number of messages after `seq` that the other side wrote and did not recall.

    SYSTEM messages count for neither side.
    """
    if access.kind == DIRECT:
        theirs = Message.sender_id == (access.peer_id if is_user_side else access.user_id)
    else:
        theirs = Message.sender_type == ("AGENT" if is_user_side else "USER")
    is_of_person = (Message.sender_type != "SYSTEM") & Message.recalled_at.is_null()
    return int(Message.select().where(Message.chat == access.id, Message.seq > seq, is_of_person, theirs).count())
