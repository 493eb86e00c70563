"""Free slots of professionals."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypedDict

from peewee import ModelSelect

from beneficiate.domain.booking.lifecycle import OPEN_STATUSES
from beneficiate.domain.booking.slots import DayException, Timetable, WeeklyBlock, free_slots, is_bookable
from beneficiate.domain.bot.drafts import SlotPreference
from beneficiate.domain.bot.slot_step import SLOTS_SHOWN
from beneficiate.errors import NotFound
from beneficiate.formatting import bogota_date
from beneficiate.models.appointments import Appointment, Hold
from beneficiate.models.professionals import (
    NO_SCHEDULE,
    ONLINE_SCHEDULE,
    AvailabilityBlock,
    AvailabilityException,
    Professional,
    ProfessionalSpecialty,
    Specialty,
)
from beneficiate.queries.access import STAFF_ROLES
from beneficiate.queries.accounts import find_plan_end_day
from beneficiate.unit_of_work import UnitOfWork

MAX_SLOT_DAYS = 62
ANY_SLOT = SlotPreference()


@dataclass(frozen=True, slots=True)
class SlotQuery:
    """A professional and a span of days, both ends included: from today, and two weeks, by default.

    `member_id`: for which member the staff look; members look for themselves.
    """

    professional_id: int
    first_day: date | None = None
    last_day: date | None = None
    member_id: int | None = None


class SlotRow(TypedDict):
    """A free slot."""

    starts_at: datetime
    duration_minutes: int


def list_professional_slots(uow: UnitOfWork, query: SlotQuery) -> list[SlotRow]:
    """Return the free slots of a professional that can be booked, over 63 days at most.

    None are after the last day of the member's plans, and none are there without a plan. Staff who name no member see
    all.

    Raises NotFound to members unless the professional's schedule is ONLINE.
    """
    professional = access_professional(query.professional_id)
    if professional.schedule_type != ONLINE_SCHEDULE and uow.actor.role not in STAFF_ROLES:
        raise NotFound("Ese profesional no tiene agenda en línea.")
    today = bogota_date(uow.now)
    # No slot is free after the horizon, so that a day in the year 9999 gives the same as the first one after it.
    first = min(query.first_day or today, today + uow.rules.horizon + timedelta(days=1))
    last = min(query.last_day or first + timedelta(days=13), first + timedelta(days=MAX_SLOT_DAYS))
    member_id = query.member_id if uow.actor.role in STAFF_ROLES else uow.actor.user_id
    if member_id is not None:
        plan_end = find_plan_end_day(member_id, uow.now)
        last = date.min if plan_end is None else min(last, plan_end)
    return [
        {"starts_at": start, "duration_minutes": professional.duration_minutes}
        for start in find_free_starts(uow, professional, first, last)
    ]


def find_free_starts(
    uow: UnitOfWork, professional: Professional, first: date, last: date, limit: int | None = None
) -> list[datetime]:
    """Return when an appointment can start, from one day to another; slots held by the actor are free.

    Staff need no notice: they fill the gaps of the same day by phone.
    """
    notice = timedelta(0) if uow.actor.role in STAFF_ROLES else uow.rules.notice
    taken = _load_taken_times(professional, uow.now, ignored_holder_id=uow.actor.user_id)
    return free_slots(
        load_timetable(professional), taken, uow.now, first, last, notice=notice, horizon=uow.rules.horizon, limit=limit
    )


def is_start_available(
    uow: UnitOfWork, professional: Professional, starts_at: datetime, owner_id: int, ignored_appointment_id: int = 0
) -> bool:
    """Return whether an appointment may start then: within the timetable, on its grid for members, and free.

    `ignored_appointment_id` does not occupy its time. A slot held for the owner is free, and needs no notice: it was
    offered in time.
    """
    is_staff = uow.actor.role in (*STAFF_ROLES, "system")
    is_held = Hold.select().where(
        Hold.user == owner_id,
        Hold.professional == professional,
        Hold.starts_at == starts_at,
        Hold.expires_at > uow.now,
    )
    return is_bookable(
        load_timetable(professional),
        starts_at,
        _load_taken_times(
            professional, uow.now, ignored_appointment_id=ignored_appointment_id, ignored_holder_id=owner_id
        ),
        uow.now,
        timedelta(0) if is_staff or is_held.exists() else uow.rules.notice,
        uow.rules.horizon,
        on_grid=not is_staff,
    )


def find_next_online_slots(
    uow: UnitOfWork,
    specialty_id: int,
    township_id: int,
    professional_id: int | None,
    preference: SlotPreference = ANY_SLOT,
    last_day: date | None = None,
    count: int = SLOTS_SHOWN,
) -> list[tuple[datetime, Professional]]:
    """Return the next free slots of the ONLINE professionals of a specialty in a city, or of one professional.

    Those that fit the preference, from its day on, until `last_day` or the booking horizon.
    """
    today = bogota_date(uow.now)
    last = min(today + uow.rules.horizon, last_day or date.max)
    day = max(today, preference.day or today, bogota_date(preference.after) if preference.after else today)
    people = list(select_online_professionals(specialty_id, township_id, professional_id))
    # Whatever the hours, the first slots are enough; else all of a week are looked through, week by week.
    days_at_once, limit = (last - day, count) if preference.is_any_time else (timedelta(days=6), None)
    found: list[tuple[datetime, Professional]] = []
    while day <= last and len(found) < count:
        until = min(last, day + days_at_once)
        found += [
            (start, one)
            for one in people
            for start in find_free_starts(uow, one, day, until, limit)
            if preference.fits(start, one.id)
        ]
        day = until + timedelta(days=1)
    return sorted(found, key=lambda slot: (slot[0], slot[1].id))[:count]


def select_online_professionals(specialty_id: int, township_id: int, professional_id: int | None) -> ModelSelect:
    """Return a query of the ONLINE professionals of a specialty in a city, or of the one who was chosen."""
    practising = ProfessionalSpecialty.select(ProfessionalSpecialty.professional).where(
        ProfessionalSpecialty.specialty == specialty_id
    )
    query = Professional.select().where(
        Professional.is_active, Professional.schedule_type == ONLINE_SCHEDULE, Professional.id.in_(practising)
    )
    if professional_id:
        return query.where(Professional.id == professional_id)
    return query.where(Professional.township == township_id)


def load_timetable(professional: Professional) -> Timetable:
    """Return the weekly hours of a professional and the exceptions to them."""
    blocks = [
        WeeklyBlock(row.weekday, row.starts, row.ends)
        for row in AvailabilityBlock.select().where(AvailabilityBlock.professional == professional)
    ]
    exceptions = [
        DayException(row.day, row.starts, row.ends, row.is_open)
        for row in AvailabilityException.select().where(AvailabilityException.professional == professional)
    ]
    return Timetable(blocks, exceptions, professional.duration_minutes, professional.buffer_minutes)


def access_professional(professional_id: int, specialty_id: int | None = None) -> Professional:
    """Return an active professional with a schedule who practises this specialty. Raises NotFound."""
    row: Professional | None = Professional.get_or_none(
        Professional.id == professional_id, Professional.is_active, Professional.schedule_type != NO_SCHEDULE
    )
    if row is None:
        raise NotFound("No encontramos ese profesional.")
    if specialty_id is not None and specialty_id not in load_practised_specialties(row):
        raise NotFound("Ese profesional no atiende esa especialidad.")
    return row


def load_practised_specialties(professional: Professional) -> dict[int, str]:
    """Return the specialties that a professional practises: names by id."""
    query = Specialty.select(Specialty.id, Specialty.name).join(ProfessionalSpecialty)
    return dict(query.where(ProfessionalSpecialty.professional == professional).order_by(Specialty.name).tuples())


def _load_taken_times(
    professional: Professional, now: datetime, *, ignored_holder_id: int, ignored_appointment_id: int = 0
) -> list[tuple[datetime, datetime]]:
    """Return start and end of each open appointment and each hold of a professional."""
    appointments = Appointment.select(Appointment.starts_at, Appointment.duration_minutes).where(
        Appointment.professional == professional,
        Appointment.status.in_(list(OPEN_STATUSES)),
        Appointment.starts_at >= now.astimezone(UTC) - timedelta(days=1),
        Appointment.id != ignored_appointment_id,
    )
    holds = Hold.select(Hold.starts_at).where(
        Hold.professional == professional, Hold.expires_at > now, Hold.user != ignored_holder_id
    )
    taken = [(start, start + timedelta(minutes=minutes)) for start, minutes in appointments.tuples()]
    length = timedelta(minutes=professional.duration_minutes)
    return [*taken, *((start, start + length) for (start,) in holds.tuples())]
