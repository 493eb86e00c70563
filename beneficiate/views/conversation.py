"""The open conversation of the desk: its messages in groups and days, and the notes between them."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

import msgspec

from beneficiate.protocol.desk_tools import NotePayload
from beneficiate.protocol.payloads import AttachmentPayload, MessagePayload
from beneficiate.unit_of_work import Actor
from beneficiate.views.access import ChatAccess
from beneficiate.views.avatars import avatar_color, initials_of
from beneficiate.views.chat_lists import ChatRow
from beneficiate.views.messages import is_same_day, is_same_group
from beneficiate.views.pages import PageView


@dataclass(frozen=True)
class MessageView:
    """A message in the conversation.

    `kind` is own, other or system; `by` is user, agent, bot or system. `starts_day`: it is the first of its day;
    `is_joined`: it goes on the group of the message before it. `notes` are those written after it.
    """

    id: int
    seq: int
    kind: str
    author: str
    initials: str
    avatar_color: int
    text: str
    sent_at: datetime
    status: str
    client_id: str | None
    file: AttachmentPayload | None
    by: str
    is_recalled: bool = False
    starts_day: bool = True
    is_joined: bool = False
    notes: list[NotePayload] = field(default_factory=list)


@dataclass(frozen=True)
class Conversation:
    """The open chat: its newest messages, oldest first. `first_notes` stand before the first message of the chat.

    `attachment_bytes` is the size of the largest file that can be sent. `version` is that of what is printed; it is
    empty for a chat with a colleague, which has no viewers.
    """

    row: ChatRow
    messages: list[MessageView]
    first_notes: list[NotePayload]
    has_older: bool
    can_assign: bool
    can_reopen: bool
    attachment_bytes: int
    version: str

    @property
    def mode(self) -> str:
        """Return how the actor takes part in the chat."""
        return self.row.mode


def compute_chat_version(access: ChatAccess, newest_note_id: int, recalled_count: int) -> str:
    """Return the version of a support chat as the desk shows it, which is the same for all of the staff.

    It changes with each message, note and hand-over, with the marks of the agent's messages, and with
    `recalled_count`, how many of its newest page of messages are recalled. What the staff has read is not shown.
    """
    marks = (access.last_seq, access.user_delivered_seq, access.user_read_seq)
    text = ".".join(map(str, (access.status, access.agent_id, *marks, newest_note_id, recalled_count)))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def build_message_views(
    messages: Iterable[MessagePayload], notes: Iterable[NotePayload], actor: Actor
) -> list[MessageView]:
    """Return the messages of a conversation in order, in groups and days, each with the notes after it."""
    notes_by_seq = group_notes_by_seq(notes)
    views: list[MessageView] = []
    for message in messages:
        previous = views[-1] if views else None
        views.append(_build_message_view(message, notes_by_seq.get(message.seq, []), actor, previous))
    return views


def group_notes_by_seq(notes: Iterable[NotePayload]) -> dict[int, list[NotePayload]]:
    """Return notes by the `seq` of the message after which they were written; 0 stands before the first."""
    grouped: dict[int, list[NotePayload]] = defaultdict(list)
    for note in notes:
        grouped[note.after_seq].append(note)
    return grouped


def _build_message_view(
    message: MessagePayload,
    notes: list[NotePayload],
    actor: Actor,
    previous: MessageView | None,
) -> MessageView:
    name = message.sender_name
    own_id = actor.agent_id if message.sender_type == "AGENT" else actor.user_id
    kind = "system" if message.sender_type == "SYSTEM" else "own" if message.sender_id == own_id else "other"
    starts_day = previous is None or not is_same_day(previous.sent_at, message.sent_at)
    return MessageView(
        id=message.id,
        seq=message.seq,
        kind=kind,
        author=name,
        initials=initials_of(name) if name else "",
        avatar_color=avatar_color(message.sender_id or 0),
        text=message.message,
        sent_at=message.sent_at,
        status=message.status,
        client_id=message.client_id,
        file=None if message.attachment is msgspec.UNSET else message.attachment,
        by=message.sender_type.lower(),
        is_recalled=message.is_recalled,
        starts_day=starts_day,
        is_joined=previous is not None and _continues_group(message, kind, name, previous),
        notes=notes,
    )


def _continues_group(message: MessagePayload, kind: str, author: str, previous: MessageView) -> bool:
    """Return whether a message goes on the group before it; a note between them ends it."""
    before = (previous.kind, previous.author)
    is_joined = is_same_group((kind, author), message.sent_at, before, previous.sent_at)
    return is_joined and kind != "system" and not previous.notes


@dataclass(frozen=True)
class ConversationPart(PageView):
    """`/agente/chats/:id`."""

    template: ClassVar[str] = "desk/_conversation.html"

    conversation: Conversation
