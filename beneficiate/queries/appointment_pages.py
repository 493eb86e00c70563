"""The agents' page of appointments as it is drawn: the list, one request, the free slots of a day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from beneficiate.domain.booking.lifecycle import (
    APPOINTMENT_TRANSITIONS,
    CONFIRMED,
    OPEN_STATUSES,
    PENDING,
    RESCHEDULED,
    TO_BE_CONFIRMED,
    is_within_change_window,
)
from beneficiate.domain.booking.presentation import APPOINTMENT_STATUS_NAMES
from beneficiate.formatting import BOGOTA
from beneficiate.models.appointments import Appointment, WaitingListEntry
from beneficiate.models.professionals import NO_SCHEDULE, VIRTUAL, Professional, ProfessionalSpecialty
from beneficiate.protocol.booking import AppointmentPayload
from beneficiate.queries import appointments, slots
from beneficiate.queries.accounts import find_current_plan
from beneficiate.unit_of_work import UnitOfWork

TODO_TAB, TODAY_TAB, UPCOMING_TAB, WAITING_LIST_TAB, ALL_APPOINTMENTS_TAB = (
    "por-atender",
    "hoy",
    "proximas",
    "espera",
    "todas",
)
APPOINTMENT_TABS = {
    TODO_TAB: "Por atender",
    TODAY_TAB: "Hoy",
    UPCOMING_TAB: "Próximas",
    WAITING_LIST_TAB: "Lista de espera",
    ALL_APPOINTMENTS_TAB: "Todas",
}
MAX_APPOINTMENTS_SHOWN = 200
DAYS_IN_STRIP = 10


@dataclass(frozen=True, slots=True)
class AppointmentListQuery:
    """Which list: a tab, and a document or ticket to look for (then in all of them)."""

    tab: str = TODO_TAB
    text: str = ""


@dataclass(frozen=True, slots=True)
class DaySlotsQuery:
    """Whose free slots: the professionals of a specialty in a city, on a day (the first with any when None)."""

    specialty_id: int
    township_id: int
    day: date | None = None
    appointment_id: int = 0


@dataclass(frozen=True, slots=True)
class AppointmentRow:
    """A request in the list."""

    appointment: AppointmentPayload
    name: str
    status_name: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class ProfessionalDay:
    """A professional on a day: their free starts. `is_known`: has seen this patient before."""

    id: int
    name: str
    place: str
    is_known: bool
    starts: list[datetime]


def load_appointment_list(uow: UnitOfWork, filters: AppointmentListQuery) -> dict[str, Any]:
    """The list of a tab with the counts of all."""
    tab = filters.tab if filters.tab in APPOINTMENT_TABS else TODO_TAB
    return {
        "tab": tab,
        "tabs": APPOINTMENT_TABS,
        "text": filters.text,
        "counts": _count_by_tab(uow),
        "rows": _list_appointment_rows(uow, tab, filters.text),
    }


def load_appointment_row(uow: UnitOfWork, appointment_id: int) -> AppointmentRow:
    """One request as a row of the list. Raises NotFound."""
    return _load_one_row(appointments.access_appointment(uow.actor, appointment_id).id)


def load_appointment_detail(uow: UnitOfWork, appointment_id: int) -> dict[str, Any]:
    """One request with its history and what may be done with it now. Raises NotFound."""
    appointment = appointments.access_appointment(uow.actor, appointment_id)
    starts_at = appointment.starts_at
    transitions = {status: APPOINTMENT_STATUS_NAMES[status] for status in APPOINTMENT_TRANSITIONS[appointment.status]}
    member = appointment.user
    return {
        "row": _load_one_row(appointment.id),
        "member": member.name,
        "plan": find_current_plan(member.id, uow.now),
        "history": [
            {**change, "to_name": APPOINTMENT_STATUS_NAMES[change["to_status"]]}
            for change in appointments.list_appointment_changes(uow, appointment_id)
        ],
        "steps": transitions,
        "is_over": starts_at is not None and starts_at <= uow.now,
        "needs_reason": starts_at is not None
        and not is_within_change_window(starts_at, uow.now, uow.rules.change_window_hours),
        "is_open": appointment.status in OPEN_STATUSES,
    }


def load_day_slots(uow: UnitOfWork, filters: DaySlotsQuery) -> dict[str, Any]:
    """The free slots of a day, a column for each professional, and how many there are on the days around it."""
    people = _find_practising(filters.specialty_id, filters.township_id)
    today = uow.now.astimezone(BOGOTA).date()
    asked_day = min(filters.day, today + uow.rules.horizon) if filters.day else None
    first = max(today, (asked_day or today) - timedelta(days=1))
    last = first + timedelta(days=DAYS_IN_STRIP - 1) if asked_day else today + uow.rules.horizon
    free = {person.id: slots.find_free_starts(uow, person, first, last) for person in people}
    by_day: dict[date, int] = {}
    for starts in free.values():
        for start in starts:
            by_day[start.astimezone(BOGOTA).date()] = by_day.get(start.astimezone(BOGOTA).date(), 0) + 1
    chosen = asked_day or min(by_day, default=today)
    strip_from = max(today, chosen - timedelta(days=1))
    known = _find_known_professionals(filters.appointment_id)
    columns = [
        ProfessionalDay(
            one.id,
            one.name,
            _place_of_professional(one),
            one.id in known,
            [s for s in free[one.id] if s.astimezone(BOGOTA).date() == chosen],
        )
        for one in people
    ]
    return {
        "day": chosen,
        "days": [(one, by_day.get(one, 0)) for one in (strip_from + timedelta(days=n) for n in range(DAYS_IN_STRIP))],
        "before": strip_from - timedelta(days=DAYS_IN_STRIP - 2) if strip_from > today else None,
        "after": strip_from + timedelta(days=DAYS_IN_STRIP),
        "columns": sorted(columns, key=lambda column: (not column.is_known, not column.starts, column.name)),
        "asked": filters,
    }


def _list_appointment_rows(uow: UnitOfWork, tab: str, text: str) -> list[AppointmentRow]:
    if text:
        return _load_appointment_rows([appointments.matches_ticket_or_document(text)], (Appointment.id.desc(),))
    return _load_appointment_rows(_appointments_in_tab(uow, tab), _order_of_tab(tab))


def _appointments_in_tab(uow: UnitOfWork, tab: str) -> list[Any]:
    today = uow.now.astimezone(BOGOTA).date()
    waiting = WaitingListEntry.select(WaitingListEntry.appointment).where(
        WaitingListEntry.status.in_(["WAITING", "OFFERED"])
    )
    return {
        TODO_TAB: [Appointment.status.in_([PENDING, TO_BE_CONFIRMED])],
        TODAY_TAB: [
            Appointment.status.in_(list(OPEN_STATUSES)),
            Appointment.starts_at.between(*appointments.day_bounds(today)),
        ],
        UPCOMING_TAB: [Appointment.status.in_([CONFIRMED, RESCHEDULED]), Appointment.starts_at > uow.now],
        WAITING_LIST_TAB: [Appointment.id.in_(waiting), Appointment.status.in_(list(OPEN_STATUSES))],
        ALL_APPOINTMENTS_TAB: [Appointment.id > 0],
    }[tab]


def _order_of_tab(tab: str) -> tuple[Any, ...]:
    if tab == TODO_TAB:
        return (Appointment.expires_at, Appointment.id)
    return (Appointment.id.desc(),) if tab == ALL_APPOINTMENTS_TAB else (Appointment.starts_at, Appointment.id)


def _count_by_tab(uow: UnitOfWork) -> dict[str, int]:
    return {
        tab: Appointment.select().where(*_appointments_in_tab(uow, tab)).count()
        for tab in APPOINTMENT_TABS
        if tab != ALL_APPOINTMENTS_TAB
    }


def _load_one_row(appointment_id: int) -> AppointmentRow:
    return _load_appointment_rows([Appointment.id == appointment_id], (Appointment.id,))[0]


def _load_appointment_rows(where: list[Any], item: tuple[Any, ...]) -> list[AppointmentRow]:
    return [
        AppointmentRow(
            visit,
            f"{visit.patient.first_name} {visit.patient.last_name}",
            APPOINTMENT_STATUS_NAMES[visit.status],
            expires_at,
        )
        for visit, expires_at in appointments.list_appointments_with_expiry(where, item, MAX_APPOINTMENTS_SHOWN)
    ]


def _find_practising(specialty_id: int, township_id: int) -> list[Professional]:
    """The professionals of a specialty for somebody in a city: those who are there, and those who see by video."""
    practising = ProfessionalSpecialty.select(ProfessionalSpecialty.professional).where(
        ProfessionalSpecialty.specialty == specialty_id
    )
    is_near = (Professional.township == township_id) | (Professional.mode == VIRTUAL)
    query = Professional.select().where(
        Professional.is_active, Professional.schedule_type != NO_SCHEDULE, Professional.id.in_(practising), is_near
    )
    return list(query.order_by(Professional.first_name, Professional.id))


def _find_known_professionals(appointment_id: int) -> set[int]:
    """The professionals who have seen the patient of this appointment before."""
    one = Appointment.get_or_none(Appointment.id == appointment_id)
    if one is None:
        return set()
    same = Appointment.beneficiary == one.beneficiary_id if one.beneficiary_id else Appointment.beneficiary.is_null()
    seen = Appointment.select(Appointment.professional).where(
        Appointment.user == one.user_id, same, Appointment.status == "ATTENDED"
    )
    return {row[0] for row in seen.tuples()}


def _place_of_professional(professional: Professional) -> str:
    return "Por video" if professional.mode == VIRTUAL else professional.address
