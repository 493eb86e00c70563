"""The time that visits and holds occupy: rows of five minutes, unique for each professional and each patient."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import IntegrityError

from beneficiate.errors import SlotTaken
from beneficiate.models.appointments import Appointment, Hold, Tick
from beneficiate.models.base import database
from beneficiate.models.care import Professional
from beneficiate.scheduling.ticks import ticks
from beneficiate.store import Work


class PatientBusy(SlotTaken):
    """The patient is somewhere else at that time."""

    sentence = "El paciente ya tiene una cita a esa hora. Elija otro horario, por favor."


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose ticks they are: an appointment's or a hold's."""

    appointment_id: int | None = None
    hold_id: int | None = None


def occupy(appointment: Appointment, professional: Professional, patient: str, starts_at: datetime) -> None:
    """Take the time of a visit for its professional (with the buffer) and its patient.

    Raises SlotTaken when one of the two is taken; the constraint of the table decides, not a look beforehand.
    """
    release(appointment)
    owner = Owner(appointment_id=appointment.id)
    _take(owner, {_resource(professional): professional.duration_minutes + professional.buffer_minutes}, starts_at)
    try:
        _take(owner, {patient: professional.duration_minutes}, starts_at)
    except SlotTaken as problem:
        raise PatientBusy from problem


def release(appointment: Appointment) -> None:
    """Give the time of a visit back."""
    Tick.delete().where(Tick.appointment == appointment).execute()


def hold(work: Work, professional: Professional, starts_at: datetime, lasts: timedelta, user_id: int) -> Hold:
    """Keep a slot for a member who is about to confirm. They have one at a time. Raises SlotTaken."""
    drop_holds(user_id)
    forget_expired(work.now)
    minutes = professional.duration_minutes + professional.buffer_minutes
    # Both or nothing: a hold without its ticks would be in everybody's way and keep nothing.
    with database.atomic():
        kept: Hold = Hold.create(
            user=user_id, professional=professional, starts_at=starts_at, expires_at=work.now + lasts
        )
        _take(Owner(hold_id=kept.id), {_resource(professional): minutes}, starts_at)
    return kept


def drop_holds(user_id: int) -> None:
    """Give up what was kept for a member."""
    held = Hold.select(Hold.id).where(Hold.user == user_id)
    Tick.delete().where(Tick.hold.in_(held)).execute()
    Hold.delete().where(Hold.user == user_id).execute()


def forget_expired(now: datetime) -> None:
    """Give up the holds that nobody confirmed in time."""
    expired = Hold.select(Hold.id).where(Hold.expires_at <= now)
    Tick.delete().where(Tick.hold.in_(expired)).execute()
    Hold.delete().where(Hold.expires_at <= now).execute()


def _take(owner: Owner, resources: dict[str, int], starts_at: datetime) -> None:
    rows = [
        {"resource": resource, "tick": tick, "appointment": owner.appointment_id, "hold": owner.hold_id}
        for resource, minutes in resources.items()
        for tick in ticks(starts_at, minutes)
    ]
    try:
        # A savepoint, so that the rest of the unit outlives a refusal.
        with database.atomic():
            Tick.insert_many(rows).execute()
    except IntegrityError as problem:
        raise SlotTaken from problem


def _resource(professional: Professional) -> str:
    return f"p:{professional.id}"
