"""Appointments, their history, the time that they occupy, reminders, e-mails and the waiting list."""

from peewee import SQL, BooleanField, CharField, CompositeKey, ForeignKeyField, IntegerField, TextField

from beneficiate.models.accounts import Beneficiary, User
from beneficiate.models.base import BaseModel, InstantField
from beneficiate.models.professionals import Professional, Specialty, Township
from beneficiate.text_limits import MAX_APPOINTMENT_STATUS_CHARS, MAX_REQUEST_KEY_CHARS


class Appointment(BaseModel):
    """A requested appointment, later with a professional and a time.

    `version` counts its changes: reminders are bound to it, and it is the SEQUENCE of its calendar entry. `request_key`
    is unique for one booking of the bot, so that confirming twice books once.
    """

    ticket_number = CharField(unique=True, max_length=16)
    request_key = CharField(unique=True, null=True, max_length=MAX_REQUEST_KEY_CHARS)
    user = ForeignKeyField(User, on_delete="CASCADE")
    beneficiary = ForeignKeyField(Beneficiary, null=True, on_delete="RESTRICT")
    specialty = ForeignKeyField(Specialty, on_delete="RESTRICT")
    township = ForeignKeyField(Township, on_delete="RESTRICT")
    professional = ForeignKeyField(Professional, null=True, on_delete="RESTRICT")
    status = CharField(max_length=MAX_APPOINTMENT_STATUS_CHARS)
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


Appointment.add_index(
    Appointment.index(Appointment.expires_at, where=SQL("expires_at IS NOT NULL"), name="appointments_expiring")
)


class AppointmentChange(BaseModel):
    """A status change of an appointment: from which status to which, by whom, why."""

    appointment = ForeignKeyField(Appointment, backref="changes", on_delete="CASCADE")
    from_status = CharField(max_length=MAX_APPOINTMENT_STATUS_CHARS, default="")
    to_status = CharField(max_length=MAX_APPOINTMENT_STATUS_CHARS)
    actor = ForeignKeyField(User, null=True, on_delete="SET NULL")
    actor_role = CharField(max_length=16)
    reason = TextField(default="")
    starts_at = InstantField(null=True)
    at = InstantField()

    class Meta:
        table_name = "appointment_changes"


class Hold(BaseModel):
    """A slot held for a member who is about to book it, until `expires_at`."""

    user = ForeignKeyField(User, on_delete="CASCADE")
    professional = ForeignKeyField(Professional, on_delete="CASCADE")
    starts_at = InstantField()
    expires_at = InstantField(index=True)

    class Meta:
        table_name = "holds"


class Tick(BaseModel):
    """Five occupied minutes of a professional (`p:3`) or of a patient (`u:12`, `b:4`).

    The primary key makes double booking impossible, on any database, whatever two processes do at the same moment.
    """

    resource = CharField(max_length=16)
    tick = IntegerField()
    appointment = ForeignKeyField(Appointment, null=True, on_delete="CASCADE")
    hold = ForeignKeyField(Hold, null=True, on_delete="CASCADE")

    class Meta:
        table_name = "ticks"
        primary_key = CompositeKey("resource", "tick")


class Reminder(BaseModel):
    """A reminder that is due once: for one version of an appointment, some hours before it."""

    appointment = ForeignKeyField(Appointment, on_delete="CASCADE")
    version = IntegerField()
    hours_before = IntegerField()
    due_at = InstantField()
    sent_at = InstantField(null=True)

    class Meta:
        table_name = "reminders"
        indexes = ((("appointment", "version", "hours_before"), True),)


Reminder.add_index(Reminder.index(Reminder.due_at, where=SQL("sent_at IS NULL"), name="reminders_due"))


class WaitingListEntry(BaseModel):
    """An appointment whose member wants an earlier slot. A freed slot is offered to one, until `offer_expires_at`."""

    appointment = ForeignKeyField(Appointment, unique=True, on_delete="CASCADE")
    status = CharField(max_length=16)
    offered_professional = ForeignKeyField(Professional, null=True, on_delete="SET NULL")
    offered_at = InstantField(null=True)
    hold = ForeignKeyField(Hold, null=True, on_delete="SET NULL")
    offer_expires_at = InstantField(null=True)
    created_at = InstantField()

    class Meta:
        table_name = "waits"


class AppointmentEmail(BaseModel):
    """An e-mail to send once. It is rendered when it is sent, from the appointment as it is then."""

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


AppointmentEmail.add_index(
    AppointmentEmail.index(AppointmentEmail.created_at, where=SQL("sent_at IS NULL"), name="letters_unsent")
)
