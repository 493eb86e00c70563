"""The time that appointments and holds occupy: ticks of five minutes, unique for each professional and patient."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import Expression, IntegrityError

from beneficiate.domain.booking.ticks import appointment_ticks
from beneficiate.domain.patient_key import PatientKey, professional_key
from beneficiate.errors import SlotTaken
from beneficiate.models.appointments import Appointment, Hold, Tick, WaitingListEntry
from beneficiate.models.base import database
from beneficiate.models.professionals import Professional
from beneficiate.unit_of_work import UnitOfWork


class PatientBusy(SlotTaken):
    """The patient has another appointment at that time."""

    sentence = "El paciente ya tiene una cita a esa hora. Elija otro horario, por favor."


@dataclass(frozen=True, slots=True)
class TickOwner:
    """The appointment or the hold that ticks belong to."""

    appointment_id: int | None = None
    hold_id: int | None = None


def occupy_slot(
    appointment: Appointment, professional: Professional, patient_key: PatientKey, starts_at: datetime
) -> None:
    """Insert the ticks of an appointment for its professional (with the buffer) and its patient.

    Raises SlotTaken when one of the two is busy; the primary key of the table decides, not a query beforehand.
    """
    release_slot(appointment)
    owner = TickOwner(appointment_id=appointment.id)
    _insert_ticks(
        owner,
        {professional_key(professional.id): professional.duration_minutes + professional.buffer_minutes},
        starts_at,
    )
    try:
        _insert_ticks(owner, {patient_key: professional.duration_minutes}, starts_at)
    except SlotTaken as problem:
        raise PatientBusy from problem


def release_slot(appointment: Appointment) -> None:
    """Delete the ticks of an appointment."""
    Tick.delete().where(Tick.appointment == appointment).execute()


def hold_slot(
    uow: UnitOfWork, professional: Professional, starts_at: datetime, lifetime: timedelta, user_id: int
) -> Hold:
    """Hold a slot for a member who is about to confirm, instead of the one before. Raises SlotTaken."""
    release_holds(user_id, (professional, starts_at))
    return hold_offered_slot(uow, professional, starts_at, lifetime, user_id)


def hold_offered_slot(
    uow: UnitOfWork, professional: Professional, starts_at: datetime, lifetime: timedelta, user_id: int
) -> Hold:
    """Hold a slot that is offered to a member, beside the one that they may be about to confirm. Raises SlotTaken."""
    release_expired_holds(uow.now)
    minutes = professional.duration_minutes + professional.buffer_minutes
    # Both or nothing: a hold without its ticks would hold nothing.
    with database.atomic():
        held: Hold = Hold.create(
            user=user_id, professional=professional, starts_at=starts_at, expires_at=uow.now + lifetime
        )
        _insert_ticks(TickOwner(hold_id=held.id), {professional_key(professional.id): minutes}, starts_at)
    return held


def release_holds(user_id: int, taken: tuple[Professional, datetime] | None = None) -> None:
    """Delete the holds of a member, apart from those of slots that the waiting list offers.

    `taken` is the slot that the member takes instead: what is held of its time is released in any case.
    """
    offered = WaitingListEntry.select(WaitingListEntry.hold).where(WaitingListEntry.hold.is_null(False))
    is_meant = Hold.id.not_in(offered)
    if taken is not None:
        professional, starts_at = taken
        minutes = professional.duration_minutes + professional.buffer_minutes
        is_of_slot = (Tick.resource == professional_key(professional.id)) & Tick.tick.in_(
            list(appointment_ticks(starts_at, minutes))
        )
        is_meant |= Hold.id.in_(Tick.select(Tick.hold).where(is_of_slot, Tick.hold.is_null(False)))
    _delete_holds((Hold.user == user_id) & is_meant)


def release_hold(hold_id: int | None) -> None:
    """Delete a hold, if there is one."""
    if hold_id is not None:
        _delete_holds(Hold.id == hold_id)


def release_expired_holds(now: datetime) -> None:
    """Delete the holds that were not confirmed in time."""
    _delete_holds(Hold.expires_at <= now)


def _delete_holds(which: Expression) -> None:
    hold_ids = [hold_id for (hold_id,) in Hold.select(Hold.id).where(which).tuples()]
    if hold_ids:
        Tick.delete().where(Tick.hold.in_(hold_ids)).execute()
        Hold.delete().where(Hold.id.in_(hold_ids)).execute()


def _insert_ticks(owner: TickOwner, resources: dict[str, int], starts_at: datetime) -> None:
    rows = [
        {"resource": resource, "tick": tick, "appointment": owner.appointment_id, "hold": owner.hold_id}
        for resource, minutes in resources.items()
        for tick in appointment_ticks(starts_at, minutes)
    ]
    try:
        # A savepoint, so that a refusal does not abort the transaction.
        with database.atomic():
            Tick.insert_many(rows).execute()
    except IntegrityError as problem:
        raise SlotTaken from problem
