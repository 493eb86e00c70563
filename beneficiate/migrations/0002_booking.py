"""Booking: when professionals are there, appointments and what occupies their time, letters, the bot's drafts."""

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

from beneficiate.migrations.online import add_columns


class InstantField(Field):
    field_type = "TIMESTAMPTZ"


class Beneficiary(Model):
    class Meta:
        table_name = "beneficiaries"


class Professional(Model):
    class Meta:
        table_name = "professionals"


class Specialty(Model):
    class Meta:
        table_name = "specialties"


class Township(Model):
    class Meta:
        table_name = "townships"


class User(Model):
    class Meta:
        table_name = "users"


class Appointment(Model):
    ticket_number = CharField(unique=True, max_length=16)
    request_key = CharField(unique=True, null=True, max_length=64)
    user = ForeignKeyField(User, on_delete="CASCADE")
    beneficiary = ForeignKeyField(Beneficiary, null=True, on_delete="RESTRICT")
    specialty = ForeignKeyField(Specialty, on_delete="RESTRICT")
    township = ForeignKeyField(Township, on_delete="RESTRICT")
    professional = ForeignKeyField(Professional, null=True, on_delete="RESTRICT")
    status = CharField(max_length=16)
    first_time = BooleanField()
    notes = TextField()
    starts_at = InstantField(null=True)
    duration_minutes = IntegerField(null=True)
    version = IntegerField(default=0)
    expires_at = InstantField(null=True)
    created_at = InstantField()
    updated_at = InstantField()

    class Meta:
        table_name = "appointments"
        indexes = (
            (("user", "status"), False),
            (("status", "created_at"), False),
            (("professional", "starts_at"), False),
        )


class AppointmentChange(Model):
    appointment = ForeignKeyField(Appointment, on_delete="CASCADE")
    from_status = CharField(max_length=16, default="")
    to_status = CharField(max_length=16)
    actor = ForeignKeyField(User, null=True, on_delete="SET NULL")
    actor_role = CharField(max_length=16)
    reason = TextField(default="")
    starts_at = InstantField(null=True)
    at = InstantField()

    class Meta:
        table_name = "appointment_changes"


class Availability(Model):
    professional = ForeignKeyField(Professional, on_delete="CASCADE")
    weekday = IntegerField()
    starts = IntegerField()
    ends = IntegerField()

    class Meta:
        table_name = "availabilities"


class AvailabilityException(Model):
    professional = ForeignKeyField(Professional, on_delete="CASCADE")
    day = DateField()
    starts = IntegerField(null=True)
    ends = IntegerField(null=True)
    is_open = BooleanField(default=False)

    class Meta:
        table_name = "availability_exceptions"


class Dialogue(Model):
    user = ForeignKeyField(User, unique=True, on_delete="CASCADE")
    draft = TextField()
    updated_at = InstantField()

    class Meta:
        table_name = "dialogues"


class Hold(Model):
    user = ForeignKeyField(User, on_delete="CASCADE")
    professional = ForeignKeyField(Professional, on_delete="CASCADE")
    starts_at = InstantField()
    expires_at = InstantField(index=True)

    class Meta:
        table_name = "holds"


class Letter(Model):
    appointment = ForeignKeyField(Appointment, on_delete="CASCADE")
    kind = CharField(max_length=16)
    version = IntegerField()
    created_at = InstantField()
    claimed_at = InstantField(null=True)
    sent_at = InstantField(null=True)
    tries = IntegerField(default=0)

    class Meta:
        table_name = "letters"
        indexes = ((("appointment", "kind", "version"), True),)


class Reminder(Model):
    appointment = ForeignKeyField(Appointment, on_delete="CASCADE")
    version = IntegerField()
    hours_before = IntegerField()
    due_at = InstantField()
    sent_at = InstantField(null=True)

    class Meta:
        table_name = "reminders"
        indexes = ((("appointment", "version", "hours_before"), True),)


class Tick(Model):
    resource = CharField(max_length=16)
    tick = IntegerField()
    appointment = ForeignKeyField(Appointment, null=True, on_delete="CASCADE")
    hold = ForeignKeyField(Hold, null=True, on_delete="CASCADE")

    class Meta:
        table_name = "ticks"
        primary_key = CompositeKey("resource", "tick")


class Wait(Model):
    appointment = ForeignKeyField(Appointment, unique=True, on_delete="CASCADE")
    status = CharField(max_length=16)
    offered_professional = ForeignKeyField(Professional, null=True, on_delete="SET NULL")
    offered_at = InstantField(null=True)
    hold = ForeignKeyField(Hold, null=True, on_delete="SET NULL")
    offer_expires_at = InstantField(null=True)
    created_at = InstantField()

    class Meta:
        table_name = "waits"


KNOWN = [Beneficiary, Professional, Specialty, Township, User]
TABLES = [
    Appointment,
    AppointmentChange,
    Availability,
    AvailabilityException,
    Dialogue,
    Hold,
    Letter,
    Reminder,
    Tick,
    Wait,
]

NEW_COLUMNS = {
    "schedule_type": "VARCHAR(16) NOT NULL DEFAULT 'MANUAL'",
    "duration_minutes": "INTEGER NOT NULL DEFAULT 30",
    "buffer_minutes": "INTEGER NOT NULL DEFAULT 0",
    "confirms_itself": "BOOLEAN NOT NULL DEFAULT FALSE",
}

PARTIAL_INDEXES = [
    "CREATE INDEX appointments_expiring ON appointments (expires_at) WHERE expires_at IS NOT NULL",
    "CREATE INDEX reminders_due ON reminders (due_at) WHERE sent_at IS NULL",
    "CREATE INDEX letters_unsent ON letters (created_at) WHERE sent_at IS NULL",
]


def up(migrator, db):
    add_columns(db, "professionals", NEW_COLUMNS)
    with db.bind_ctx([*KNOWN, *TABLES]):
        db.create_tables(TABLES, safe=False)
    for statement in PARTIAL_INDEXES:
        db.execute_sql(statement)
