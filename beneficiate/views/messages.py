"""Messages of chats as the protocol sends them."""

from datetime import datetime, timedelta

import msgspec

from beneficiate.formatting import bogota_date
from beneficiate.models.chats import DIRECT, Message
from beneficiate.protocol import channels
from beneficiate.protocol.events import AgentMessageSent, MemberMessageSent, MessageSent
from beneficiate.protocol.payloads import AttachmentPayload, MessagePayload, MessageStatus
from beneficiate.unit_of_work import MessageMark
from beneficiate.views.access import ChatAccess

SAME_GROUP = timedelta(minutes=5)
"""Messages of one author within this time are one group; static/src/core/dates.js has the same number."""


def is_same_day(one: datetime, other: datetime) -> bool:
    """Return whether two instants are on one day in Bogotá: a conversation has a heading for each."""
    return bogota_date(one) == bogota_date(other)


def is_same_group(author: object, sent_at: datetime, author_before: object, sent_before: datetime) -> bool:
    """Return whether a message goes on the group of the one before it: of one author, on one day, soon after it."""
    return author == author_before and is_same_day(sent_at, sent_before) and sent_at - sent_before < SAME_GROUP


def message_event_class(kind: str, sender_type: str) -> type[MessageSent]:
    """Return the event that announces a message of this sender in a chat of this kind."""
    if kind == DIRECT:
        return MessageSent
    return {"USER": MemberMessageSent, "AGENT": AgentMessageSent}.get(sender_type, MessageSent)


def serialize_message(message: Message, access: ChatAccess) -> MessagePayload:
    """Return a row of `queries.chats.select_messages`; its status follows from how far the other side has read."""
    return MessagePayload(
        id=message.id,
        chat_id=message.chat_id,
        seq=message.seq,
        sender_id=message.sender_id,
        sender_type=message.sender_type,
        message=message.message,
        status=message_status(message, access),
        sent_at=message.sent_at,
        client_id=message.client_id,
        attachment=msgspec.UNSET if message.file_id is None else serialize_attachment(message),
        sender_name=message.sender_name,
        is_recalled=message.recalled_at is not None,
    )


def serialize_attachment(message: Message) -> AttachmentPayload:
    """Return the file of a row of `queries.chats.select_messages`."""
    return AttachmentPayload(
        id=message.file_id,
        name=message.name,
        kind=message.kind,
        size=message.size,
        width=message.width,
        height=message.height,
    )


def message_status(message: Message, access: ChatAccess) -> MessageStatus:
    """Return READ, DELIVERED or SENT, by the positions of the side that did not write the message."""
    by_user = message.sender_type == "USER" and message.sender_id == access.user_id
    if message.seq <= access.read_seq(not by_user):
        return "READ"
    return "DELIVERED" if message.seq <= access.delivered_seq(not by_user) else "SENT"


def delivery_mark(message: Message, access: ChatAccess) -> MessageMark | None:
    """Return the mark by which the author learns that the message was delivered; None for one of the system."""
    if message.sender_type == "SYSTEM":
        return None
    author = channels.user_channel if message.sender_type == "USER" else channels.agent_channel
    return MessageMark(access.id, message.seq, message.id, author(message.sender_id))
