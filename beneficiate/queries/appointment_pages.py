"""Data of the agents' page of appointments: the list, one appointment, the free slots of a day."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from peewee import Expression, Ordering

from beneficiate.domain.billing.presentation import format_plan_title
from beneficiate.domain.booking.lifecycle import (
    APPOINTMENT_TRANSITIONS,
    ATTENDED,
    CANCELLED,
    CONFIRMED,
    NO_SHOW,
    OPEN_STATUSES,
    PENDING,
    RESCHEDULED,
    TO_BE_CONFIRMED,
    is_within_change_window,
)
from beneficiate.formatting import bogota_date
from beneficiate.models.appointments import Appointment, WaitingListEntry
from beneficiate.models.professionals import NO_SCHEDULE, VIRTUAL, Professional, ProfessionalSpecialty
from beneficiate.queries import appointments, slots
from beneficiate.queries.accounts import find_current_plan, find_plan_end_day
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.appointment_pages import (
    ALL_APPOINTMENTS_TAB,
    APPOINTMENT_TABS,
    TODAY_TAB,
    TODO_TAB,
    UPCOMING_TAB,
    WAITING_LIST_TAB,
    AppointmentDetail,
    AppointmentList,
    AppointmentRow,
    DayOption,
    DaySlots,
    ProfessionalDay,
    build_change_view,
    build_day_slots,
)

APPOINTMENTS_PER_PAGE = 100
DAYS_IN_STRIP = 10


@dataclass(frozen=True, slots=True)
class AppointmentListQuery:
    """A page of a tab, or of all appointments with a document, patient's name or ticket number."""

    tab: str = TODO_TAB
    text: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class DaySlotsQuery:
    """Professionals of a specialty in a city, and a day: the first with a free slot when it is None.

    With an `appointment_id`, the professionals who have seen its patient come first. The member whose plan has to cover
    the day is its owner, or `member_id`, or unknown (0).
    """

    specialty_id: int
    township_id: int
    day: date | None = None
    appointment_id: int = 0
    member_id: int = 0


def load_appointment_list(uow: UnitOfWork, filters: AppointmentListQuery) -> AppointmentList:
    """Return a page of a tab, or of a search, with the counts of all tabs. An unknown tab is the first one."""
    tab = filters.tab if filters.tab in APPOINTMENT_TABS else TODO_TAB
    rows = _list_appointment_rows(uow, tab, filters)
    has_more = len(rows) > APPOINTMENTS_PER_PAGE
    return AppointmentList(
        tab, filters.text, _count_by_tab(uow), rows[:APPOINTMENTS_PER_PAGE], filters.page, has_more=has_more
    )


def load_appointment_detail(uow: UnitOfWork, appointment_id: int) -> AppointmentDetail:
    """Return one appointment with its history and what may be done with it now. Raises NotFound."""
    appointment = appointments.access_appointment(uow.actor, appointment_id)
    (row,) = _load_appointment_rows(uow, [Appointment.id == appointment.id], (Appointment.id,))
    starts_at, next_statuses = appointment.starts_at, APPOINTMENT_TRANSITIONS[appointment.status]
    has_started = starts_at is not None and starts_at <= uow.now
    member = appointment.user
    plan = find_current_plan(member.id, uow.now)
    return AppointmentDetail(
        row=row,
        member=member.name,
        plan_title=format_plan_title(plan["name"]) if plan else "",
        plan_ends_at=plan["ends_at"] if plan else None,
        history=[build_change_view(change) for change in appointments.list_appointment_changes(uow, appointment_id)],
        is_open=appointment.status in OPEN_STATUSES,
        can_be_confirmed=starts_at is not None and not has_started and CONFIRMED in next_statuses,
        can_be_attended=has_started and ATTENDED in next_statuses,
        can_be_missed=has_started and {ATTENDED, NO_SHOW} <= next_statuses,
        can_be_cancelled=CANCELLED in next_statuses,
        slot_status="" if has_started else _status_after_slot(appointment.status),
        needs_reason=starts_at is not None
        and not is_within_change_window(starts_at, uow.now, uow.rules.change_window_hours),
    )


def load_day_slots(uow: UnitOfWork, filters: DaySlotsQuery) -> DaySlots:
    """Return the free slots of a day for each professional, and how many there are on the days around it.

    A day after the booking horizon becomes its last day. There are none on days that the member's plans do not cover.
    """
    people = _find_practising(filters.specialty_id, filters.township_id)
    today = bogota_date(uow.now)
    asked_day = min(filters.day, today + uow.rules.horizon) if filters.day else None
    first = max(today, (asked_day or today) - timedelta(days=1))
    last = first + timedelta(days=DAYS_IN_STRIP - 1) if asked_day else today + uow.rules.horizon
    member_id = _find_owner_id(filters)
    plan_end = find_plan_end_day(member_id, uow.now) if member_id else None
    is_covered = plan_end is not None or not member_id
    last = min(last, plan_end or last) if is_covered else date.min
    free = {person.id: slots.find_free_starts(uow, person, first, last) for person in people}
    count_by_day = Counter(bogota_date(start) for starts in free.values() for start in starts)
    day = asked_day or min(count_by_day, default=today)
    first_shown = max(today, day - timedelta(days=1))
    shown = [first_shown + timedelta(days=number) for number in range(DAYS_IN_STRIP)]
    known = _find_known_professionals(filters.appointment_id)
    return build_day_slots(
        day=day,
        days=[DayOption(one, count_by_day[one]) for one in shown],
        before=first_shown - timedelta(days=DAYS_IN_STRIP - 2) if first_shown > today else None,
        after=first_shown + timedelta(days=DAYS_IN_STRIP),
        professionals=[_build_professional_day(person, day, free[person.id], known) for person in people],
        plan_end_day=plan_end if plan_end and plan_end < shown[-1] else None,
        is_covered=is_covered,
    )


def _find_owner_id(filters: DaySlotsQuery) -> int:
    owner = Appointment.get_or_none(Appointment.id == filters.appointment_id) if filters.appointment_id else None
    return owner.user_id if owner is not None else filters.member_id


def _status_after_slot(status: str) -> str:
    """Return the status that choosing a free slot gives an appointment; empty when it cannot be moved."""
    if status == PENDING:
        return CONFIRMED
    return RESCHEDULED if RESCHEDULED in APPOINTMENT_TRANSITIONS[status] else ""


def _build_professional_day(
    professional: Professional, day: date, starts: Iterable[datetime], known: set[int]
) -> ProfessionalDay:
    return ProfessionalDay(
        id=professional.id,
        name=professional.name,
        address=professional.address,
        is_virtual=professional.mode == VIRTUAL,
        is_known=professional.id in known,
        confirms_itself=professional.confirms_itself,
        starts=[start for start in starts if bogota_date(start) == day],
    )


def _list_appointment_rows(uow: UnitOfWork, tab: str, filters: AppointmentListQuery) -> list[AppointmentRow]:
    """Return the rows of a page, and one more when others follow."""
    where, order_by = (
        ([appointments.matches_appointment_search(filters.text)], (Appointment.id.desc(),))
        if filters.text
        else (_appointments_in_tab(uow, tab), _order_of_tab(tab))
    )
    skipped = (filters.page - 1) * APPOINTMENTS_PER_PAGE
    return _load_appointment_rows(uow, where, order_by, APPOINTMENTS_PER_PAGE + 1, skipped)


def _appointments_in_tab(uow: UnitOfWork, tab: str) -> list[Expression]:
    waiting = WaitingListEntry.select(WaitingListEntry.appointment).where(
        WaitingListEntry.status.in_(["WAITING", "OFFERED"])
    )
    return {
        TODO_TAB: [Appointment.status.in_([PENDING, TO_BE_CONFIRMED])],
        TODAY_TAB: [
            Appointment.status.in_(list(OPEN_STATUSES)),
            Appointment.starts_at.between(*appointments.day_bounds(bogota_date(uow.now))),
        ],
        UPCOMING_TAB: [Appointment.status.in_([CONFIRMED, RESCHEDULED]), Appointment.starts_at > uow.now],
        WAITING_LIST_TAB: [Appointment.id.in_(waiting), Appointment.status.in_(list(OPEN_STATUSES))],
        ALL_APPOINTMENTS_TAB: [Appointment.id > 0],
    }[tab]


def _order_of_tab(tab: str) -> tuple[Ordering, ...]:
    if tab == TODO_TAB:
        return (Appointment.expires_at, Appointment.id)
    return (Appointment.id.desc(),) if tab == ALL_APPOINTMENTS_TAB else (Appointment.starts_at, Appointment.id)


def _count_by_tab(uow: UnitOfWork) -> dict[str, int]:
    return {
        tab: Appointment.select().where(*_appointments_in_tab(uow, tab)).count()
        for tab in APPOINTMENT_TABS
        if tab != ALL_APPOINTMENTS_TAB
    }


def _load_appointment_rows(
    uow: UnitOfWork, where: list[Expression], order_by: tuple[Ordering, ...], limit: int = 1, offset: int = 0
) -> list[AppointmentRow]:
    today = bogota_date(uow.now)
    return [
        AppointmentRow(payload, expires_at, expires_at is not None and bogota_date(expires_at) == today)
        for payload, expires_at in appointments.list_appointments_with_expiry(where, order_by, limit, offset)
    ]


def _find_practising(specialty_id: int, township_id: int) -> list[Professional]:
    """Return the professionals of a specialty for a patient in a city: those who work there, and those by video."""
    practising = ProfessionalSpecialty.select(ProfessionalSpecialty.professional).where(
        ProfessionalSpecialty.specialty == specialty_id
    )
    is_near = (Professional.township == township_id) | (Professional.mode == VIRTUAL)
    query = Professional.select().where(
        Professional.is_active, Professional.schedule_type != NO_SCHEDULE, Professional.id.in_(practising), is_near
    )
    return list(query.order_by(Professional.first_name, Professional.id))


def _find_known_professionals(appointment_id: int) -> set[int]:
    """Return the ids of the professionals who have seen the patient of this appointment before."""
    one = Appointment.get_or_none(Appointment.id == appointment_id)
    if one is None:
        return set()
    same = Appointment.beneficiary == one.beneficiary_id if one.beneficiary_id else Appointment.beneficiary.is_null()
    seen = Appointment.select(Appointment.professional).where(
        Appointment.user == one.user_id, same, Appointment.status == ATTENDED
    )
    return {row[0] for row in seen.tuples()}
