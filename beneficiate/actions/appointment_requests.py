"""Requests for appointments: from the bot, by telephone and through the API."""

from dataclasses import dataclass
from datetime import datetime

from beneficiate.actions import consents, quotas, slots
from beneficiate.actions.appointments import (
    emit_appointment_event,
    handling_deadline,
    record_appointment_history,
    require_bookable,
)
from beneficiate.domain.booking.lifecycle import CONFIRMED, OPEN_STATUSES, PENDING, self_booked_status
from beneficiate.domain.booking.presentation import NO_REASON
from beneficiate.domain.booking.tickets import generate_ticket_number
from beneficiate.domain.patient_key import PatientKey, parse_patient_key
from beneficiate.errors import Invalid, LimitReached, NotFound, PlanRequired
from beneficiate.models.accounts import Beneficiary, User
from beneficiate.models.appointments import Appointment
from beneficiate.models.base import lock_rows
from beneficiate.models.professionals import ONLINE_SCHEDULE, Professional, Specialty, Township
from beneficiate.protocol.booking import AppointmentPayload, AppointmentRequested
from beneficiate.queries.access import STAFF_ROLES
from beneficiate.queries.accounts import find_current_plan
from beneficiate.queries.appointments import serialize_appointment
from beneficiate.queries.slots import access_professional
from beneficiate.text_limits import MAX_APPOINTMENT_NOTES_CHARS
from beneficiate.unit_of_work import UnitOfWork

MIN_NOTES_CHARS = 3


class PatientNotFound(NotFound):
    """The patient is neither the member nor one of their current beneficiaries."""

    sentence = "Esa persona ya no está entre sus beneficiarios."


@dataclass(frozen=True, slots=True)
class RequestAppointment:
    """An appointment for a patient, with or without a time.

    `request_key` makes the request idempotent: the same key again returns the appointment of the first request.
    `notes` is the reason, empty for none. `consent_version` is that of the text by which the member consents to its
    storage, where they have not before.
    """

    user_id: int
    patient_key: PatientKey
    specialty_id: int
    township_id: int
    first_time: bool
    notes: str
    professional_id: int | None = None
    starts_at: datetime | None = None
    request_key: str | None = None
    consent_version: str = ""


def request_appointment(uow: UnitOfWork, command: RequestAppointment) -> AppointmentPayload:
    """Create an appointment: PENDING without a time, else TO_BE_CONFIRMED or CONFIRMED.

    Raises NotFound (patient, specialty, city, professional), PlanRequired, Invalid (notes), SlotTaken; LimitReached
    when the patient has too many open appointments, RateLimited when the actor has requested too many in an hour;
    Conflict for a text of the consent that is not today's.
    The notes are health data: nobody has to give them, and without the member's consent they are not stored.
    """
    if uow.actor.role not in STAFF_ROLES and uow.actor.user_id != command.user_id:
        raise NotFound
    existing = _find_by_request_key(command)
    if existing is not None:
        return serialize_appointment(existing.id)
    beneficiary = _access_patient(uow, command)
    _validate_request(command)
    if uow.actor.role not in STAFF_ROLES:
        _require_room(uow, command, beneficiary)
    quotas.consume_quota(uow, uow.rules.quotas.bookings)
    starts_at, professional = command.starts_at, _requested_professional(uow, command)
    if professional is not None and starts_at is not None:
        require_bookable(uow, professional, starts_at, command.user_id)
    status = _initial_status(uow, professional, starts_at)
    appointment = Appointment.create(
        ticket_number=generate_ticket_number(),
        request_key=command.request_key,
        user=command.user_id,
        beneficiary=beneficiary,
        specialty=command.specialty_id,
        township=command.township_id,
        professional=professional,
        status=status,
        first_time=command.first_time,
        notes=_find_stored_reason(uow, command),
        starts_at=starts_at,
        duration_minutes=professional.duration_minutes if professional and starts_at else None,
        expires_at=handling_deadline(uow, status, starts_at),
        created_at=uow.now,
        updated_at=uow.now,
    )
    if professional is not None and starts_at is not None:
        slots.release_holds(command.user_id, (professional, starts_at))
        slots.occupy_slot(appointment, professional, command.patient_key, starts_at)
    record_appointment_history(uow, appointment, "", "")
    return emit_appointment_event(uow, appointment, AppointmentRequested)


def _find_by_request_key(command: RequestAppointment) -> Appointment | None:
    """Return the appointment of an earlier request with this key. Locks the member, so that two requests serialise."""
    if not command.request_key:
        return None
    User.lock_rows([command.user_id])
    known: Appointment | None = Appointment.get_or_none(Appointment.request_key == command.request_key)
    return known


def _access_patient(uow: UnitOfWork, command: RequestAppointment) -> Beneficiary | None:
    """Return the beneficiary whom the appointment is for, or None for the member.

    Raises NotFound, PatientNotFound, and PlanRequired unless the member has a current plan.
    """
    member = lock_rows(User.select().where(User.id == command.user_id, User.is_active)).first()
    if member is None:
        raise NotFound
    if find_current_plan(member.id, uow.now) is None:
        raise PlanRequired
    user_id, beneficiary_id = parse_patient_key(command.patient_key)
    if user_id == member.id:
        return None
    beneficiary: Beneficiary | None = Beneficiary.get_or_none(
        Beneficiary.id == beneficiary_id, Beneficiary.user == member, Beneficiary.removed_at.is_null()
    )
    if beneficiary is None:
        raise PatientNotFound
    return beneficiary


def _find_stored_reason(uow: UnitOfWork, command: RequestAppointment) -> str:
    """Return the reason as it is stored: `NO_REASON` where none was given, or nobody consented to its storage."""
    reason = command.notes.strip()
    if reason in ("", NO_REASON):
        return NO_REASON
    return reason if consents.consent_to_reason(uow, command.user_id, command.consent_version) else NO_REASON


def _validate_request(command: RequestAppointment) -> None:
    reason = command.notes.strip()
    if reason and not MIN_NOTES_CHARS <= len(reason) <= MAX_APPOINTMENT_NOTES_CHARS:
        most = f"{MAX_APPOINTMENT_NOTES_CHARS:,}".replace(",", ".")
        raise Invalid(f"Escriba el motivo, de {MIN_NOTES_CHARS} a {most} letras, o déjelo vacío.")
    if not Specialty.select().where(Specialty.id == command.specialty_id, Specialty.is_active).exists():
        raise NotFound("No encontramos esa especialidad.")
    if not Township.select().where(Township.id == command.township_id).exists():
        raise NotFound("No encontramos esa ciudad.")


def _require_room(uow: UnitOfWork, command: RequestAppointment, beneficiary: Beneficiary | None) -> None:
    """Raise LimitReached when the patient has as many open appointments as a member may have, in all or of one kind.

    The member's row is locked, so that two requests serialise. The staff may book more, for good reasons.
    """
    is_open = Appointment.status.in_(list(OPEN_STATUSES)) & (
        Appointment.starts_at.is_null() | (Appointment.starts_at > uow.now)
    )
    is_patient = Appointment.beneficiary.is_null() if beneficiary is None else Appointment.beneficiary == beneficiary
    query = Appointment.select(Appointment.specialty).where(Appointment.user == command.user_id, is_patient, is_open)
    specialty_ids = [specialty_id for (specialty_id,) in query.tuples()]
    limits = uow.rules.quotas
    if specialty_ids.count(command.specialty_id) >= limits.open_per_specialty:
        raise LimitReached(
            "Este paciente ya tiene una cita abierta de esa especialidad. Podrá pedir otra cuando pase o la cancele."
        )
    if len(specialty_ids) >= limits.open_appointments:
        raise LimitReached(
            f"Este paciente ya tiene {len(specialty_ids)} citas abiertas. Podrá pedir otra cuando pase o cancele una."
        )


def _requested_professional(uow: UnitOfWork, command: RequestAppointment) -> Professional | None:
    if command.professional_id is None:
        if command.starts_at is not None:
            raise Invalid("Elija el profesional.")
        return None
    professional = access_professional(command.professional_id, command.specialty_id)
    if (
        command.starts_at is not None
        and professional.schedule_type != ONLINE_SCHEDULE
        and uow.actor.role not in STAFF_ROLES
    ):
        raise NotFound("Ese profesional no tiene agenda en línea.")
    return professional


def _initial_status(uow: UnitOfWork, professional: Professional | None, starts_at: datetime | None) -> str:
    if professional is None or starts_at is None:
        return PENDING
    if uow.actor.role in STAFF_ROLES:
        return CONFIRMED
    return self_booked_status(confirms_itself=professional.confirms_itself)
