"""What may change in the lines of a chat: written, received, read.

All three ride in the batched lane, since they are most of what a call centre does.
"""

import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import msgspec

from beneficiate.errors import ChatIsClosed, Conflict, Invalid, NotFound, Problem
from beneficiate.models.base import as_text
from beneficiate.models.chats import CLOSED, DIRECT, SUPPORT, Chat, Line
from beneficiate.protocol import topics
from beneficiate.protocol.commands import MarkRead, SendLine, SendSupportLine
from beneficiate.protocol.events import LineDelivered, LineRead
from beneficiate.protocol.pictures import AttachmentPicture, Message
from beneficiate.queries.access import Seat, find_seats, seat_of
from beneficiate.queries.chats import as_message, line_word, select_lines
from beneficiate.store import LineMark, Order, Work, batched, each

_LINE_COLUMNS = ("chat_id", "seq", "sender_type", "sender_id", "message", "client_id", "sent_at")
_INVISIBLE = ("Cc", "Cf")
_LAST_COLUMNS = ("id", "last_seq", "last_line", "updated_at")
_LAST = "last_seq = new.last_seq, last_line = new.last_line, updated_at = new.updated_at"
_SAID_COLUMNS = ("user_unread", "other_unread", "awaiting_since", "reply_due_at")
_SAID = (
    "user_unread = chats.user_unread + new.user_unread, other_unread = chats.other_unread + new.other_unread, "
    "awaiting_since = CASE WHEN new.awaiting_since IS NOT NULL "
    "THEN COALESCE(chats.awaiting_since, new.awaiting_since) END, "
    "reply_due_at = CASE WHEN new.reply_due_at IS NOT NULL THEN chats.reply_due_at END"
)


@dataclass(frozen=True, slots=True)
class MarkDelivered:
    """A socket of the actor has written every line up to `seq`: no word of the wire, the server notices by itself."""

    chat_id: int
    seq: int
    message_id: int


@dataclass(frozen=True, slots=True)
class SendFile:
    """A line that stands for a file, with its name as the text: no word of the wire, files come by HTTP."""

    chat_id: int
    message: str
    attachment: AttachmentPicture
    client_id: str | None = None


@dataclass(slots=True)
class Draft:
    """A line that is about to be stored."""

    seat: Seat
    is_user_side: bool
    sender_type: str
    sender_id: int | None
    author: str
    text: str
    client_id: str | None = None
    seq: int = 0
    attachment: AttachmentPicture | msgspec.UnsetType = msgspec.UNSET


@batched()
def send(work: Work, orders: list[Order[SendLine | SendSupportLine | SendFile]]) -> list[Message | Problem]:
    """Store lines and tell both sides. A `client_id` that was stored before gives the stored line again.

    Problems: Invalid (nothing visible), NotFound (not one's chat), ChatIsClosed, Conflict (the `client_id` came before,
    with another text).
    """
    seats = find_seats({order.command.chat_id for order in orders}, lock=True)
    stored = _stored_before(orders, seats)
    drafts: dict[Any, Draft] = {}
    results = each(orders, lambda order: _draft(order, seats, stored, drafts))
    lines = store_lines(work, list(drafts.values()))
    return [lines[result.seat.id, result.seq] if isinstance(result, Draft) else result for result in results]


@batched()
def deliver(work: Work, orders: list[Order[MarkDelivered]]) -> list[Problem | None]:
    """Remember how far each side has received, and tell the other one. Never goes back. Problems: NotFound."""
    seats = find_seats({order.command.chat_id for order in orders}, lock=True)
    reached: dict[tuple[int, bool], MarkDelivered] = {}

    def note(order: Order[MarkDelivered]) -> None:
        seat, is_user_side = seat_of(seats, order)
        known = reached.get((seat.id, is_user_side))
        if order.command.seq > (known.seq if known else seat.delivered_seq(is_user_side)):
            reached[seat.id, is_user_side] = order.command

    results = each(orders, note)
    for is_user_side, column in ((True, "user_delivered_seq"), (False, "other_delivered_seq")):
        rows = [(chat_id, mark.seq) for (chat_id, side), mark in reached.items() if side == is_user_side]
        if rows:
            Chat.update_bulk(f"{column} = new.{column}", ("id", column), rows)
    for (chat_id, is_user_side), mark in reached.items():
        event = LineDelivered(chat_id=chat_id, message_id=mark.message_id, seq=mark.seq)
        work.emit(event, to=seats[chat_id].across(is_user_side))
    return results


@batched()
def read(work: Work, orders: list[Order[MarkRead]]) -> list[Problem | None]:
    """Everything up to a line has been read by the actor's side. Never goes back. Problems: NotFound."""
    seats = find_seats({order.command.chat_id for order in orders}, lock=True)
    wanted = Line.select(Line.id, Line.chat, Line.seq).where(
        Line.id.in_({order.command.message_id for order in orders})
    )
    seqs = {(message_id, chat_id): seq for message_id, chat_id, seq in wanted.tuples()}
    reached: dict[tuple[int, bool], LineRead] = {}

    def note(order: Order[MarkRead]) -> None:
        seat, is_user_side = seat_of(seats, order)
        seq = seqs.get((order.command.message_id, seat.id))
        if seq is None:
            raise NotFound
        known = reached.get((seat.id, is_user_side))
        if seq > (known.seq if known else seat.read_seq(is_user_side)):
            reached[seat.id, is_user_side] = LineRead(
                chat_id=seat.id, user_id=order.actor.user_id, message_id=order.command.message_id, seq=seq
            )

    results = each(orders, note)
    for (chat_id, is_user_side), event in reached.items():
        _mark_read(seats[chat_id], is_user_side, event.seq)
        work.emit(event, to=seats[chat_id].said_to)
    return results


def is_visible(text: str) -> bool:
    """Whether a person would see anything of it: one character that is no space, control or format character."""
    return text[0].isalnum() or any(
        category[0] != "Z" and category not in _INVISIBLE for category in map(unicodedata.category, text)
    )


def _stored_before(orders: list[Order[Any]], seats: dict[int, Seat]) -> dict[Any, Message]:
    """The lines already stored under the `client_id`s of these orders."""
    keys = {order.command.client_id for order in orders if order.command.client_id is not None}
    if not keys:
        return {}
    rows = select_lines().where(Line.chat.in_(list(seats)), Line.client_id.in_(keys))
    return {
        (line.chat_id, line.sender_type, line.sender_id, line.client_id): as_message(line, seats[line.chat_id])
        for line in rows
    }


def _draft(
    order: Order[Any], seats: dict[int, Seat], stored: dict[Any, Message], drafts: dict[Any, Draft]
) -> Draft | Message:
    command, actor = order.command, order.actor
    if not is_visible(command.message):
        raise Invalid("Escriba un mensaje antes de enviarlo.")
    seat, is_user_side = seat_of(seats, order)
    if seat.kind != SUPPORT and isinstance(command, SendSupportLine):
        raise NotFound
    is_agent = seat.kind == SUPPORT and not is_user_side
    sender_type, sender_id = ("AGENT", actor.agent_id) if is_agent else ("USER", actor.user_id)
    author = topics.agent(actor.agent_id or 0) if is_agent else topics.user(actor.user_id)
    key = (
        (seat.id, sender_type, sender_id, command.client_id)
        if command.client_id is not None
        else (seat.id, seat.last_seq + 1)
    )
    known = stored.get(key) or drafts.get(key)
    if known is not None:
        if (known.text if isinstance(known, Draft) else known.message) != command.message:
            raise Conflict
        return known
    if seat.status == CLOSED:
        raise ChatIsClosed
    seat.last_seq += 1
    draft = Draft(seat, is_user_side, sender_type, sender_id, author, command.message, command.client_id, seat.last_seq)
    if isinstance(command, SendFile):
        draft.attachment = command.attachment
    drafts[key] = draft
    return draft


def store_lines(work: Work, drafts: list[Draft]) -> dict[tuple[int, int], Message]:
    """Write the lines, bring their chats up to date and say each line. They come back by chat and `seq`."""
    if not drafts:
        return {}
    now = as_text(work.now)
    rows = [(d.seat.id, d.seq, d.sender_type, d.sender_id, d.text, d.client_id, now) for d in drafts]
    ids = {
        (chat_id, seq): id_ for id_, chat_id, seq in Line.insert_bulk(_LINE_COLUMNS, rows, returning="id, chat_id, seq")
    }
    _bring_up_to_date(now, drafts)
    return {key: _say_line(work, draft, ids[key]) for draft in drafts for key in [(draft.seat.id, draft.seq)]}


def _bring_up_to_date(now: str, drafts: list[Draft]) -> None:
    """The last line of each chat, what is unread, since when the member waits for an answer, and whether one came."""
    unread: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    last: dict[int, Draft] = {}
    last_said: dict[int, Draft] = {}
    for draft in drafts:
        last[draft.seat.id] = draft
        if draft.author:
            last_said[draft.seat.id] = draft
            unread[draft.seat.id][draft.is_user_side] += 1
    said = [
        (id_, last[id_].seq, last[id_].text, now, *unread[id_], now if d.is_user_side else None, _due(now, unread[id_]))
        for id_, d in last_said.items()
    ]
    if said:
        Chat.update_bulk(f"{_LAST}, {_SAID}", (*_LAST_COLUMNS, *_SAID_COLUMNS), said)
    noted = [(id_, d.seq, d.text, now) for id_, d in last.items() if id_ not in last_said]
    if noted:
        Chat.update_bulk(_LAST, _LAST_COLUMNS, noted)


def _due(now: str, unread: list[int]) -> str | None:
    """None when the other side has said something, so that no first reply is due any more."""
    by_other, _ = unread
    return None if by_other else now


def _say_line(work: Work, draft: Draft, message_id: int) -> Message:
    seat = draft.seat
    message = Message(
        id=message_id,
        chat_id=seat.id,
        seq=draft.seq,
        sender_id=draft.sender_id,
        sender_type=draft.sender_type,  # type: ignore[arg-type]
        message=draft.text,
        status="SENT",
        sent_at=work.now,
        client_id=draft.client_id,
        attachment=draft.attachment,
    )
    word = line_word(seat.kind, draft.sender_type)
    mark = LineMark(seat.id, draft.seq, message_id, draft.author) if draft.author else None
    work.emit(word(chat_id=seat.id, message=message), to=seat.said_to, line=mark)
    return message


def _mark_read(seat: Seat, is_user_side: bool, seq: int) -> None:
    """Keep how far a side has read; what it has read, it has received."""
    delivered = max(seq, seat.delivered_seq(is_user_side))
    unread = 0 if seq >= seat.last_seq else _count_unread(seat, is_user_side, seq)
    side = "user" if is_user_side else "other"
    changes = {f"{side}_read_seq": seq, f"{side}_unread": unread, f"{side}_delivered_seq": delivered}
    Chat.update(**changes).where(Chat.id == seat.id).execute()


def _count_unread(seat: Seat, is_user_side: bool, seq: int) -> int:
    """The lines after `seq` that the other side wrote; SYSTEM lines are nobody's."""
    if seat.kind == DIRECT:
        theirs = Line.sender_id == (seat.peer_id if is_user_side else seat.user_id)
    else:
        theirs = Line.sender_type == ("AGENT" if is_user_side else "USER")
    return int(Line.select().where(Line.chat == seat.id, Line.seq > seq, Line.sender_type != "SYSTEM", theirs).count())
