"""When professionals are free."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypedDict

from beneficiate.errors import NotFound
from beneficiate.models.appointments import Appointment, Hold
from beneficiate.models.care import (
    ONLINE,
    UNAVAILABLE,
    Availability,
    AvailabilityException,
    Professional,
    ProfessionalSpecialty,
    Specialty,
)
from beneficiate.queries.access import STAFF
from beneficiate.scheduling.lifecycle import OPEN
from beneficiate.scheduling.slots import Block, DayException, Timetable, free_slots, is_bookable
from beneficiate.spanish import BOGOTA
from beneficiate.store import Work

MOST_DAYS = 62


@dataclass(frozen=True, slots=True)
class Span:
    """The free slots of a professional from one day to another, both included."""

    professional_id: int
    first_day: date | None = None
    last_day: date | None = None


class SlotRow(TypedDict):
    """A free time."""

    starts_at: datetime
    duration_minutes: int


def of_professional(work: Work, span: Span) -> list[SlotRow]:
    """The free slots of a professional. Members see those of ONLINE professionals only. Raises NotFound."""
    professional = access_professional(span.professional_id)
    if professional.schedule_type != ONLINE and work.actor.role not in STAFF:
        raise NotFound("Ese profesional no tiene agenda en línea.")
    today = work.now.astimezone(BOGOTA).date()
    # Nothing is offered beyond the horizon: a day in the year 9999 is as good as the first one after it.
    first = min(span.first_day or today, today + work.rules.horizon + timedelta(days=1))
    last = min(span.last_day or first + timedelta(days=13), first + timedelta(days=MOST_DAYS))
    return [
        {"starts_at": start, "duration_minutes": professional.duration_minutes}
        for start in free(work, professional, first, last)
    ]


def free(work: Work, professional: Professional, first: date, last: date, limit: int | None = None) -> list[datetime]:
    """The free starts of a professional between two days; what is kept for the asker is free for them.

    Agents need no notice: they fill today's gaps by phone.
    """
    notice = timedelta(0) if work.actor.role in STAFF else work.rules.notice
    taken = _taken(professional, work.now, held_by_others_than=work.actor.user_id)
    return free_slots(
        timetable(professional), taken, work.now, first, last, notice=notice, horizon=work.rules.horizon, limit=limit
    )


def may_start(work: Work, professional: Professional, starts_at: datetime, owner_id: int, but: int = 0) -> bool:
    """Whether a visit may start then: inside the availability, on the grid for members, and free but for `but`.

    What is kept for its owner is free, and was offered in time, so that it needs no notice any more.
    """
    is_staff = work.actor.role in (*STAFF, "system")
    is_kept = Hold.select().where(
        Hold.user == owner_id,
        Hold.professional == professional,
        Hold.starts_at == starts_at,
        Hold.expires_at > work.now,
    )
    return is_bookable(
        timetable(professional),
        starts_at,
        _taken(professional, work.now, but=but, held_by_others_than=owner_id),
        work.now,
        timedelta(0) if is_staff or is_kept.exists() else work.rules.notice,
        work.rules.horizon,
        on_grid=not is_staff,
    )


def next_online(
    work: Work, specialty_id: int, township_id: int, professional_id: int | None, count: int = 3
) -> list[tuple[datetime, Professional]]:
    """The next free slots of the ONLINE professionals of a specialty in a city, or of one professional."""
    today = work.now.astimezone(BOGOTA).date()
    practising = ProfessionalSpecialty.select(ProfessionalSpecialty.professional).where(
        ProfessionalSpecialty.specialty == specialty_id
    )
    query = Professional.select().where(
        Professional.is_active, Professional.schedule_type == ONLINE, Professional.id.in_(practising)
    )
    query = (
        query.where(Professional.id == professional_id)
        if professional_id
        else query.where(Professional.township == township_id)
    )
    last = today + work.rules.horizon
    found = [(start, one) for one in query for start in free(work, one, today, last, limit=count)]
    return sorted(found, key=lambda slot: (slot[0], slot[1].id))[:count]


def timetable(professional: Professional) -> Timetable:
    """When a professional is there."""
    blocks = [
        Block(row.weekday, row.starts, row.ends)
        for row in Availability.select().where(Availability.professional == professional)
    ]
    exceptions = [
        DayException(row.day, row.starts, row.ends, row.is_open)
        for row in AvailabilityException.select().where(AvailabilityException.professional == professional)
    ]
    return Timetable(blocks, exceptions, professional.duration_minutes, professional.buffer_minutes)


def access_professional(professional_id: int, specialty_id: int | None = None) -> Professional:
    """An active professional who gives appointments, and practises this specialty. Raises NotFound."""
    row: Professional | None = Professional.get_or_none(
        Professional.id == professional_id, Professional.is_active, Professional.schedule_type != UNAVAILABLE
    )
    if row is None:
        raise NotFound("No encontramos ese profesional.")
    if specialty_id is not None and specialty_id not in specialties_of(row):
        raise NotFound("Ese profesional no atiende esa especialidad.")
    return row


def specialties_of(professional: Professional) -> dict[int, str]:
    """The specialties that a professional practises: name by id."""
    query = Specialty.select(Specialty.id, Specialty.name).join(ProfessionalSpecialty)
    return dict(query.where(ProfessionalSpecialty.professional == professional).order_by(Specialty.name).tuples())


def _taken(
    professional: Professional, now: datetime, but: int = 0, held_by_others_than: int = 0
) -> list[tuple[datetime, datetime]]:
    """The times of a professional that are taken by open appointments or kept for somebody."""
    visits = Appointment.select(Appointment.starts_at, Appointment.duration_minutes).where(
        Appointment.professional == professional,
        Appointment.status.in_(list(OPEN)),
        Appointment.starts_at >= now.astimezone(UTC) - timedelta(days=1),
        Appointment.id != but,
    )
    holds = Hold.select(Hold.starts_at).where(
        Hold.professional == professional, Hold.expires_at > now, Hold.user != held_by_others_than
    )
    taken = [(start, start + timedelta(minutes=minutes)) for start, minutes in visits.tuples()]
    length = timedelta(minutes=professional.duration_minutes)
    return [*taken, *((start, start + length) for (start,) in holds.tuples())]
