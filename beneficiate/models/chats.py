"""Conversations and their lines.

A chat has two sides: `user` (the member, or whoever opened a user–user chat) and the other side, which is the agent of
a support chat or the `peer` of a user–user chat. How far each side has received and read is kept on the chat, so that
the state of a line (SENT, DELIVERED, READ) is worked out and never written line by line.
"""

from peewee import SQL, CharField, ForeignKeyField, IntegerField, TextField

from beneficiate.models.base import InstantField, Row
from beneficiate.models.people import Agent, User

SUPPORT, DIRECT = "SUPPORT", "DIRECT"
WAITING, ACTIVE, CLOSED = "WAITING", "ACTIVE", "CLOSED"


class Chat(Row):
    """A support chat (member and agent) or a direct one (two users)."""

    kind = CharField(max_length=8)
    status = CharField(max_length=8)
    user = ForeignKeyField(User, backref="chats", on_delete="CASCADE")
    agent = ForeignKeyField(Agent, null=True, on_delete="RESTRICT")
    peer = ForeignKeyField(User, null=True, on_delete="CASCADE")
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
    closed_by = ForeignKeyField(User, null=True, backref="closed_chats", on_delete="SET NULL")

    class Meta:
        table_name = "chats"
        indexes = ((("user", "status"), False), (("agent", "status", "updated_at"), False))


class Line(Row):
    """A line of a chat. `seq` counts from 1 without gaps; `sender_id` of an AGENT is the agent's id, or the user's."""

    chat = ForeignKeyField(Chat, index=False, on_delete="CASCADE")
    seq = IntegerField()
    sender_type = CharField(max_length=8)
    sender_id = IntegerField(null=True)
    message = TextField()
    client_id = CharField(null=True, max_length=64)
    sent_at = InstantField()

    class Meta:
        table_name = "chat_lines"
        indexes = ((("chat", "seq"), True),)


# Partial, so that a member has one open support chat whatever two processes do at the same moment.
Chat.add_index(
    Chat.index(Chat.user, unique=True, where=SQL("kind = 'SUPPORT' AND status <> 'CLOSED'"), name="chats_one_open")
)
Chat.add_index(Chat.index(Chat.peer, Chat.status, where=SQL("peer_id IS NOT NULL"), name="chats_peer"))
Line.add_index(
    Line.index(
        Line.chat,
        Line.sender_type,
        Line.sender_id,
        Line.client_id,
        unique=True,
        where=SQL("client_id IS NOT NULL"),
        name="chat_lines_once",
    )
)
