"""The agents' page of appointments as it is drawn: the list, one request, the free slots of a day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from beneficiate.models.appointments import Appointment, Wait
from beneficiate.models.care import UNAVAILABLE, VIRTUAL, Professional, ProfessionalSpecialty
from beneficiate.protocol.bookings import AppointmentPicture
from beneficiate.queries import appointments, slots
from beneficiate.queries.accounts import running_plan
from beneficiate.scheduling.lifecycle import (
    CONFIRMED,
    NAMES,
    OPEN,
    PENDING,
    RESCHEDULED,
    TO_BE_CONFIRMED,
    TRANSITIONS,
    is_within_window,
)
from beneficiate.spanish import BOGOTA
from beneficiate.store import Work

TODO, TODAY, COMING, WAITING, ALL = "por-atender", "hoy", "proximas", "espera", "todas"
TABS = {TODO: "Por atender", TODAY: "Hoy", COMING: "Próximas", WAITING: "Lista de espera", ALL: "Todas"}
SHOWN = 200
DAYS = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """Which list: a tab, and a document or ticket to look for (then in all of them)."""

    tab: str = TODO
    text: str = ""


@dataclass(frozen=True, slots=True)
class DayAsked:
    """Whose free slots: the professionals of a specialty in a city, on a day (the first with any when None)."""

    specialty_id: int
    township_id: int
    day: date | None = None
    appointment_id: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A request in the list."""

    visit: AppointmentPicture
    name: str
    status_name: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Column:
    """A professional on a day: their free starts. `is_known`: has seen this patient before."""

    id: int
    name: str
    place: str
    is_known: bool
    starts: list[datetime]


def page(work: Work, asked: Asked) -> dict[str, Any]:
    """The list of a tab with the counts of all."""
    tab = asked.tab if asked.tab in TABS else TODO
    return {"tab": tab, "tabs": TABS, "text": asked.text, "counts": _counts(work), "rows": _list(work, tab, asked.text)}


def row(work: Work, appointment_id: int) -> Row:
    """One request as a row of the list. Raises NotFound."""
    return _row_of(appointments.access_appointment(work.actor, appointment_id).id)


def detail(work: Work, appointment_id: int) -> dict[str, Any]:
    """One request with its history and what may be done with it now. Raises NotFound."""
    appointment = appointments.access_appointment(work.actor, appointment_id)
    starts_at = appointment.starts_at
    steps = {status: NAMES[status] for status in TRANSITIONS[appointment.status]}
    member = appointment.user
    return {
        "row": _row_of(appointment.id),
        "member": member.name,
        "plan": running_plan(member.id, work.now),
        "history": [
            {**change, "to_name": NAMES[change["to_status"]]} for change in appointments.history(work, appointment_id)
        ],
        "steps": steps,
        "is_over": starts_at is not None and starts_at <= work.now,
        "needs_reason": starts_at is not None
        and not is_within_window(starts_at, work.now, work.rules.change_window_hours),
        "is_open": appointment.status in OPEN,
    }


def day(work: Work, asked: DayAsked) -> dict[str, Any]:
    """The free slots of a day, a column for each professional, and how many there are on the days around it."""
    people = _practising(asked.specialty_id, asked.township_id)
    today = work.now.astimezone(BOGOTA).date()
    asked_day = min(asked.day, today + work.rules.horizon) if asked.day else None
    first = max(today, (asked_day or today) - timedelta(days=1))
    last = first + timedelta(days=DAYS - 1) if asked_day else today + work.rules.horizon
    free = {person.id: slots.free(work, person, first, last) for person in people}
    by_day: dict[date, int] = {}
    for starts in free.values():
        for start in starts:
            by_day[start.astimezone(BOGOTA).date()] = by_day.get(start.astimezone(BOGOTA).date(), 0) + 1
    chosen = asked_day or min(by_day, default=today)
    strip_from = max(today, chosen - timedelta(days=1))
    known = _known(asked.appointment_id)
    columns = [
        Column(
            one.id,
            one.name,
            _place(one),
            one.id in known,
            [s for s in free[one.id] if s.astimezone(BOGOTA).date() == chosen],
        )
        for one in people
    ]
    return {
        "day": chosen,
        "days": [(one, by_day.get(one, 0)) for one in (strip_from + timedelta(days=n) for n in range(DAYS))],
        "before": strip_from - timedelta(days=DAYS - 2) if strip_from > today else None,
        "after": strip_from + timedelta(days=DAYS),
        "columns": sorted(columns, key=lambda column: (not column.is_known, not column.starts, column.name)),
        "asked": asked,
    }


def _list(work: Work, tab: str, text: str) -> list[Row]:
    if text:
        return _rows([appointments.matches(text)], (Appointment.id.desc(),))
    return _rows(_where(work, tab), _order(tab))


def _where(work: Work, tab: str) -> list[Any]:
    today = work.now.astimezone(BOGOTA).date()
    waiting = Wait.select(Wait.appointment).where(Wait.status.in_(["WAITING", "OFFERED"]))
    return {
        TODO: [Appointment.status.in_([PENDING, TO_BE_CONFIRMED])],
        TODAY: [Appointment.status.in_(list(OPEN)), Appointment.starts_at.between(*appointments.day_bounds(today))],
        COMING: [Appointment.status.in_([CONFIRMED, RESCHEDULED]), Appointment.starts_at > work.now],
        WAITING: [Appointment.id.in_(waiting), Appointment.status.in_(list(OPEN))],
        ALL: [Appointment.id > 0],
    }[tab]


def _order(tab: str) -> tuple[Any, ...]:
    if tab == TODO:
        return (Appointment.expires_at, Appointment.id)
    return (Appointment.id.desc(),) if tab == ALL else (Appointment.starts_at, Appointment.id)


def _counts(work: Work) -> dict[str, int]:
    return {tab: Appointment.select().where(*_where(work, tab)).count() for tab in TABS if tab != ALL}


def _row_of(appointment_id: int) -> Row:
    return _rows([Appointment.id == appointment_id], (Appointment.id,))[0]


def _rows(where: list[Any], order: tuple[Any, ...]) -> list[Row]:
    return [
        Row(visit, f"{visit.patient.first_name} {visit.patient.last_name}", NAMES[visit.status], expires_at)
        for visit, expires_at in appointments.pictures(where, order, SHOWN)
    ]


def _practising(specialty_id: int, township_id: int) -> list[Professional]:
    """The professionals of a specialty for somebody in a city: those who are there, and those who see by video."""
    practising = ProfessionalSpecialty.select(ProfessionalSpecialty.professional).where(
        ProfessionalSpecialty.specialty == specialty_id
    )
    is_near = (Professional.township == township_id) | (Professional.mode == VIRTUAL)
    query = Professional.select().where(
        Professional.is_active, Professional.schedule_type != UNAVAILABLE, Professional.id.in_(practising), is_near
    )
    return list(query.order_by(Professional.first_name, Professional.id))


def _known(appointment_id: int) -> set[int]:
    """The professionals who have seen the patient of this appointment before."""
    one = Appointment.get_or_none(Appointment.id == appointment_id)
    if one is None:
        return set()
    same = Appointment.beneficiary == one.beneficiary_id if one.beneficiary_id else Appointment.beneficiary.is_null()
    seen = Appointment.select(Appointment.professional).where(
        Appointment.user == one.user_id, same, Appointment.status == "ATTENDED"
    )
    return {row[0] for row in seen.tuples()}


def _place(professional: Professional) -> str:
    return "Por video" if professional.mode == VIRTUAL else professional.address
