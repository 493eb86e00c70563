"""Commands of clients about chats and connections. `websockets.commands` lists the commands of each role."""

from typing import Annotated, ClassVar

import msgspec

from beneficiate.protocol.envelope import Command, Id, JsonValue, Seq
from beneficiate.text_limits import MAX_CLIENT_ID_CHARS, MAX_MESSAGE_CHARS

MessageText = Annotated[
    str, msgspec.Meta(min_length=1, max_length=MAX_MESSAGE_CHARS, description="At least one character must be visible.")
]
ClientMessageId = Annotated[
    str,
    msgspec.Meta(
        min_length=1, max_length=MAX_CLIENT_ID_CHARS, description="Unique per chat and sender: a resend stores nothing."
    ),
]
Token = Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]


class LegacyCommand(Command, kw_only=True):
    """A command that clients of the replaced service send, with extra fields for the sender and the time.

    The sender's ids must be those of the connection; the rest is ignored.
    """

    sender_id: int | str | None = None
    sender_type: JsonValue = None
    user_id: int | str | None = None
    status: JsonValue = None
    sent_at: JsonValue = None
    closed_by: int | str | None = None


class SendMessage(LegacyCommand, tag="chat_message", kw_only=True):
    """Send a message in any chat of the user."""

    example: ClassVar = {
        "event": "chat_message",
        "id": "7",
        "chat_id": 12,
        "message": "Buenos días",
        "client_id": "c-1",
    }
    missing_fields_text: ClassVar = "Datos incompletos para enviar el mensaje"

    chat_id: Id
    message: MessageText
    client_id: ClientMessageId | None = None


class SendSupportMessage(LegacyCommand, tag="agent_chat_message", kw_only=True):
    """Send a message in a support chat; only its member and its agent may."""

    example: ClassVar = {
        "event": "agent_chat_message",
        "id": "8",
        "chat_id": 12,
        "message": "Buenos días, ¿en qué le ayudo?",
    }
    missing_fields_text: ClassVar = "Se requieren chat_id y message"

    chat_id: Id
    message: MessageText
    client_id: ClientMessageId | None = None


class OpenChat(LegacyCommand, tag="initiate_chat", kw_only=True):
    """Open a support chat with a member, or return the agent's open one."""

    example: ClassVar = {"event": "initiate_chat", "id": "9", "user_id": 31}

    user_id: Id


class MarkRead(LegacyCommand, tag="message_read", kw_only=True):
    """Mark all messages up to this one as read."""

    example: ClassVar = {"event": "message_read", "chat_id": 12, "message_id": 9041}

    chat_id: Id
    message_id: Id


class StartTyping(LegacyCommand, tag="typing", kw_only=True):
    """Announce that the user is typing. Relayed once per change; clients clear it after 8 s."""

    example: ClassVar = {"event": "typing", "chat_id": 12}

    chat_id: Id


class StopTyping(LegacyCommand, tag="stop_typing", kw_only=True):
    """Announce that the user stopped typing."""

    example: ClassVar = {"event": "stop_typing", "chat_id": 12}

    chat_id: Id


class CloseChat(LegacyCommand, tag="close_chat", kw_only=True):
    """Close a chat. The user who closed it is that of the connection."""

    example: ClassVar = {"event": "close_chat", "id": "10", "chat_id": 12}

    chat_id: Id


class Resume(Command, tag="resume", kw_only=True):
    """Request the missed messages: the last known `seq` of each chat."""

    example: ClassVar = {"event": "resume", "id": "1", "chats": {"12": 40, "15": 0}}

    chats: Annotated[dict[Id, Seq], msgspec.Meta(max_length=1000)]


class Authenticate(Command, tag="authenticate", kw_only=True):
    """Renew the connection with a newer token of the same user, before the old one expires."""

    example: ClassVar = {"event": "authenticate", "id": "2", "token": "eyJhbGciOiJIUzI1NiJ9.e30.c2ln"}

    token: Token


class Ping(LegacyCommand, tag="ping", kw_only=True):
    """Check the connection. Answered with `pong`."""

    example: ClassVar = {"event": "ping", "id": "3"}
