"""The first tables: people, care, plans, chats."""

from peewee import (
    BooleanField,
    CharField,
    CompositeKey,
    DateField,
    Field,
    FloatField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)


class InstantField(Field):
    field_type = "TIMESTAMPTZ"


class Department(Model):
    code = CharField(unique=True, max_length=2)
    name = CharField()

    class Meta:
        table_name = "departments"


class Township(Model):
    code = CharField(unique=True, max_length=5)
    name = CharField()
    department = ForeignKeyField(Department, on_delete="RESTRICT")
    latitude = FloatField()
    longitude = FloatField()

    class Meta:
        table_name = "townships"


class User(Model):
    email = CharField(unique=True)
    password_hash = TextField()
    first_name = CharField()
    last_name = CharField()
    document_type = CharField(max_length=16)
    document_number = CharField(max_length=32)
    phone = CharField(max_length=32, default="")
    birth_date = DateField(null=True)
    township = ForeignKeyField(Township, null=True, on_delete="SET NULL")
    is_active = BooleanField(default=True)
    online_status = BooleanField(default=False)
    last_seen = InstantField(null=True)
    created_at = InstantField()

    class Meta:
        table_name = "users"
        indexes = ((("document_type", "document_number"), True),)


class Agent(Model):
    user = ForeignKeyField(User, unique=True, on_delete="CASCADE")
    agent_code = CharField(unique=True, max_length=32)
    status = CharField(max_length=16, default="ACTIVE")
    created_at = InstantField()

    class Meta:
        table_name = "agents"


class Beneficiary(Model):
    user = ForeignKeyField(User, on_delete="CASCADE")
    first_name = CharField()
    last_name = CharField()
    document_type = CharField(max_length=16)
    document_number = CharField(max_length=32)
    birth_date = DateField(null=True)
    relationship = CharField(max_length=32)
    township = ForeignKeyField(Township, null=True, on_delete="SET NULL")
    removed_at = InstantField(null=True)
    created_at = InstantField()

    class Meta:
        table_name = "beneficiaries"
        indexes = ((("document_type", "document_number"), False),)


class Chat(Model):
    kind = CharField(max_length=8)
    status = CharField(max_length=8)
    user = ForeignKeyField(User, on_delete="CASCADE")
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
    closed_by = ForeignKeyField(User, null=True, on_delete="SET NULL")

    class Meta:
        table_name = "chats"
        indexes = ((("user", "status"), False), (("agent", "status", "updated_at"), False))


class Process(Model):
    name = CharField(unique=True, max_length=36)
    beat_at = InstantField()

    class Meta:
        table_name = "processes"


class Connection(Model):
    process = ForeignKeyField(Process, on_delete="CASCADE")
    user = ForeignKeyField(User, on_delete="CASCADE")
    opened_at = InstantField()
    closed_at = InstantField(null=True)

    class Meta:
        table_name = "connections"


class Line(Model):
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


class Plan(Model):
    code = CharField(unique=True, max_length=32)
    name = CharField()
    description = TextField()
    price = IntegerField()
    currency = CharField(max_length=3, default="COP")
    duration_days = IntegerField()
    max_beneficiaries = IntegerField()
    is_active = BooleanField(default=True)

    class Meta:
        table_name = "plans"


class Professional(Model):
    first_name = CharField()
    last_name = CharField()
    license_number = CharField(unique=True, max_length=32)
    township = ForeignKeyField(Township, on_delete="RESTRICT")
    address = CharField()
    mode = CharField(max_length=16)
    is_active = BooleanField(default=True)

    class Meta:
        table_name = "professionals"


class Specialty(Model):
    name = CharField(unique=True)

    class Meta:
        table_name = "specialties"


class ProfessionalSpecialty(Model):
    professional = ForeignKeyField(Professional, on_delete="CASCADE")
    specialty = ForeignKeyField(Specialty, on_delete="CASCADE")

    class Meta:
        table_name = "professional_specialties"
        primary_key = CompositeKey("professional", "specialty")


class SignIn(Model):
    family = CharField(unique=True, max_length=36)
    user = ForeignKeyField(User, on_delete="CASCADE")
    kind = CharField(max_length=8)
    secret_hash = CharField(max_length=64)
    created_at = InstantField()
    expires_at = InstantField(index=True)
    ended_at = InstantField(null=True)

    class Meta:
        table_name = "sign_ins"


class Subscription(Model):
    user = ForeignKeyField(User, on_delete="CASCADE")
    plan = ForeignKeyField(Plan, on_delete="RESTRICT")
    starts_at = InstantField()
    ends_at = InstantField()
    created_at = InstantField()

    class Meta:
        table_name = "subscriptions"
        indexes = ((("user", "ends_at"), False),)


class Supervisor(Model):
    user = ForeignKeyField(User, unique=True, on_delete="CASCADE")
    status = CharField(max_length=16, default="ACTIVE")
    created_at = InstantField()

    class Meta:
        table_name = "supervisors"


class Throttle(Model):
    key = CharField(unique=True, max_length=64)
    failures = IntegerField(default=0)
    blocked_until = InstantField(null=True)
    changed_at = InstantField(index=True)

    class Meta:
        table_name = "throttles"


TABLES = [
    Department,
    Township,
    User,
    Agent,
    Beneficiary,
    Chat,
    Process,
    Connection,
    Line,
    Plan,
    Professional,
    Specialty,
    ProfessionalSpecialty,
    SignIn,
    Subscription,
    Supervisor,
    Throttle,
]

PARTIAL_INDEXES = [
    "CREATE INDEX users_online ON users (last_seen) WHERE online_status",
    "CREATE UNIQUE INDEX chats_one_open ON chats (user_id) WHERE kind = 'SUPPORT' AND status <> 'CLOSED'",
    "CREATE INDEX chats_peer ON chats (peer_id, status) WHERE peer_id IS NOT NULL",
    "CREATE INDEX connections_closed ON connections (closed_at) WHERE closed_at IS NOT NULL",
    "CREATE UNIQUE INDEX chat_lines_once ON chat_lines (chat_id, sender_type, sender_id, client_id) "
    "WHERE client_id IS NOT NULL",
]


def up(migrator, db):
    with db.bind_ctx(TABLES):
        db.create_tables(TABLES, safe=False)
    for statement in PARTIAL_INDEXES:
        db.execute_sql(statement)
