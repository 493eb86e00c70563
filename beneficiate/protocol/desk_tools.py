"""Commands and events of the staff that members never receive: notes, tags, canned replies, viewers of a chat."""

from datetime import datetime
from typing import Annotated, ClassVar

import msgspec

from beneficiate.protocol.envelope import Command, Event, Id, Seq
from beneficiate.text_limits import MAX_CLIENT_ID_CHARS, MAX_MESSAGE_CHARS, MAX_TAG_CHARS

MAX_MENTIONS = 10
MAX_TAGS = 10
VIEWING_TTL_S = 30
"""A viewer of a chat expires after so many seconds without `view_chat`; clients repeat it every 15 s."""

NoteText = Annotated[
    str, msgspec.Meta(min_length=1, max_length=MAX_MESSAGE_CHARS, description="At least one character must be visible.")
]
TagName = Annotated[
    str, msgspec.Meta(min_length=1, max_length=MAX_TAG_CHARS, description="At least one letter or digit.")
]
MAX_VERSION_CHARS = 32

ClientNoteId = Annotated[
    str,
    msgspec.Meta(
        min_length=1, max_length=MAX_CLIENT_ID_CHARS, description="Unique per chat and author: a resend stores nothing."
    ),
]

_YULIANA = {"id": 45, "first_name": "Yuliana", "last_name": "Castaño"}
_GLORIA = {"id": 51, "first_name": "Gloria Inés", "last_name": "Benavides"}


class PersonName(msgspec.Struct, frozen=True, kw_only=True):
    """A staff user: id and name."""

    id: Id
    first_name: str
    last_name: str


class NotePayload(msgspec.Struct, frozen=True, kw_only=True):
    """An internal note about a chat. It is shown after the message `after_seq` and is not a message."""

    id: Id
    chat_id: Id
    author: PersonName
    text: str
    after_seq: Seq
    created_at: datetime
    mentions: list[PersonName]
    client_id: str | None = None


class AddNote(Command, tag="add_note", kw_only=True):
    """Add an internal note to a support chat. Mentioned staff users (by user id) are notified."""

    example: ClassVar = {
        "event": "add_note",
        "id": "20",
        "chat_id": 12,
        "text": "Ya envió la fórmula, @Gloria",
        "mentions": [51],
        "client_id": "n-1",
    }

    chat_id: Id
    text: NoteText
    mentions: Annotated[list[Id], msgspec.Meta(max_length=MAX_MENTIONS)] = msgspec.field(default_factory=list)
    client_id: ClientNoteId | None = None


class MarkMentionSeen(Command, tag="see_mentions", kw_only=True):
    """Mark a mention of the user in a note as seen."""

    example: ClassVar = {"event": "see_mentions", "id": "21", "note_id": 301}

    note_id: Id


class RecallMessage(Command, tag="recall_message", kw_only=True):
    """Recall an own message, within some seconds after it was sent. A second time changes nothing."""

    example: ClassVar = {"event": "recall_message", "id": "21", "chat_id": 12, "message_id": 9041}

    chat_id: Id
    message_id: Id


class TagChat(Command, tag="tag_chat", kw_only=True):
    """Add a tag to a support chat. It is created unless one with the same letters exists ("urgente" is "Urgente")."""

    example: ClassVar = {"event": "tag_chat", "id": "22", "chat_id": 12, "tag": "Urgente"}

    chat_id: Id
    tag: TagName


class UntagChat(Command, tag="untag_chat", kw_only=True):
    """Remove a tag from a support chat."""

    example: ClassVar = {"event": "untag_chat", "id": "23", "chat_id": 12, "tag": "Urgente"}

    chat_id: Id
    tag: TagName


class RecordCannedReplyUse(Command, tag="use_canned", kw_only=True):
    """Count a use of a canned reply."""

    example: ClassVar = {"event": "use_canned", "reply_id": 4}

    reply_id: Id


class ViewChat(Command, tag="view_chat", kw_only=True):
    """Announce that the user is viewing a support chat. Repeat every 15 s; expires after 30 s.

    With the `version` of the chat, or the `panel_version` of what is shown about its member, as a page of ours has
    printed them, `chat_changed` follows if it is another one now.
    """

    example: ClassVar = {"event": "view_chat", "chat_id": 12}

    chat_id: Id
    version: Annotated[str, msgspec.Meta(max_length=MAX_VERSION_CHARS)] | None = None
    panel_version: Annotated[str, msgspec.Meta(max_length=MAX_VERSION_CHARS)] | None = None


class StopViewingChat(Command, tag="leave_chat", kw_only=True):
    """Announce that the user stopped viewing a chat."""

    example: ClassVar = {"event": "leave_chat", "chat_id": 12}

    chat_id: Id


class NoteAdded(Event, tag="note_added", kw_only=True):
    """To the chat's agent, mentioned users, supervisors, the author and the chat's viewers: a new note."""

    example: ClassVar = {
        "event": "note_added",
        "chat_id": 12,
        "note": {
            "id": 301,
            "chat_id": 12,
            "author": _YULIANA,
            "text": "Ya envió la fórmula, @Gloria",
            "after_seq": 41,
            "created_at": "2026-08-25T15:32:00Z",
            "mentions": [_GLORIA],
            "client_id": "n-1",
        },
    }

    chat_id: Id
    note: NotePayload


class ChatTagged(Event, tag="chat_tagged", kw_only=True):
    """To the chat's agent, the supervisors, the chat's viewers and the sender: the tags of a chat have changed."""

    example: ClassVar = {"event": "chat_tagged", "chat_id": 12, "tags": ["Fórmula", "Urgente"]}

    chat_id: Id
    tags: list[str]


class ChatChanged(Event, tag="chat_changed", kw_only=True):
    """To the staff viewing a support chat: it has new messages or read marks, or is not as the page has printed it."""

    example: ClassVar = {"event": "chat_changed", "chat_id": 12}

    chat_id: Id


class MemberChanged(Event, tag="member_changed", kw_only=True):
    """To the staff viewing a chat of this member: their plan, payments or beneficiaries changed."""

    example: ClassVar = {"event": "member_changed", "user_id": 31}

    user_id: Id


class ChatViewer(msgspec.Struct, frozen=True, kw_only=True):
    """A staff user who is viewing a chat."""

    user_id: Id
    first_name: str
    last_name: str
    is_typing: bool = False


class ViewersChanged(Event, tag="viewers", kw_only=True):
    """To the staff viewing a chat, the user included: all its viewers; at most one frame a second for each chat."""

    example: ClassVar = {
        "event": "viewers",
        "chat_id": 12,
        "viewers": [{"user_id": 45, "first_name": "Yuliana", "last_name": "Castaño", "is_typing": True}],
    }

    chat_id: Id
    viewers: list[ChatViewer]
