"""What the staff says about a chat where its member does not hear it: notes, tags, canned replies, who looks."""

from datetime import datetime
from typing import Annotated, ClassVar

import msgspec

from beneficiate.protocol.envelope import MAX_MESSAGE_CHARS, Command, Event, Id, Seq

MAX_MENTIONS = 10
MAX_TAGS = 10
MAX_TAG_CHARS = 32
VIEWING_TTL_S = 30
"""Who has not said for so many seconds that they look at a chat does not; clients repeat it every 15 s."""

NoteText = Annotated[
    str, msgspec.Meta(min_length=1, max_length=MAX_MESSAGE_CHARS, description="At least one character must be visible.")
]
TagName = Annotated[
    str, msgspec.Meta(min_length=1, max_length=MAX_TAG_CHARS, description="At least one letter or digit.")
]
ClientNoteId = Annotated[
    str, msgspec.Meta(min_length=1, max_length=64, description="Unique per chat and author: a resend stores nothing.")
]

_YULIANA = {"id": 45, "first_name": "Yuliana", "last_name": "Castaño"}
_GLORIA = {"id": 51, "first_name": "Gloria Inés", "last_name": "Benavides"}


class PersonName(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of the staff, by their user id."""

    id: Id
    first_name: str
    last_name: str


class NotePayload(msgspec.Struct, frozen=True, kw_only=True):
    """A note of the staff about a chat. It stands after the line `after_seq` and is no line itself."""

    id: Id
    chat_id: Id
    author: PersonName
    text: str
    after_seq: Seq
    created_at: datetime
    mentions: list[PersonName]
    client_id: str | None = None


class AddNote(Command, tag="add_note", kw_only=True):
    """Leave a note for the staff in a support chat. Whoever is mentioned (by user id, staff only) hears of it."""

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
    """One has seen a note in which one is mentioned."""

    example: ClassVar = {"event": "see_mentions", "id": "21", "note_id": 301}

    note_id: Id


class TagChat(Command, tag="tag_chat", kw_only=True):
    """Put a tag on a support chat; the tag is made when there is none that reads alike ("urgente" is "Urgente")."""

    example: ClassVar = {"event": "tag_chat", "id": "22", "chat_id": 12, "tag": "Urgente"}

    chat_id: Id
    tag: TagName


class UntagChat(Command, tag="untag_chat", kw_only=True):
    """Take a tag off a support chat."""

    example: ClassVar = {"event": "untag_chat", "id": "23", "chat_id": 12, "tag": "Urgente"}

    chat_id: Id
    tag: TagName


class RecordCannedReplyUse(Command, tag="use_canned", kw_only=True):
    """A canned reply was put into a line: it counts."""

    example: ClassVar = {"event": "use_canned", "reply_id": 4}

    reply_id: Id


class ViewChat(Command, tag="view_chat", kw_only=True):
    """One looks at a support chat. To be repeated every 15 s; after 30 s without it nobody sees one there any more."""

    example: ClassVar = {"event": "view_chat", "chat_id": 12}

    chat_id: Id


class StopViewingChat(Command, tag="leave_chat", kw_only=True):
    """One does not look at a chat any more."""

    example: ClassVar = {"event": "leave_chat", "chat_id": 12}

    chat_id: Id


class NoteAdded(Event, tag="note_added", kw_only=True):
    """To the chat's agent, those who are mentioned, the supervisors, the author, whoever looks at the chat."""

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
    """To the chat's agent, the supervisors, whoever looks at the chat and whoever did it: its tags are these now."""

    example: ClassVar = {"event": "chat_tagged", "chat_id": 12, "tags": ["Fórmula", "Urgente"]}

    chat_id: Id
    tags: list[str]


class ChatChanged(Event, tag="chat_changed", kw_only=True):
    """To whoever of the staff looks at a support chat: something was said or read in it."""

    example: ClassVar = {"event": "chat_changed", "chat_id": 12}

    chat_id: Id


class ChatViewer(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of the staff who looks at a chat."""

    user_id: Id
    first_name: str
    last_name: str
    is_typing: bool = False


class ViewersChanged(Event, tag="viewers", kw_only=True):
    """To the staff who look at a chat, oneself included: who they are; at most one frame a second for each chat."""

    example: ClassVar = {
        "event": "viewers",
        "chat_id": 12,
        "viewers": [{"user_id": 45, "first_name": "Yuliana", "last_name": "Castaño", "is_typing": True}],
    }

    chat_id: Id
    viewers: list[ChatViewer]
