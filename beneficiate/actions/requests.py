"""Asking for a visit: by the bot, by phone, by the API."""

from dataclasses import dataclass
from datetime import datetime

from beneficiate.actions import slots
from beneficiate.actions.appointments import expiry, first_status, remember, require_bookable, say
from beneficiate.errors import Invalid, NotFound, PlanRequired
from beneficiate.models.appointments import Appointment
from beneficiate.models.base import locked
from beneficiate.models.care import ONLINE, Professional, Specialty, Township
from beneficiate.models.people import Beneficiary, User
from beneficiate.protocol.bookings import AppointmentPicture, AppointmentRequested
from beneficiate.queries.access import STAFF
from beneficiate.queries.accounts import running_plan
from beneficiate.queries.appointments import picture_of
from beneficiate.queries.slots import access_professional
from beneficiate.scheduling.lifecycle import CONFIRMED, PENDING
from beneficiate.scheduling.tickets import ticket_number
from beneficiate.store import Work

SHORTEST_NOTES, LONGEST_NOTES = 3, 1000


class PatientGone(NotFound):
    """The patient is not, or no longer, among the member's own people."""

    sentence = "Esa persona ya no está entre sus beneficiarios."


@dataclass(frozen=True, slots=True)
class RequestVisit:
    """A visit for a patient (`u:12` the member, `b:4` a beneficiary), with or without a time.

    `request_key` makes it happen once: the same key again returns the appointment of the first time.
    """

    user_id: int
    patient: str
    specialty_id: int
    township_id: int
    first_time: bool
    notes: str
    professional_id: int | None = None
    starts_at: datetime | None = None
    request_key: str | None = None


def request(work: Work, command: RequestVisit) -> AppointmentPicture:
    """Register a visit: PENDING without a time, else TO_BE_CONFIRMED or CONFIRMED.

    Raises NotFound (patient, specialty, city, professional), PlanRequired, Invalid (notes), SlotTaken.
    """
    if work.actor.role not in STAFF and work.actor.user_id != command.user_id:
        raise NotFound
    known = _known(command)
    if known is not None:
        return picture_of(known.id)
    beneficiary = _access_patient(work, command)
    _check(command)
    starts_at, professional = command.starts_at, _asked_professional(work, command)
    if professional is not None and starts_at is not None:
        require_bookable(work, professional, starts_at, command.user_id)
    status = _first_status(work, professional, starts_at)
    appointment = Appointment.create(
        ticket_number=ticket_number(),
        request_key=command.request_key,
        user=command.user_id,
        beneficiary=beneficiary,
        specialty=command.specialty_id,
        township=command.township_id,
        professional=professional,
        status=status,
        first_time=command.first_time,
        notes=command.notes.strip(),
        starts_at=starts_at,
        duration_minutes=professional.duration_minutes if professional and starts_at else None,
        expires_at=expiry(work, status, starts_at),
        created_at=work.now,
        updated_at=work.now,
    )
    if professional is not None and starts_at is not None:
        slots.drop_holds(command.user_id)
        slots.occupy(appointment, professional, command.patient, starts_at)
    remember(work, appointment, "", "")
    return say(work, appointment, AppointmentRequested)


def _known(command: RequestVisit) -> Appointment | None:
    """What the same key registered before. The member is held, so that two of them come one after the other."""
    if not command.request_key:
        return None
    User.hold([command.user_id])
    known: Appointment | None = Appointment.get_or_none(Appointment.request_key == command.request_key)
    return known


def _access_patient(work: Work, command: RequestVisit) -> Beneficiary | None:
    """The beneficiary whom the visit is for, or None for the member. The member's plan must run. Raises NotFound,
    PlanRequired."""
    member = locked(User.select().where(User.id == command.user_id, User.is_active)).first()
    if member is None:
        raise NotFound
    if running_plan(member.id, work.now) is None:
        raise PlanRequired
    kind, _, number = command.patient.partition(":")
    if kind == "u" and number == str(member.id):
        return None
    beneficiary: Beneficiary | None = Beneficiary.get_or_none(
        Beneficiary.id == (int(number) if number.isdecimal() else 0),
        Beneficiary.user == member,
        Beneficiary.removed_at.is_null(),
    )
    if kind != "b" or beneficiary is None:
        raise PatientGone
    return beneficiary


def _check(command: RequestVisit) -> None:
    if not SHORTEST_NOTES <= len(command.notes.strip()) <= LONGEST_NOTES:
        raise Invalid(f"Cuéntenos el motivo en {SHORTEST_NOTES} a {LONGEST_NOTES:,} letras.".replace(",", "."))
    if not Specialty.select().where(Specialty.id == command.specialty_id).exists():
        raise NotFound("No encontramos esa especialidad.")
    if not Township.select().where(Township.id == command.township_id).exists():
        raise NotFound("No encontramos esa ciudad.")


def _asked_professional(work: Work, command: RequestVisit) -> Professional | None:
    if command.professional_id is None:
        if command.starts_at is not None:
            raise Invalid("Elija el profesional.")
        return None
    professional = access_professional(command.professional_id, command.specialty_id)
    if command.starts_at is not None and professional.schedule_type != ONLINE and work.actor.role not in STAFF:
        raise NotFound("Ese profesional no tiene agenda en línea.")
    return professional


def _first_status(work: Work, professional: Professional | None, starts_at: datetime | None) -> str:
    if professional is None or starts_at is None:
        return PENDING
    return CONFIRMED if work.actor.role in STAFF else first_status(professional)
