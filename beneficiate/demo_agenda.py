"""When the demo professionals are there, and some visits: asked for by the same actions that members and agents use."""

from datetime import UTC, datetime, timedelta
from itertools import cycle

from beneficiate.actions import appointments, requests
from beneficiate.errors import Problem
from beneficiate.models.appointments import Appointment
from beneficiate.models.care import MANUAL, ONLINE, Availability, Professional, ProfessionalSpecialty
from beneficiate.models.payments import Subscription
from beneficiate.models.people import Agent, Beneficiary, User
from beneficiate.queries import slots
from beneficiate.scheduling.lifecycle import CANCELLED, CONFIRMED
from beneficiate.spanish import BOGOTA
from beneficiate.store import Actor, Work

MORNING, AFTERNOON, SATURDAY = (8 * 60, 12 * 60), (14 * 60, 17 * 60), (8 * 60, 11 * 60)
DURATIONS = (20, 30, 30, 40)
VISITS = 24
REASONS = (
    "Dolor de rodilla desde hace dos semanas, sobre todo al subir escaleras.",
    "Control de la presión. Traigo los exámenes de sangre.",
    "Me salió una mancha en el brazo y quiero que la revisen.",
    "Dolor de cabeza frecuente, cuatro o cinco veces por semana.",
    "Control después de la cirugía de enero.",
    "Mi hija lleva tres días con tos y un poco de fiebre por la noche.",
    "Certificado médico para el trabajo.",
    "Me mandaron este control al salir de urgencias.",
)


def fill_agenda() -> str:
    """Weekly availabilities and visits in several states; nothing where there are some already. Says what there is."""
    for index, professional in enumerate(Professional.select().order_by(Professional.id)):
        if not Availability.select().where(Availability.professional == professional).exists():
            _give_hours(professional, index)
    if not Appointment.select().exists():
        _ask_for_visits()
    return f"{Appointment.select().count()} appointments."


def _give_hours(professional: Professional, index: int) -> None:
    blocks = [
        (day, *block) for day in range(5) for block in (MORNING, AFTERNOON) if (day + index) % 5 or block is MORNING
    ]
    if index % 3 == 0:
        blocks.append((5, *SATURDAY))
    for weekday, starts, ends in blocks:
        Availability.create(professional=professional, weekday=weekday, starts=starts, ends=ends)
    Professional.update(
        schedule_type=MANUAL if index % 4 == 3 else ONLINE,
        duration_minutes=DURATIONS[index % len(DURATIONS)],
        buffer_minutes=5 if index % 5 == 0 else 0,
        confirms_itself=index % 2 == 0,
    ).where(Professional.id == professional.id).execute()


def _ask_for_visits() -> None:
    now = datetime.now(UTC)
    agent = Agent.select().order_by(Agent.id).first()
    staff = Work(Actor(agent.user_id, "agent", agent.id), now)
    running = Subscription.select(Subscription.user).where(Subscription.ends_at > now)
    members = User.select().where(User.id.in_(running)).order_by(User.id).limit(VISITS)
    reasons = cycle(REASONS)
    for index, member in enumerate(members):
        # A member who is already somewhere at that time, or a day without hours: the next one then.
        try:
            _ask(staff, member, next(reasons), index)
        except Problem:
            continue


def _ask(staff: Work, member: User, reason: str, index: int) -> None:
    professional = (
        Professional.select()
        .where(Professional.schedule_type == ONLINE)
        .order_by(Professional.id)
        .offset(index % 8)
        .first()
    )
    specialty = ProfessionalSpecialty.get(ProfessionalSpecialty.professional == professional).specialty_id
    kin = Beneficiary.get_or_none(Beneficiary.user == member) if index % 2 else None
    first = (staff.now + timedelta(days=1 + index % 5)).astimezone(BOGOTA).date()
    starts = slots.free(staff, professional, first, first + timedelta(days=6), limit=4) if index % 3 else []
    asking = staff if starts and index % 4 else Work(Actor(member.id, "member"), staff.now)
    visit = requests.RequestVisit(
        user_id=member.id,
        patient=f"b:{kin.id}" if kin else f"u:{member.id}",
        specialty_id=specialty,
        township_id=member.township_id or professional.township_id,
        first_time=index % 3 != 1,
        notes=reason,
        professional_id=professional.id if starts else None,
        starts_at=starts[-1] if starts else None,
    )
    picture = requests.request(asking, visit)
    if index % 7 == 6 and picture.status == CONFIRMED:
        appointments.change(staff, appointments.ChangeVisit(picture.id, CANCELLED, "El afiliado no puede ese día."))
