"""The desk: routing and the queue, opening hours, notes, tags, canned replies, attachments, ratings, consents."""

from peewee import (
    BooleanField,
    CharField,
    CompositeKey,
    DateField,
    Field,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)


class InstantField(Field):
    field_type = "TIMESTAMPTZ"


class Agent(Model):
    class Meta:
        table_name = "agents"


class Chat(Model):
    class Meta:
        table_name = "chats"


class Line(Model):
    class Meta:
        table_name = "chat_lines"


class User(Model):
    class Meta:
        table_name = "users"


class Topic(Model):
    code = CharField(unique=True, max_length=32)
    name = CharField(max_length=64)
    is_active = BooleanField(default=True)

    class Meta:
        table_name = "topics"


class Skill(Model):
    agent = ForeignKeyField(Agent, on_delete="CASCADE")
    topic = ForeignKeyField(Topic, on_delete="CASCADE")

    class Meta:
        table_name = "skills"
        primary_key = CompositeKey("agent", "topic")


class Routing(Model):
    changes = IntegerField(default=0)

    class Meta:
        table_name = "routing"


class OpeningBlock(Model):
    weekday = IntegerField()
    starts = IntegerField()
    ends = IntegerField()

    class Meta:
        table_name = "opening_blocks"


class OpeningException(Model):
    day = DateField(index=True)
    starts = IntegerField(null=True)
    ends = IntegerField(null=True)
    is_open = BooleanField(default=False)

    class Meta:
        table_name = "opening_exceptions"


class CannedReply(Model):
    shortcut = CharField(unique=True, max_length=32)
    title = CharField(max_length=80)
    text = TextField()
    uses = IntegerField(default=0)
    is_active = BooleanField(default=True)
    updated_at = InstantField()

    class Meta:
        table_name = "canned_replies"


class ChatEvent(Model):
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


class Note(Model):
    chat = ForeignKeyField(Chat, on_delete="CASCADE")
    author = ForeignKeyField(User, on_delete="RESTRICT")
    text = TextField()
    after_seq = IntegerField()
    created_at = InstantField()

    class Meta:
        table_name = "notes"


class Mention(Model):
    note = ForeignKeyField(Note, on_delete="CASCADE")
    user = ForeignKeyField(User, on_delete="CASCADE")
    seen_at = InstantField(null=True)

    class Meta:
        table_name = "mentions"
        primary_key = CompositeKey("note", "user")


class Tag(Model):
    name = CharField(unique=True, max_length=32)

    class Meta:
        table_name = "tags"


class ChatTag(Model):
    chat = ForeignKeyField(Chat, on_delete="CASCADE")
    tag = ForeignKeyField(Tag, on_delete="CASCADE")

    class Meta:
        table_name = "chat_tags"
        primary_key = CompositeKey("chat", "tag")


class Attachment(Model):
    id = CharField(primary_key=True, max_length=36)
    chat = ForeignKeyField(Chat, on_delete="CASCADE")
    line = ForeignKeyField(Line, null=True, on_delete="CASCADE")
    uploader = ForeignKeyField(User, on_delete="RESTRICT")
    name = CharField(max_length=160)
    kind = CharField(max_length=32)
    size = IntegerField()
    width = IntegerField(null=True)
    height = IntegerField(null=True)
    created_at = InstantField()

    class Meta:
        table_name = "attachments"


class Rating(Model):
    chat = ForeignKeyField(Chat, unique=True, on_delete="CASCADE")
    agent = ForeignKeyField(Agent, null=True, on_delete="SET NULL")
    score = IntegerField()
    comment = TextField(default="")
    created_at = InstantField()

    class Meta:
        table_name = "ratings"


class Consent(Model):
    user = ForeignKeyField(User, on_delete="CASCADE")
    kind = CharField(max_length=32)
    version = CharField(max_length=16)
    address = CharField(max_length=64)
    given_at = InstantField()
    withdrawn_at = InstantField(null=True)

    class Meta:
        table_name = "consents"


KNOWN = [Agent, Chat, Line, User]
TABLES = [
    Topic,
    Skill,
    Routing,
    OpeningBlock,
    OpeningException,
    CannedReply,
    ChatEvent,
    Note,
    Mention,
    Tag,
    ChatTag,
    Attachment,
    Rating,
    Consent,
]

NEW_COLUMNS = {
    "agents": {
        "capacity": IntegerField(default=5),
        "availability": CharField(max_length=9, default="available"),
        "reason": CharField(max_length=100, default=""),
        "availability_at": InstantField(null=True),
        "idle_since": InstantField(null=True),
    },
    "chats": {
        "topic_id": ForeignKeyField(Topic, Topic.id, null=True, on_delete="SET NULL"),
        "queued_at": InstantField(null=True),
        "is_front": BooleanField(default=False),
        "wanted_agent_id": ForeignKeyField(Agent, Agent.id, null=True, on_delete="SET NULL"),
        "assigned_at": InstantField(null=True),
        "reply_due_at": InstantField(null=True),
        "agent_was_here": BooleanField(default=False),
        "awaiting_since": InstantField(null=True),
        "bot_muted": BooleanField(default=False),
    },
}

STATEMENTS = [
    "INSERT INTO routing (id, changes) VALUES (1, 0)",
    "UPDATE chats SET queued_at = created_at WHERE kind = 'SUPPORT' AND status = 'WAITING'",
    "CREATE INDEX chats_waiting ON chats (is_front DESC, queued_at, id) WHERE kind = 'SUPPORT' AND status = 'WAITING'",
    "CREATE INDEX chats_reply_due ON chats (reply_due_at) WHERE reply_due_at IS NOT NULL",
    "CREATE INDEX chats_support ON chats (status, updated_at) WHERE kind = 'SUPPORT'",
]


def up(migrator, db):
    with db.bind_ctx([*KNOWN, *TABLES]):
        db.create_tables(TABLES, safe=False)
    for table, columns in NEW_COLUMNS.items():
        migrator.migrate(*(migrator.add_column(table, name, field) for name, field in columns.items()))
    for statement in STATEMENTS:
        db.execute_sql(statement)
