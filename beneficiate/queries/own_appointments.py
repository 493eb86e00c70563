"""One appointment of a member, for the pages on which they move or cancel it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from beneficiate.domain.booking.lifecycle import can_member_cancel, can_member_move
from beneficiate.errors import NotFound
from beneficiate.formatting import bogota_date
from beneficiate.models.appointments import Appointment
from beneficiate.models.professionals import VIRTUAL, Professional
from beneficiate.protocol.booking import AppointmentPayload
from beneficiate.queries import slots
from beneficiate.queries.accounts import find_plan_end_day
from beneficiate.queries.appointments import access_appointment, serialize_appointment
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.appointment_pages import DayOption, ProfessionalDay
from beneficiate.views.appointments import OwnAppointmentView
from beneficiate.views.own_appointments import AppointmentMove

DAYS_SHOWN = 6
MAX_PROFESSIONALS = 10

FreeStarts = list[tuple[Professional, list[datetime]]]


@dataclass(frozen=True, slots=True)
class AppointmentMoveQuery:
    """An appointment of the actor, and the day whose free times are wanted: the first one that has any by default."""

    appointment_id: int
    day: date | None = None


def load_own_appointment(uow: UnitOfWork, appointment_id: int) -> OwnAppointmentView:
    """Return an appointment of the actor. Raises NotFound for anybody else's, for the staff too."""
    return build_own_view(uow, serialize_appointment(_access_own_appointment(uow, appointment_id).id))


def build_own_view(uow: UnitOfWork, payload: AppointmentPayload) -> OwnAppointmentView:
    """Return an appointment of the actor with what they may do with it now."""
    state = (payload.status, payload.starts_at, uow.now, uow.rules.change_window_hours)
    return OwnAppointmentView(payload, can_member_move(*state), can_member_cancel(*state))


def load_appointment_move(uow: UnitOfWork, query: AppointmentMoveQuery) -> AppointmentMove:
    """Return the times to which the actor may move an appointment: days that have some, and those of one of them.

    Raises NotFound for anybody else's, for the staff too.
    """
    row = _access_own_appointment(uow, query.appointment_id)
    own = build_own_view(uow, serialize_appointment(row.id))
    today = bogota_date(uow.now)
    horizon, plan_end = today + uow.rules.horizon, find_plan_end_day(row.user_id, uow.now)
    people = _list_online_professionals(row) if own.can_move else []
    free = _find_free(uow, people, today, min(plan_end, horizon)) if plan_end else []
    counts = Counter(bogota_date(start) for _, starts in free for start in starts)
    shown, day, before, after = _select_days(sorted(counts), query.day)
    is_plan_short = plan_end is None or plan_end < horizon
    return AppointmentMove(
        appointment=own,
        day=day,
        days=[DayOption(one, counts[one]) for one in shown],
        before=before,
        after=after,
        professionals=[one for person, starts in free if (one := _build_day(person, starts, day)).starts],
        plan_end_day=plan_end if is_plan_short else None,
        has_times_after_plan=is_plan_short and not counts and _has_times(uow, people, plan_end or today, horizon),
        change_hours=uow.rules.change_window_hours,
    )


def _access_own_appointment(uow: UnitOfWork, appointment_id: int) -> Appointment:
    row = access_appointment(uow.actor, appointment_id)
    if row.user_id != uow.actor.user_id:
        raise NotFound("No encontramos esa cita.")
    return row


def _list_online_professionals(row: Appointment) -> list[Professional]:
    """Return the professional of the appointment, if members choose their times, and then others of its city."""
    present_id = row.professional_id or 0
    anywhere = slots.select_online_professionals(row.specialty_id, row.township_id, present_id)
    own = list(anywhere.where(Professional.id == present_id))
    in_city = slots.select_online_professionals(row.specialty_id, row.township_id, None)
    others = in_city.where(Professional.id != present_id).order_by(Professional.first_name, Professional.id)
    return [*own, *others.limit(MAX_PROFESSIONALS - len(own))]


def _find_free(uow: UnitOfWork, people: list[Professional], first: date, last: date) -> FreeStarts:
    return [(person, slots.find_free_starts(uow, person, first, last)) for person in people]


def _has_times(uow: UnitOfWork, people: list[Professional], after: date, last: date) -> bool:
    return any(slots.find_free_starts(uow, one, after + timedelta(days=1), last, limit=1) for one in people)


def _select_days(
    days: Sequence[date], wanted: date | None
) -> tuple[Sequence[date], date | None, date | None, date | None]:
    """Return the days to show, the selected one, and the days to which the arrows before and after them lead.

    A day without free times becomes the next one that has some, or the last.
    """
    if not days:
        return (), None, None, None
    at = next((index for index, day in enumerate(days) if wanted is None or day >= wanted), len(days) - 1)
    first = at - at % DAYS_SHOWN
    shown = days[first : first + DAYS_SHOWN]
    before = days[first - 1] if first else None
    after = days[first + DAYS_SHOWN] if first + DAYS_SHOWN < len(days) else None
    return shown, days[at], before, after


def _build_day(person: Professional, starts: list[datetime], day: date | None) -> ProfessionalDay:
    return ProfessionalDay(
        id=person.id,
        name=person.name,
        address=person.address,
        is_virtual=person.mode == VIRTUAL,
        is_known=False,
        confirms_itself=person.confirms_itself,
        starts=[start for start in starts if bogota_date(start) == day],
    )
