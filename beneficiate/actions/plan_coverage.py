"""An appointment is on a day that the member's plan covers. Why the staff are refused too: docs/decisions/0023."""

from datetime import date, datetime

from beneficiate.errors import PlanRequired
from beneficiate.formatting import bogota_date, format_long_date
from beneficiate.queries.access import STAFF_ROLES
from beneficiate.queries.accounts import find_plan_end_day
from beneficiate.unit_of_work import UnitOfWork


class PlanEndsBefore(PlanRequired):
    """The plan of the member ends before the day of the appointment."""

    sentence = "El plan termina antes de la cita."

    def __init__(self, last_day: date, *, is_own: bool) -> None:
        ends = f"termina el {format_long_date(last_day)}"
        super().__init__(
            f"Su plan {ends}. Renuévelo en /planes para pedir una cita después de ese día."
            if is_own
            else f"El plan del afiliado {ends}. Elija un día hasta entonces, o pídale que lo renueve en /planes."
        )


def require_plan_on(uow: UnitOfWork, owner_id: int, starts_at: datetime) -> None:
    """Raise PlanRequired unless the plans of this member cover the day in Bogotá of an appointment.

    A plan that was paid for and begins when the current one ends counts; a payment that is not approved does not.
    """
    last_day = find_plan_end_day(owner_id, uow.now)
    if last_day is None:
        raise PlanRequired
    if bogota_date(starts_at) > last_day:
        raise PlanEndsBefore(last_day, is_own=uow.actor.role not in STAFF_ROLES)
