"""Events of chats, presence and connections. Each is encoded once for all its receivers."""

from typing import Annotated, ClassVar

import msgspec

from beneficiate.protocol.desk_tools import NotePayload
from beneficiate.protocol.envelope import CorrelationId, Event, Id, JsonObject, Seq
from beneficiate.protocol.payloads import AgentPayload, ChatPayload, MessagePayload, PersonPayload, Presence

_MESSAGE = {
    "id": 9041,
    "chat_id": 12,
    "seq": 41,
    "sender_id": 31,
    "sender_type": "USER",
    "message": "Buenos días",
    "status": "SENT",
    "sent_at": "2026-08-25T15:31:00Z",
    "client_id": "c-1",
}
_PERSON = {"id": 31, "first_name": "Ana María", "last_name": "Rojas", "email": "ana@demo.beneficiate.co"}
_CHAT = {
    "id": 12,
    "agent_id": 7,
    "user_id": 31,
    "status": "ACTIVE",
    "created_at": "2026-08-25T13:02:00Z",
    "updated_at": "2026-08-25T15:31:00Z",
    "last_message": "Buenos días",
    "last_seq": 41,
    "unread": 2,
    "user": _PERSON,
}


class Ack(Event, tag="ack", kw_only=True):
    """A command with this `id` was carried out; with the stored message, chat or note if there is one."""

    example: ClassVar = {"event": "ack", "id": "7", "message": _MESSAGE}

    id: CorrelationId
    message: MessagePayload | msgspec.UnsetType = msgspec.UNSET
    chat: ChatPayload | msgspec.UnsetType = msgspec.UNSET
    note: NotePayload | msgspec.UnsetType = msgspec.UNSET


class CommandFailed(Event, tag="error", kw_only=True):
    """A command was refused: `code` for programs, `message` (and `error`, for old clients) for people.

    `retry_after_s` is how long to wait before it is sent again, where that may help.
    """

    example: ClassVar = {
        "event": "error",
        "id": "7",
        "code": "chat_closed",
        "message": "Este chat ya está cerrado.",
        "error": "Este chat ya está cerrado.",
    }

    code: str
    message: str
    error: str
    id: CorrelationId | msgspec.UnsetType = msgspec.UNSET
    retry_after_s: int | msgspec.UnsetType = msgspec.UNSET


class Pong(Event, tag="pong", kw_only=True):
    """The answer to `ping`."""

    example: ClassVar = {"event": "pong", "id": "3"}

    id: CorrelationId | msgspec.UnsetType = msgspec.UNSET


class Resumed(Event, tag="resumed", kw_only=True):
    """Missed messages were sent again; `more` lists the chats with further missed messages."""

    example: ClassVar = {"event": "resumed", "id": "1", "chats": {"12": 41, "15": 3}, "more": []}

    chats: dict[int, int]
    more: list[int]
    id: CorrelationId | msgspec.UnsetType = msgspec.UNSET


class AgentConnected(Event, tag="agent_connected", kw_only=True):
    """To the agent, on connecting: their own agent record."""

    example: ClassVar = {
        "event": "agent_connected",
        "agent": {
            "id": 7,
            "status": "ACTIVE",
            "agent_code": "AG-001",
            "availability": "away",
            "reason": "Se perdió la conexión",
            "is_automatic": True,
        },
    }

    agent: AgentPayload


class AgentChats(Event, tag="agent_chats", kw_only=True):
    """To the agent, on connecting: their newest 200 open chats."""

    example: ClassVar = {"event": "agent_chats", "chats": [_CHAT]}

    chats: list[ChatPayload]


class UserChats(Event, tag="user_chats", kw_only=True):
    """To the member, on connecting: their newest 50 chats, open ones first."""

    example: ClassVar = {"event": "user_chats", "chats": [_CHAT]}

    chats: list[ChatPayload]


class OnlineUsers(Event, tag="online_users", kw_only=True):
    """On connecting: the online users whom this user may see."""

    example: ClassVar = {"event": "online_users", "users": [_PERSON]}

    users: list[PersonPayload]


class UserConnected(Event, tag="user_connected", kw_only=True, omit_defaults=False):
    """A user is online."""

    example: ClassVar = {"event": "user_connected", "user_id": 31, "status": "online"}

    user_id: Id
    status: Presence = "online"


class UserDisconnected(Event, tag="user_disconnected", kw_only=True, omit_defaults=False):
    """A user is offline: their last connection has been closed for longer than the grace period."""

    example: ClassVar = {"event": "user_disconnected", "user_id": 31, "status": "offline"}

    user_id: Id
    status: Presence = "offline"


class PresenceChange(msgspec.Struct, frozen=True):
    """The new presence of a user."""

    user_id: Id
    status: Presence


class UserStatus(Event, tag="user_status", kw_only=True):
    """Several presences changed within a second: `users` has all, `user_id` and `status` the latest."""

    example: ClassVar = {
        "event": "user_status",
        "user_id": 31,
        "status": "online",
        "users": [{"user_id": 30, "status": "offline"}, {"user_id": 31, "status": "online"}],
    }

    user_id: Id
    status: Presence
    users: list[PresenceChange]


class NewChat(Event, tag="new_chat", kw_only=True):
    """To the member (or the other user): a chat with them was opened."""

    example: ClassVar = {"event": "new_chat", "chat": _CHAT}

    chat: ChatPayload


class ChatInitiated(Event, tag="chat_initiated", kw_only=True):
    """To the user who opened the chat."""

    example: ClassVar = {"event": "chat_initiated", "chat": _CHAT}

    chat: ChatPayload


class QueueLengthChanged(Event, tag="queue_changed", kw_only=True):
    """To the staff: the number of members waiting for an agent."""

    example: ClassVar = {"event": "queue_changed", "waiting": 2}

    waiting: int


class MessageSent(Event, tag="new_message", kw_only=True):
    """A message in a chat of two users, or a SYSTEM message in any chat."""

    example: ClassVar = {
        "event": "new_message",
        "chat_id": 12,
        "message": {**_MESSAGE, "sender_type": "SYSTEM", "sender_id": None},
    }

    chat_id: Id
    message: MessagePayload


class MemberMessageSent(MessageSent, tag="user_message", kw_only=True):
    """To both sides: a message of the member in a support chat."""

    example: ClassVar = {"event": "user_message", "chat_id": 12, "message": _MESSAGE}


class AgentMessageSent(MessageSent, tag="agent_chat_message", kw_only=True):
    """To both sides: a message of the agent in a support chat."""

    example: ClassVar = {
        "event": "agent_chat_message",
        "chat_id": 12,
        "message": {**_MESSAGE, "sender_type": "AGENT", "sender_id": 7},
    }


class MessageDelivered(Event, tag="message_delivered", kw_only=True):
    """To the author: all messages up to this one were written to a connection of the other side."""

    example: ClassVar = {"event": "message_delivered", "chat_id": 12, "message_id": 9041, "seq": 41}

    chat_id: Id
    message_id: Id
    seq: Seq


class MessageRead(Event, tag="message_read", kw_only=True):
    """`user_id` has read all messages up to this one. Their own other devices receive it too."""

    example: ClassVar = {"event": "message_read", "chat_id": 12, "user_id": 45, "message_id": 9041, "seq": 41}

    chat_id: Id
    user_id: Id
    message_id: Id
    seq: Seq


class MessageRecalled(Event, tag="message_recalled", kw_only=True):
    """The author recalled a message; it keeps its `seq`, and `text` stands in its place."""

    example: ClassVar = {
        "event": "message_recalled",
        "chat_id": 12,
        "message_id": 9041,
        "seq": 41,
        "text": "Mensaje retirado.",
    }

    chat_id: Id
    message_id: Id
    seq: Seq
    text: str


class TypingStarted(Event, tag="typing", kw_only=True):
    """The other side is typing."""

    example: ClassVar = {"event": "typing", "chat_id": 12, "user_id": 31}

    chat_id: Id
    user_id: Id


class TypingStopped(Event, tag="stop_typing", kw_only=True):
    """The other side stopped typing."""

    example: ClassVar = {"event": "stop_typing", "chat_id": 12, "user_id": 31}

    chat_id: Id
    user_id: Id


class ChatClosed(Event, tag="chat_closed", kw_only=True):
    """A chat was closed; its SYSTEM message also came as `new_message`."""

    example: ClassVar = {
        "event": "chat_closed",
        "chat_id": 12,
        "closed_by": 45,
        "message": {**_MESSAGE, "sender_type": "SYSTEM", "sender_id": None, "message": "El chat fue cerrado."},
    }

    chat_id: Id
    closed_by: Annotated[int, msgspec.Meta(description="The user's id.")]
    message: MessagePayload


class ConnectionsEnded(Event, tag="sessions_ended", kw_only=True):
    """Never sent: the connections of these channels are closed with `code`."""

    example: ClassVar[JsonObject] = {}

    code: int
    reason: str
