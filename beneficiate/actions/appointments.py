"""The life of an appointment. Each step is legal, has an actor and leaves a row of history."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from beneficiate.actions import reminders, slots, waits
from beneficiate.errors import IllegalTransition, Invalid, NotFound, SlotTaken
from beneficiate.models.appointments import Appointment, AppointmentChange
from beneficiate.models.base import locked
from beneficiate.models.care import ONLINE, Professional
from beneficiate.protocol import topics
from beneficiate.protocol.bookings import AppointmentChanged, AppointmentPicture, AppointmentRequested
from beneficiate.queries.access import STAFF
from beneficiate.queries.appointments import access_appointment, picture_of
from beneficiate.queries.hours import opening_hours
from beneficiate.queries.slots import access_professional, may_start
from beneficiate.scheduling.hours import add_working_hours
from beneficiate.scheduling.lifecycle import (
    ATTENDED,
    CANCELLED,
    CONFIRMED,
    EXPIRED,
    NAMES,
    NO_SHOW,
    OPEN,
    PENDING,
    RESCHEDULED,
    TO_BE_CONFIRMED,
    is_within_window,
    may_become,
)
from beneficiate.store import Work

SHORTEST_REASON = 3
TIMED = (CONFIRMED, RESCHEDULED)
STAFF_STEPS = (TO_BE_CONFIRMED, CONFIRMED, RESCHEDULED, CANCELLED, EXPIRED, ATTENDED, NO_SHOW)
MEMBER_STEPS = (RESCHEDULED, CANCELLED)


@dataclass(frozen=True, slots=True)
class ChangeVisit:
    """A step in the life of an appointment; for an assignment or a move also with whom and when."""

    appointment_id: int
    status: str
    reason: str = ""
    professional_id: int | None = None
    starts_at: datetime | None = None


def change(work: Work, command: ChangeVisit) -> AppointmentPicture:
    """Take an appointment one step further: assign, confirm, move, cancel, mark as attended or missed.

    Members may cancel and move their own, until the window closes; staff may override the window with a reason.
    Raises NotFound, IllegalTransition, Invalid, SlotTaken.
    """
    appointment = access_appointment(work.actor, command.appointment_id, lock=True)
    is_staff = work.actor.role in STAFF
    asked = STAFF_STEPS if is_staff else MEMBER_STEPS
    if not may_become(appointment.status, command.status) or command.status not in asked:
        raise IllegalTransition(_illegal(appointment.status, command.status))
    if command.status in (CANCELLED, RESCHEDULED):
        _require_window(work, appointment, command.reason)
    if command.status in (ATTENDED, NO_SHOW) and (appointment.starts_at is None or work.now < appointment.starts_at):
        raise IllegalTransition("La cita todavía no ha empezado.")
    before, freed = appointment.status, (appointment.professional, appointment.starts_at)
    if command.status in (TO_BE_CONFIRMED, CONFIRMED, RESCHEDULED):
        _give_time(work, appointment, command)
    is_unsure = before == TO_BE_CONFIRMED and command.status == RESCHEDULED and not is_staff
    appointment.status = first_status(appointment.professional) if is_unsure else command.status
    finish(work, appointment, before, command.reason)
    if freed[1] is not None and (command.status == CANCELLED or freed[1] != appointment.starts_at):
        waits.offer_freed(work, *freed, but=appointment.id)
    return say(work, appointment, AppointmentChanged)


def answer_offer(work: Work, command: waits.AnswerOffer) -> AppointmentPicture:
    """Take the earlier time that was offered, or let it go to the next one.

    Raises NotFound, SlotTaken, IllegalTransition when the appointment is over.
    """
    if not command.accepts:
        waits.decline_offer(work, command.appointment_id)
        return picture_of(command.appointment_id)
    professional_id, starts_at = waits.take_offer(work, command.appointment_id)
    appointment = access_appointment(work.actor, command.appointment_id, lock=True)
    if appointment.status not in OPEN:
        raise IllegalTransition
    before, freed = appointment.status, (appointment.professional, appointment.starts_at)
    assign(work, appointment, professional_id, starts_at)
    is_new = before in (PENDING, TO_BE_CONFIRMED)
    appointment.status = first_status(appointment.professional) if is_new else RESCHEDULED
    finish(work, appointment, before, "Aceptó un horario liberado.")
    waits.offer_freed(work, *freed, but=appointment.id)
    return say(work, appointment, AppointmentChanged)


def expire(work: Work, _: Any = None) -> int:
    """End the requests that nobody handled in time; how many. Harmless when run twice: rows are held."""
    due = Appointment.select().where(
        Appointment.expires_at <= work.now, Appointment.status.in_([PENDING, TO_BE_CONFIRMED])
    )
    rows = list(locked(due.order_by(Appointment.id).limit(100)))
    for appointment in rows:
        before, appointment.status = appointment.status, EXPIRED
        finish(work, appointment, before, "Nadie la atendió a tiempo.")
        waits.offer_freed(work, appointment.professional, appointment.starts_at)
        say(work, appointment, AppointmentChanged)
    return len(rows)


def first_status(professional: Professional) -> str:
    """What a time that a member chose is: certain, or to be confirmed by somebody."""
    return CONFIRMED if professional.confirms_itself else TO_BE_CONFIRMED


def patient_of(appointment: Appointment) -> str:
    """Whose time an appointment takes: the member's or a beneficiary's."""
    return f"u:{appointment.user_id}" if appointment.beneficiary_id is None else f"b:{appointment.beneficiary_id}"


def finish(work: Work, appointment: Appointment, before: str, reason: str) -> None:
    """Write a step down: the row, what it occupies, its history, its reminders and letters."""
    appointment.version += 1
    appointment.updated_at = work.now
    appointment.expires_at = expiry(work, appointment.status, appointment.starts_at)
    appointment.save()
    if appointment.status in (CANCELLED, EXPIRED):
        slots.release(appointment)
        waits.leave(work, appointment.id)
    remember(work, appointment, before, reason)


def remember(work: Work, appointment: Appointment, before: str, reason: str) -> None:
    AppointmentChange.create(
        appointment=appointment,
        from_status=before,
        to_status=appointment.status,
        actor=work.actor.user_id or None,
        actor_role=work.actor.role,
        reason=reason.strip(),
        starts_at=appointment.starts_at,
        at=work.now,
    )
    reminders.plan(work, appointment, is_timed=appointment.status in TIMED)


def say(
    work: Work, appointment: Appointment, event: type[AppointmentRequested | AppointmentChanged]
) -> AppointmentPicture:
    picture = picture_of(appointment.id)
    work.emit(event(appointment=picture), to=[topics.user(appointment.user_id), topics.AGENTS, topics.SUPERVISORS])
    return picture


def assign(work: Work, appointment: Appointment, professional_id: int | None, starts_at: datetime) -> None:
    """Give an appointment its professional (or leave the one it has) and its time.

    Raises Invalid, NotFound, SlotTaken.
    """
    professional_id = professional_id or appointment.professional_id
    if professional_id is None:
        raise Invalid("Elija el profesional.")
    professional = access_professional(professional_id, appointment.specialty_id)
    if work.actor.role not in STAFF and professional.schedule_type != ONLINE:
        raise NotFound("Ese profesional no tiene agenda en línea.")
    require_bookable(work, professional, starts_at, appointment.user_id, but=appointment.id)
    slots.drop_holds(appointment.user_id)
    slots.occupy(appointment, professional, patient_of(appointment), starts_at)
    appointment.professional, appointment.starts_at = professional, starts_at
    appointment.duration_minutes = professional.duration_minutes


def _give_time(work: Work, appointment: Appointment, command: ChangeVisit) -> None:
    """Assign what was sent along; a move is nothing without a new time. Raises as `assign` does."""
    if command.starts_at is not None:
        assign(work, appointment, command.professional_id, command.starts_at)
    elif command.status == RESCHEDULED or appointment.starts_at is None:
        raise Invalid("Elija primero el profesional y el horario.")


def require_bookable(work: Work, professional: Professional, starts_at: datetime, owner_id: int, but: int = 0) -> None:
    """Raises Invalid for the past, SlotTaken for a time at which nobody is there, or somebody else (not `but`)."""
    if starts_at <= work.now:
        raise Invalid("Ese horario ya pasó. Elija otro, por favor.")
    if starts_at > work.now + work.rules.horizon:
        raise SlotTaken  # also what no database can keep, such as the last hour of the year 9999
    slots.forget_expired(work.now)
    if not may_start(work, professional, starts_at, owner_id, but):
        raise SlotTaken


def _require_window(work: Work, appointment: Appointment, reason: str) -> None:
    """Raises IllegalTransition for members when it is too late, Invalid for staff who give no reason then."""
    if appointment.starts_at is None:
        return
    hours = work.rules.change_window_hours
    if is_within_window(appointment.starts_at, work.now, hours):
        return
    if work.actor.role not in STAFF:
        raise IllegalTransition(f"Solo se puede mover o cancelar hasta {hours} horas antes. Escríbanos y le ayudamos.")
    if len(reason.strip()) < SHORTEST_REASON:
        raise Invalid("Faltan menos horas de las permitidas: escriba el motivo.")


def expiry(work: Work, status: str, starts_at: datetime | None) -> datetime | None:
    """Until when somebody has to have handled it: 72 working hours, or the visit itself if that comes first."""
    if status not in (PENDING, TO_BE_CONFIRMED):
        return None
    handled = add_working_hours(work.now, work.rules.pending_working_hours, opening_hours())
    return handled if starts_at is None else min(handled, starts_at)


def _illegal(before: str, after: str) -> str:
    return f"Una cita en estado «{NAMES[before]}» no puede pasar a «{NAMES.get(after, after)}»."
