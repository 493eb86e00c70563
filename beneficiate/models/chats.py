"""Chats and their messages.

A chat has two sides: `user` (the member, or whoever opened a direct chat) and the other side, which is the agent of a
support chat or the `peer` of a direct chat. How far each side has received and read is stored on the chat, so that the
status of a message (SENT, DELIVERED, READ) is derived and never written per message.
"""

from peewee import SQL, BooleanField, CharField, CompositeKey, ForeignKeyField, IntegerField, TextField

from beneficiate.models.accounts import Agent, User
from beneficiate.models.base import BaseModel, InstantField
from beneficiate.models.call_centre import Topic
from beneficiate.models.service_levels import ServiceLevel
from beneficiate.text_limits import MAX_CLIENT_ID_CHARS, MAX_FILE_NAME_CHARS, MAX_FOLDED_TAG_CHARS, MAX_TAG_CHARS

SUPPORT, DIRECT = "SUPPORT", "DIRECT"
WAITING, ACTIVE, CLOSED = "WAITING", "ACTIVE", "CLOSED"


class Chat(BaseModel):
    """A support chat (member and agent) or a direct one (two users).

    `awaiting_since` is since when the member waits for an answer: their first message without one, or their request for
    an agent. Only an answer ends it. While the chat waits in the queue, `is_front` puts it before the others (an agent
    had it, and the member waited), and `wanted_agent` comes first among those who may take it (a transfer to somebody
    absent). Once an agent has it: since `assigned_at`. `needs_first_reply`: this agent has not answered in it yet; the
    reply is due at `reply_due_at`, which is set when the chat was written to a connection of theirs. `bot_muted`: the
    member asked the bot for a person, and the bot is silent until the chat ends or is handed back.
    `last_line` is the last message of a person, `last_seq` that of the last message of all. `span` is 1, and one more
    each time that the chat is reopened.

    What was written in it was deleted at `cleared_at`, when it had been kept as long as supervisors chose.

    `service_level` is what was promised in this span. While the member waits, the answer is due at `response_due_at`
    and the end of the chat at `resolution_due_at`; earlier waits of the span took `resolution_used_s` working seconds.
    `alarm_at` is when a warning or a deadline is to be noticed next. `replied_span` is the last span in which somebody
    of the staff has answered, `urgent_span` the last one in which the member wrote words of an emergency before that.
    """

    kind = CharField(max_length=8)
    status = CharField(max_length=8)
    user = ForeignKeyField(User, backref="chats", index=False, on_delete="CASCADE")
    agent = ForeignKeyField(Agent, null=True, index=False, on_delete="RESTRICT")
    peer = ForeignKeyField(User, null=True, index=False, on_delete="CASCADE")
    last_seq = IntegerField(default=0)
    last_line = TextField(default="")
    user_delivered_seq = IntegerField(default=0)
    user_read_seq = IntegerField(default=0)
    user_unread = IntegerField(default=0)
    other_delivered_seq = IntegerField(default=0)
    other_read_seq = IntegerField(default=0)
    other_unread = IntegerField(default=0)
    created_at = InstantField()
    updated_at = InstantField()
    closed_at = InstantField(null=True)
    closed_by = ForeignKeyField(User, null=True, index=False, backref="closed_chats", on_delete="SET NULL")
    topic = ForeignKeyField(Topic, null=True, index=False, on_delete="SET NULL")
    is_front = BooleanField(default=False)
    wanted_agent = ForeignKeyField(Agent, null=True, index=False, backref="wanted_chats", on_delete="SET NULL")
    assigned_at = InstantField(null=True)
    reply_due_at = InstantField(null=True)
    needs_first_reply = BooleanField(default=False)
    awaiting_since = InstantField(null=True)
    bot_muted = BooleanField(default=False)
    span = IntegerField(default=1)
    replied_span = IntegerField(default=0)
    urgent_span = IntegerField(default=0)
    service_level = ForeignKeyField(ServiceLevel, null=True, index=False, on_delete="SET NULL")
    response_due_at = InstantField(null=True)
    response_warn_at = InstantField(null=True)
    resolution_due_at = InstantField(null=True)
    resolution_warn_at = InstantField(null=True)
    resolution_used_s = IntegerField(default=0)
    alarm_at = InstantField(null=True)
    cleared_at = InstantField(null=True)

    class Meta:
        table_name = "chats"
        indexes = ((("user", "status"), False), (("agent", "status", "updated_at"), False))


class Message(BaseModel):
    """A message of a chat. `seq` counts from 1 without gaps; `sender_id` is an AGENT's agent id, else the user's id.

    `sender_name` is the name of its author when they wrote it. The text of a message that was recalled is
    `RECALLED_TEXT`, since `recalled_at`; what it said is in the audit log.
    """

    chat = ForeignKeyField(Chat, index=False, on_delete="CASCADE")
    seq = IntegerField()
    sender_type = CharField(max_length=8)
    sender_id = IntegerField(null=True)
    message = TextField()
    client_id = CharField(null=True, max_length=MAX_CLIENT_ID_CHARS)
    sent_at = InstantField()
    sender_name = TextField(default="")
    recalled_at = InstantField(null=True)

    class Meta:
        table_name = "chat_lines"
        indexes = ((("chat", "seq"), True),)


RECALLED_TEXT = "Mensaje retirado."

RETURNED, TRANSFERRED = "returned", "transferred"
"""Kinds of a `ChatEvent` by which an agent releases a chat."""
REOPENED = "reopened"
"""The kind of the `ChatEvent` from which on a chat counts as new."""


class ChatEvent(BaseModel):
    """Something that happened to a chat as a whole. Rows are only ever inserted; reports are computed from them."""

    chat = ForeignKeyField(Chat, on_delete="CASCADE")
    kind = CharField(max_length=16)
    at = InstantField()
    actor = ForeignKeyField(User, null=True, on_delete="SET NULL")
    agent = ForeignKeyField(Agent, null=True, on_delete="SET NULL")
    other_agent = ForeignKeyField(Agent, null=True, backref="chat_events_as_other", on_delete="SET NULL")
    topic = ForeignKeyField(Topic, null=True, on_delete="SET NULL")
    note = TextField(default="")

    class Meta:
        table_name = "chat_events"
        indexes = ((("kind", "at"), False),)


class Note(BaseModel):
    """An internal note of the staff about a chat. It is not a message: no member ever receives it."""

    chat = ForeignKeyField(Chat, on_delete="CASCADE")
    author = ForeignKeyField(User, on_delete="RESTRICT")
    text = TextField()
    after_seq = IntegerField()
    created_at = InstantField()
    client_id = CharField(null=True, max_length=MAX_CLIENT_ID_CHARS)

    class Meta:
        table_name = "notes"


class Mention(BaseModel):
    """A person mentioned in a note, until they have seen it."""

    note = ForeignKeyField(Note, on_delete="CASCADE")
    user = ForeignKeyField(User, on_delete="CASCADE")
    seen_at = InstantField(null=True)

    class Meta:
        table_name = "mentions"
        primary_key = CompositeKey("note", "user")


class Tag(BaseModel):
    """A label by which chats are found. `folded` is its name without capitals and accents."""

    name = CharField(unique=True, max_length=MAX_TAG_CHARS)
    folded = CharField(unique=True, max_length=MAX_FOLDED_TAG_CHARS)

    class Meta:
        table_name = "tags"


class ChatTag(BaseModel):
    """A tag of a chat."""

    chat = ForeignKeyField(Chat, on_delete="CASCADE")
    tag = ForeignKeyField(Tag, on_delete="CASCADE")

    class Meta:
        table_name = "chat_tags"
        primary_key = CompositeKey("chat", "tag")


class Attachment(BaseModel):
    """A file of a chat; its content is in the file store under its `id`, and its message has its name."""

    id = CharField(primary_key=True, max_length=36)
    chat = ForeignKeyField(Chat, on_delete="CASCADE")
    line = ForeignKeyField(Message, null=True, on_delete="CASCADE")
    uploader = ForeignKeyField(User, on_delete="RESTRICT")
    name = CharField(max_length=MAX_FILE_NAME_CHARS)
    kind = CharField(max_length=32)
    size = IntegerField()
    width = IntegerField(null=True)
    height = IntegerField(null=True)
    created_at = InstantField()

    class Meta:
        table_name = "attachments"


class Rating(BaseModel):
    """A member's rating of one span of a chat, from 1 to 5, once: a chat that was reopened is rated again."""

    chat = ForeignKeyField(Chat, index=False, on_delete="CASCADE")
    span = IntegerField(default=1)
    agent = ForeignKeyField(Agent, null=True, on_delete="SET NULL")
    score = IntegerField()
    comment = TextField(default="")
    created_at = InstantField()

    class Meta:
        table_name = "ratings"
        indexes = ((("chat", "span"), True),)


# Partial, so that a member has one open support chat whatever two processes do at the same moment.
Chat.add_index(
    Chat.index(Chat.user, unique=True, where=SQL("kind = 'SUPPORT' AND status <> 'CLOSED'"), name="chats_one_open")
)
Chat.add_index(
    Chat.index(
        Chat.is_front.desc(),
        Chat.awaiting_since,
        Chat.id,
        where=SQL("kind = 'SUPPORT' AND status = 'WAITING'"),
        name="chats_waiting",
    )
)
Chat.add_index(Chat.index(Chat.reply_due_at, where=SQL("reply_due_at IS NOT NULL"), name="chats_reply_due"))
Chat.add_index(Chat.index(Chat.alarm_at, where=SQL("alarm_at IS NOT NULL"), name="chats_alarm"))
# The agents' lists, newest first; a chat is in one of the two.
Chat.add_index(
    Chat.index(Chat.updated_at, Chat.id, where=SQL("kind = 'SUPPORT' AND status <> 'CLOSED'"), name="chats_open")
)
Chat.add_index(
    Chat.index(Chat.updated_at, Chat.id, where=SQL("kind = 'SUPPORT' AND status = 'CLOSED'"), name="chats_closed")
)
Chat.add_index(
    Chat.index(Chat.closed_at, where=SQL("status = 'CLOSED' AND cleared_at IS NULL"), name="chats_uncleared")
)
Note.add_index(
    Note.index(
        Note.chat, Note.author, Note.client_id, unique=True, where=SQL("client_id IS NOT NULL"), name="notes_once"
    )
)
Chat.add_index(Chat.index(Chat.peer, Chat.status, where=SQL("peer_id IS NOT NULL"), name="chats_peer"))
# Each message writes its chat into all indexes of the table. Those for references that few chats have are partial.
Chat.add_index(Chat.index(Chat.closed_by, where=SQL("closed_by_id IS NOT NULL"), name="chats_closed_by"))
Chat.add_index(Chat.index(Chat.topic, where=SQL("topic_id IS NOT NULL"), name="chats_topic"))
Chat.add_index(Chat.index(Chat.wanted_agent, where=SQL("wanted_agent_id IS NOT NULL"), name="chats_wanted_agent"))
Message.add_index(
    Message.index(
        Message.chat,
        Message.sender_type,
        Message.sender_id,
        Message.client_id,
        unique=True,
        where=SQL("client_id IS NOT NULL"),
        name="chat_lines_once",
    )
)
