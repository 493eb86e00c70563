"""The hours of the demo professionals and some appointments, made with the actions that members and agents use."""

from datetime import date, datetime, timedelta

from beneficiate.actions import appointment_requests, appointments
from beneficiate.domain.booking.lifecycle import CANCELLED, CONFIRMED
from beneficiate.domain.patient_key import patient_key
from beneficiate.errors import Problem
from beneficiate.formatting import bogota_date
from beneficiate.models.accounts import Agent, Beneficiary, User
from beneficiate.models.appointments import Appointment
from beneficiate.models.payments import Subscription
from beneficiate.models.professionals import (
    MANUAL_SCHEDULE,
    ONLINE_SCHEDULE,
    VIRTUAL,
    AvailabilityBlock,
    Professional,
    ProfessionalSpecialty,
    Specialty,
)
from beneficiate.queries import slots
from beneficiate.queries.consents import CHAT_TEXT_VERSION, PHONE_TEXT_VERSION
from beneficiate.unit_of_work import Actor, UnitOfWork

MORNING, AFTERNOON, SATURDAY = (8 * 60, 12 * 60), (14 * 60, 17 * 60), (8 * 60, 11 * 60)
DURATIONS_MINUTES = (20, 30, 30, 40)
DEMO_APPOINTMENT_COUNT = 24
DEMO_REASONS = (
    "Dolor de rodilla desde hace dos semanas, sobre todo al subir escaleras.",
    "Control de la presión. Traigo los exámenes de sangre.",
    "Me salió una mancha en el brazo y quiero que la revisen.",
    "Dolor de cabeza frecuente, cuatro o cinco veces por semana.",
    "Control después de la cirugía de enero.",
    "Dolor en la parte baja de la espalda, más fuerte por la mañana.",
    "Certificado médico para el trabajo.",
    "Me mandaron este control al salir de urgencias.",
)
DEMO_CHILD_REASONS = (
    "Lleva tres días con tos y un poco de fiebre por la noche.",
    "Control de crecimiento y desarrollo.",
    "Tiene ronchas en los brazos desde el fin de semana.",
)
ADULT_AGE, GERIATRIC_AGE = 18, 60
CHILD_SPECIALTY, GERIATRIC_SPECIALTY = "Pediatría", "Geriatría"
CHILD_SPECIALTIES = (CHILD_SPECIALTY, "Medicina general")
SPECIALTIES_BY_SEX = ("Ginecología y obstetricia", "Urología")
"""The demo people have no sex."""


def load_demo_appointments(now: datetime) -> str:
    """Add weekly hours and appointments in several statuses, unless there are some. Returns a summary."""
    for index, professional in enumerate(Professional.select().order_by(Professional.id)):
        if not AvailabilityBlock.select().where(AvailabilityBlock.professional == professional).exists():
            _add_availability(professional, index)
    if not Appointment.select().exists():
        _request_appointments(now)
    return f"{Appointment.select().count()} appointments."


def _add_availability(professional: Professional, index: int) -> None:
    blocks = [
        (day, *block) for day in range(5) for block in (MORNING, AFTERNOON) if (day + index) % 5 or block is MORNING
    ]
    if index % 3 == 0:
        blocks.append((5, *SATURDAY))
    for weekday, starts, ends in blocks:
        AvailabilityBlock.create(professional=professional, weekday=weekday, starts=starts, ends=ends)
    Professional.update(
        schedule_type=MANUAL_SCHEDULE if index % 4 == 3 else ONLINE_SCHEDULE,
        duration_minutes=DURATIONS_MINUTES[index % len(DURATIONS_MINUTES)],
        buffer_minutes=5 if index % 5 == 0 else 0,
        confirms_itself=index % 2 == 0,
    ).where(Professional.id == professional.id).execute()


def _request_appointments(now: datetime) -> None:
    agent = Agent.select().order_by(Agent.id).first()
    staff_uow = UnitOfWork(Actor(agent.user_id, "agent", agent.id, agent.user.name), now)
    running = Subscription.select(Subscription.user).where(Subscription.ends_at > now)
    members = User.select().where(User.id.in_(running)).order_by(User.id).limit(DEMO_APPOINTMENT_COUNT)
    for index, member in enumerate(members):
        # A member who has another appointment at that time, or a day without hours: try the next one.
        try:
            _request_demo_appointment(staff_uow, member, index)
        except Problem:
            continue


def _request_demo_appointment(staff_uow: UnitOfWork, member: User, index: int) -> None:
    beneficiaries = Beneficiary.select().where(Beneficiary.user == member).order_by(Beneficiary.id)
    beneficiary = beneficiaries.first() if index % 2 else None
    age = _age_on(bogota_date(staff_uow.now), (beneficiary or member).birth_date)
    offers = _list_offers(member.township_id, age)
    professional, specialty_id = offers[index % len(offers)]
    reasons = DEMO_CHILD_REASONS if age < ADULT_AGE else DEMO_REASONS
    reason = reasons[index % len(reasons)]
    first_day = bogota_date(staff_uow.now + timedelta(days=1 + index % 5))
    starts = (
        slots.find_free_starts(staff_uow, professional, first_day, first_day + timedelta(days=6), limit=4)
        if index % 3
        else []
    )
    requester_uow = (
        staff_uow if starts and index % 4 else UnitOfWork(Actor(member.id, "member", None, member.name), staff_uow.now)
    )
    command = appointment_requests.RequestAppointment(
        user_id=member.id,
        patient_key=patient_key(member.id, beneficiary.id if beneficiary else None),
        specialty_id=specialty_id,
        township_id=member.township_id or professional.township_id,
        first_time=index % 3 != 1,
        notes=reason,
        professional_id=professional.id if starts else None,
        starts_at=starts[-1] if starts else None,
        consent_version=PHONE_TEXT_VERSION if requester_uow is staff_uow else CHAT_TEXT_VERSION,
    )
    appointment = appointment_requests.request_appointment(requester_uow, command)
    if index % 7 == 6 and appointment.status == CONFIRMED:
        appointments.change_appointment(
            staff_uow, appointments.ChangeAppointment(appointment.id, CANCELLED, "El afiliado no puede ese día.")
        )


def _list_offers(township_id: int | None, age: int) -> list[tuple[Professional, int]]:
    """Return the professionals with online hours in a city or by video, each with a specialty for this age."""
    is_near = (Professional.township == township_id) | (Professional.mode == VIRTUAL)
    query = (
        ProfessionalSpecialty.select(ProfessionalSpecialty, Professional, Specialty)
        .join(Professional)
        .switch(ProfessionalSpecialty)
        .join(Specialty)
        .where(Professional.schedule_type == ONLINE_SCHEDULE, is_near)
        .order_by(Professional.id, Specialty.id)
    )
    return [(row.professional, row.specialty_id) for row in query if _fits_age(row.specialty.name, age)]


def _fits_age(specialty: str, age: int) -> bool:
    if specialty in SPECIALTIES_BY_SEX:
        return False
    if age < ADULT_AGE:
        return specialty in CHILD_SPECIALTIES
    return specialty != CHILD_SPECIALTY and (specialty != GERIATRIC_SPECIALTY or age >= GERIATRIC_AGE)


def _age_on(day: date, birth_date: date) -> int:
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
