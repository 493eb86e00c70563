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

from beneficiate.migrations.online import add_columns, create_indexes, schema_change

atomic = False


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
        "capacity": "INTEGER NOT NULL DEFAULT 5",
        "availability": "VARCHAR(9) NOT NULL DEFAULT 'available'",
        "reason": "VARCHAR(100) NOT NULL DEFAULT ''",
        "availability_at": "TIMESTAMPTZ",
        "idle_since": "TIMESTAMPTZ",
    },
    "chats": {
        "topic_id": "INTEGER REFERENCES topics (id) ON DELETE SET NULL",
        "queued_at": "TIMESTAMPTZ",
        "is_front": "BOOLEAN NOT NULL DEFAULT FALSE",
        "wanted_agent_id": "INTEGER REFERENCES agents (id) ON DELETE SET NULL",
        "assigned_at": "TIMESTAMPTZ",
        "reply_due_at": "TIMESTAMPTZ",
        "agent_was_here": "BOOLEAN NOT NULL DEFAULT FALSE",
        "awaiting_since": "TIMESTAMPTZ",
        "bot_muted": "BOOLEAN NOT NULL DEFAULT FALSE",
    },
}

STATEMENTS = [
    "INSERT INTO routing (id, changes) VALUES (1, 0) ON CONFLICT DO NOTHING",
    "UPDATE chats SET queued_at = created_at WHERE kind = 'SUPPORT' AND status = 'WAITING' AND queued_at IS NULL",
]

INDEXES = [
    "CREATE INDEX chats_topic_id ON chats (topic_id)",
    "CREATE INDEX chats_wanted_agent_id ON chats (wanted_agent_id)",
    "CREATE INDEX chats_waiting ON chats (is_front DESC, queued_at, id) WHERE kind = 'SUPPORT' AND status = 'WAITING'",
    "CREATE INDEX chats_reply_due ON chats (reply_due_at) WHERE reply_due_at IS NOT NULL",
    "CREATE INDEX chats_support ON chats (status, updated_at) WHERE kind = 'SUPPORT'",
]


def up(migrator, db):
    with schema_change(db):
        with db.bind_ctx([*KNOWN, *TABLES]):
            db.create_tables(TABLES)
        for table, columns in NEW_COLUMNS.items():
            add_columns(db, table, columns)
        for statement in STATEMENTS:
            db.execute_sql(statement)
        create_indexes(db, INDEXES)
