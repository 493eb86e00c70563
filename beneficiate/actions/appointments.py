"""Changes of an appointment's status. Each is a legal transition, has an actor and leaves a row of history."""

from dataclasses import dataclass
from datetime import datetime

from beneficiate.actions import audit, plan_coverage, quotas, reminders, slots, waiting_list
from beneficiate.actions.facts import record_appointment_fact
from beneficiate.actions.isolation import run_each
from beneficiate.domain.booking.business_hours import add_working_hours
from beneficiate.domain.booking.lifecycle import (
    ATTENDED,
    CANCELLED,
    CONFIRMED,
    EXPIRED,
    NO_SHOW,
    OPEN_STATUSES,
    PENDING,
    RESCHEDULED,
    TO_BE_CONFIRMED,
    can_transition,
    is_within_change_window,
    self_moved_status,
)
from beneficiate.domain.booking.presentation import APPOINTMENT_STATUS_NAMES
from beneficiate.domain.patient_key import patient_key
from beneficiate.errors import IllegalTransition, Invalid, NotFound, SlotTaken
from beneficiate.models.appointments import Appointment, AppointmentChange
from beneficiate.models.base import lock_rows
from beneficiate.models.professionals import ONLINE_SCHEDULE, Professional
from beneficiate.protocol import channels
from beneficiate.protocol.booking import AppointmentChanged, AppointmentPayload, AppointmentRequested
from beneficiate.queries.access import STAFF_ROLES, is_erased
from beneficiate.queries.appointments import access_appointment, serialize_appointment
from beneficiate.queries.business_hours import load_business_hours
from beneficiate.queries.slots import access_professional, is_start_available
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.appointments import without_reasons

MIN_REASON_CHARS = 3
STATUSES_SET_BY_STAFF = (TO_BE_CONFIRMED, CONFIRMED, RESCHEDULED, CANCELLED, EXPIRED, ATTENDED, NO_SHOW)
STATUSES_SET_BY_MEMBERS = (RESCHEDULED, CANCELLED)
_AUDITED_STATUSES = {
    TO_BE_CONFIRMED: "appointments.assign",
    CONFIRMED: "appointments.confirm",
    RESCHEDULED: "appointments.move",
    CANCELLED: "appointments.cancel",
    EXPIRED: "appointments.expire",
    ATTENDED: "appointments.attend",
    NO_SHOW: "appointments.miss",
}
"""What the audit says of an appointment that gets this status."""
STAFF_CHANNELS = (channels.AGENTS_CHANNEL, channels.SUPERVISORS_CHANNEL)
Slot = tuple[Professional | None, datetime | None]


@dataclass(frozen=True, slots=True)
class ChangeAppointment:
    """A new status for an appointment; to assign or move it also the professional and the time.

    `version` is the one that the actor saw, None when it does not matter.
    """

    appointment_id: int
    status: str
    reason: str = ""
    professional_id: int | None = None
    starts_at: datetime | None = None
    version: int | None = None


class AppointmentOutdated(IllegalTransition):
    """The appointment changed after the actor saw it."""

    sentence = "La cita cambió mientras tanto. Revise cómo está ahora."


def change_appointment(uow: UnitOfWork, command: ChangeAppointment) -> AppointmentPayload:
    """Assign, confirm, move or cancel an appointment, or mark it as attended or missed.

    Members may cancel and move their own until the change window closes; staff may override the window with a reason.
    What a member moves to a professional who confirms by hand has to be confirmed again. The same change with the same
    version, as from a form that was sent twice, changes nothing.
    Raises NotFound, IllegalTransition, Invalid, PlanRequired, SlotTaken, RateLimited.
    """
    appointment = access_appointment(uow.actor, command.appointment_id, lock=True)
    if command.version not in (None, appointment.version):
        if _is_repetition(uow, appointment, command):
            return serialize_appointment(appointment.id)
        raise AppointmentOutdated
    is_staff = uow.actor.role in STAFF_ROLES
    allowed = STATUSES_SET_BY_STAFF if is_staff else STATUSES_SET_BY_MEMBERS
    if not can_transition(appointment.status, command.status) or command.status not in allowed:
        raise IllegalTransition(_illegal_transition_sentence(appointment.status, command.status))
    if command.status in (CANCELLED, RESCHEDULED):
        _require_change_window(uow, appointment, command.reason)
        quotas.consume_quota(uow, uow.rules.quotas.appointment_changes)
    else:
        quotas.consume_quota(uow, uow.rules.quotas.appointment_steps)
    if command.status in (ATTENDED, NO_SHOW) and (appointment.starts_at is None or uow.now < appointment.starts_at):
        raise IllegalTransition("La cita todavía no ha empezado.")
    old_status, freed_slot = appointment.status, (appointment.professional, appointment.starts_at)
    if command.status in (TO_BE_CONFIRMED, CONFIRMED, RESCHEDULED):
        _assign_requested_slot(uow, appointment, command)
    is_self_moved = command.status == RESCHEDULED and not is_staff
    appointment.status = _self_moved_status(old_status, appointment) if is_self_moved else command.status
    # Of whom was erased the staff still say whether they came, and nothing in words.
    reason = "" if is_staff and is_erased(appointment.user_id) else command.reason
    save_status_change(uow, appointment, old_status, reason, freed_slot)
    waiting_list.settle_offer(uow, appointment)
    if freed_slot[1] is not None and (command.status == CANCELLED or freed_slot[1] != appointment.starts_at):
        waiting_list.offer_freed_slot(uow, *freed_slot, excluded_appointment_id=appointment.id)
    return emit_appointment_event(uow, appointment, AppointmentChanged)


def _is_repetition(uow: UnitOfWork, appointment: Appointment, command: ChangeAppointment) -> bool:
    """Return whether this change of the actor is the one that the appointment had last."""
    if command.version != appointment.version - 1:
        return False
    if command.starts_at is None:
        is_same = appointment.status == command.status
    else:
        is_same_professional = command.professional_id in (None, appointment.professional_id)
        is_same = is_same_professional and appointment.starts_at == command.starts_at
    changes = AppointmentChange.select(AppointmentChange.actor).where(AppointmentChange.appointment == appointment.id)
    return bool(is_same and changes.order_by(AppointmentChange.id.desc()).scalar() == uow.actor.user_id)


def answer_offer(uow: UnitOfWork, command: waiting_list.AnswerSlotOffer) -> AppointmentPayload:
    """Accept the earlier slot that was offered, or decline it so that the next one is offered it.

    The same answer a second time changes nothing. Raises NotFound, PlanRequired, SlotTaken, IllegalTransition when the
    appointment is over.
    """
    if waiting_list.has_answered(uow, command):
        return serialize_appointment(command.appointment_id)
    if not command.accepts:
        waiting_list.decline_offer(uow, command.appointment_id)
        return serialize_appointment(command.appointment_id)
    professional_id, starts_at = waiting_list.accept_offer(uow, command.appointment_id)
    appointment = access_appointment(uow.actor, command.appointment_id, lock=True)
    if appointment.status not in OPEN_STATUSES:
        raise IllegalTransition
    old_status, freed_slot = appointment.status, (appointment.professional, appointment.starts_at)
    assign_slot(uow, appointment, professional_id, starts_at)
    appointment.status = _self_moved_status(old_status, appointment)
    save_status_change(uow, appointment, old_status, "Aceptó un horario liberado.", freed_slot)
    waiting_list.offer_freed_slot(uow, *freed_slot, excluded_appointment_id=appointment.id)
    return emit_appointment_event(uow, appointment, AppointmentChanged)


def expire_appointments(uow: UnitOfWork) -> int:
    """Expire the requests that nobody handled in time and return how many. Harmless when run twice: rows are locked."""
    due = Appointment.select().where(
        Appointment.expires_at <= uow.now, Appointment.status.in_([PENDING, TO_BE_CONFIRMED])
    )
    rows = list(lock_rows(due.order_by(Appointment.id).limit(100)))
    return len(run_each(uow, rows, lambda appointment: _expire_appointment(uow, appointment)))


def _expire_appointment(uow: UnitOfWork, appointment: Appointment) -> None:
    old_status, appointment.status = appointment.status, EXPIRED
    slot = (appointment.professional, appointment.starts_at)
    save_status_change(uow, appointment, old_status, "Nadie la atendió a tiempo.", slot)
    waiting_list.offer_freed_slot(uow, appointment.professional, appointment.starts_at)
    emit_appointment_event(uow, appointment, AppointmentChanged)


def save_status_change(uow: UnitOfWork, appointment: Appointment, old_status: str, reason: str, old_slot: Slot) -> None:
    """Save a new status: the row, its ticks, its history, its reminders and e-mails. `old_slot` is the one it had."""
    appointment.version += 1
    appointment.updated_at = uow.now
    appointment.expires_at = handling_deadline(uow, appointment.status, appointment.starts_at)
    appointment.save()
    if appointment.status in (CANCELLED, EXPIRED):
        slots.release_slot(appointment)
        waiting_list.leave_waiting_list(uow, appointment.id)
    record_appointment_history(uow, appointment, old_status, reason, old_slot)


def record_appointment_history(
    uow: UnitOfWork, appointment: Appointment, old_status: str, reason: str, old_slot: Slot = (None, None)
) -> None:
    """Store one step of the appointment's history and of the audit, and schedule its notifications anew."""
    AppointmentChange.create(
        appointment=appointment,
        from_status=old_status,
        to_status=appointment.status,
        actor=uow.actor.user_id or None,
        actor_role=uow.actor.role,
        reason=reason.strip(),
        starts_at=appointment.starts_at,
        at=uow.now,
    )
    record_appointment_fact(uow, appointment)
    professional, starts_at = old_slot
    changes: dict[str, tuple[object, object]] = {
        "status": (old_status or None, appointment.status),
        "professional": (professional and professional.id, appointment.professional_id),
        "starts_at": (starts_at, appointment.starts_at),
    }
    subject, user_id = f"appointment:{appointment.id}", appointment.user_id
    if old_status:
        audit.record_act(uow, _AUDITED_STATUSES[appointment.status], subject, reason.strip(), changes, user_id)
    else:
        audit.record_act(uow, "appointments.book", subject, changes=changes, person_id=user_id)
    reminders.schedule_notifications(uow, [appointment])


def emit_appointment_event(
    uow: UnitOfWork, appointment: Appointment, event: type[AppointmentRequested | AppointmentChanged]
) -> AppointmentPayload:
    """Emit the appointment as it is now to its member and the staff; return its payload."""
    payload = serialize_appointment(appointment.id)
    emit_appointment_payload(uow, payload, event)
    return payload


def emit_appointment_payload(
    uow: UnitOfWork, payload: AppointmentPayload, event: type[AppointmentRequested | AppointmentChanged]
) -> None:
    """Emit an appointment to its member, and to the staff without the reasons."""
    uow.emit(event(appointment=payload), channels=[channels.user_channel(payload.user_id)])
    uow.emit(event(appointment=without_reasons(payload)), channels=STAFF_CHANNELS)


def assign_slot(uow: UnitOfWork, appointment: Appointment, professional_id: int | None, starts_at: datetime) -> None:
    """Assign a professional (None keeps the present one) and a time to an appointment.

    Raises Invalid, NotFound, PlanRequired, SlotTaken.
    """
    professional_id = professional_id or appointment.professional_id
    if professional_id is None:
        raise Invalid("Elija el profesional.")
    professional = access_professional(professional_id, appointment.specialty_id)
    if uow.actor.role not in STAFF_ROLES and professional.schedule_type != ONLINE_SCHEDULE:
        raise NotFound("Ese profesional no tiene agenda en línea.")
    require_bookable(uow, professional, starts_at, appointment.user_id, excluded_appointment_id=appointment.id)
    slots.release_holds(appointment.user_id, (professional, starts_at))
    slots.occupy_slot(
        appointment, professional, patient_key(appointment.user_id, appointment.beneficiary_id), starts_at
    )
    appointment.professional, appointment.starts_at = professional, starts_at
    appointment.duration_minutes = professional.duration_minutes


def _assign_requested_slot(uow: UnitOfWork, appointment: Appointment, command: ChangeAppointment) -> None:
    """Assign the slot of the command; a move needs a new time. Raises as `assign_slot` does."""
    if command.starts_at is not None:
        assign_slot(uow, appointment, command.professional_id, command.starts_at)
    elif command.status == RESCHEDULED or appointment.starts_at is None:
        raise Invalid("Elija primero el profesional y el horario.")


def require_bookable(
    uow: UnitOfWork, professional: Professional, starts_at: datetime, owner_id: int, excluded_appointment_id: int = 0
) -> None:
    """Raise Invalid for a time in the past, SlotTaken for one that is not free apart from the excluded appointment.

    Raise PlanRequired when the owner's plan does not cover the day.
    """
    if starts_at <= uow.now:
        raise Invalid("Ese horario ya pasó. Elija otro, por favor.")
    if starts_at > uow.now + uow.rules.horizon:
        raise SlotTaken  # also for times that no database can store, such as the last hour of the year 9999
    plan_coverage.require_plan_on(uow, owner_id, starts_at)
    slots.release_expired_holds(uow.now)
    if not is_start_available(uow, professional, starts_at, owner_id, excluded_appointment_id):
        raise SlotTaken


def _self_moved_status(old_status: str, appointment: Appointment) -> str:
    return self_moved_status(old_status, confirms_itself=appointment.professional.confirms_itself)


def _require_change_window(uow: UnitOfWork, appointment: Appointment, reason: str) -> None:
    """Raise IllegalTransition for members after the change window, Invalid for staff who give no reason then."""
    if appointment.starts_at is None:
        return
    hours = uow.rules.change_window_hours
    if is_within_change_window(appointment.starts_at, uow.now, hours):
        return
    if uow.actor.role not in STAFF_ROLES:
        raise IllegalTransition(f"Solo se puede mover o cancelar hasta {hours} horas antes. Escríbanos y le ayudamos.")
    if len(reason.strip()) < MIN_REASON_CHARS:
        raise Invalid("Faltan menos horas de las permitidas: escriba el motivo.")


def handling_deadline(uow: UnitOfWork, status: str, starts_at: datetime | None) -> datetime | None:
    """Return until when the staff has to handle a request: 72 working hours, or its start if that comes first."""
    if status not in (PENDING, TO_BE_CONFIRMED):
        return None
    deadline = add_working_hours(uow.now, uow.rules.pending_working_hours, load_business_hours())
    return deadline if starts_at is None else min(deadline, starts_at)


def _illegal_transition_sentence(old_status: str, new_status: str) -> str:
    new_name = APPOINTMENT_STATUS_NAMES.get(new_status, new_status)
    return f"Una cita en estado «{APPOINTMENT_STATUS_NAMES[old_status]}» no puede pasar a «{new_name}»."
