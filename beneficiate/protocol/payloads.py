"""Messages, users and chats as parts of events and answers."""

from datetime import datetime
from typing import Literal

import msgspec

from beneficiate.protocol.envelope import Id, Seq

SenderType = Literal["USER", "AGENT", "SYSTEM", "BOT"]
MessageStatus = Literal["SENT", "DELIVERED", "READ"]
Presence = Literal["online", "offline"]
AgentAvailability = Literal["available", "away", "offline"]
MediaType = Literal["image/jpeg", "image/png", "image/webp", "application/pdf"]


class AttachmentPayload(msgspec.Struct, frozen=True, kw_only=True):
    """A file; its message has the name as text. `size` in bytes. The content is at `/api/v1/attachments/<id>`."""

    id: str
    name: str
    kind: MediaType
    size: int
    width: int | None = None
    height: int | None = None


class MessagePayload(msgspec.Struct, frozen=True, kw_only=True):
    """A stored message. `sender_id` is the agent's id for AGENT, the user's for USER, none for SYSTEM.

    `sender_name` is the name of its author when they wrote it. Of a message that `is_recalled` the text says so.
    """

    id: Id
    chat_id: Id
    seq: Seq
    sender_id: Id | None
    sender_type: SenderType
    message: str
    status: MessageStatus
    sent_at: datetime
    client_id: str | None = None
    attachment: AttachmentPayload | msgspec.UnsetType = msgspec.UNSET
    sender_name: str = ""
    is_recalled: bool = False


class PersonPayload(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A user as others see them; only staff gets the e-mail."""

    id: Id
    first_name: str
    last_name: str
    email: str | None = None


class ChatPayload(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A chat as one of its two sides sees it. `user` is the member; in a chat of two users, the other user.

    `span` counts its parts: 1, which is left out, and one more each time that it is reopened.
    """

    id: Id
    agent_id: Id | None
    user_id: Id
    status: Literal["WAITING", "ACTIVE", "CLOSED"]
    created_at: datetime
    updated_at: datetime
    last_message: str
    last_seq: Seq
    unread: int
    user: PersonPayload
    agent: PersonPayload | None = None
    span: int = 1


class AgentPayload(msgspec.Struct, frozen=True, kw_only=True):
    """The record of an agent: whether they accept chats, and why not. `is_automatic`: the system set it."""

    id: Id
    status: str
    agent_code: str
    availability: AgentAvailability
    reason: str
    is_automatic: bool
