"""The pages on which a member moves or cancels an appointment."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from beneficiate.errors import Problem
from beneficiate.views.appointment_pages import DayOption, ProfessionalDay
from beneficiate.views.appointments import OwnAppointmentView
from beneficiate.views.site import SiteView


@dataclass(frozen=True)
class AppointmentMove:
    """An appointment and the free times to which it can be moved.

    `day` is the selected one of `days`, None without any; `before` and `after` are where the arrows lead.
    `professionals` are those with free times on that day. `plan_end_day` is the last day of the plan if it ends before
    the days that could be booked (None also without a plan); `has_times_after_plan`: there are free times, all of them
    after it.
    """

    appointment: OwnAppointmentView
    day: date | None
    days: list[DayOption]
    before: date | None
    after: date | None
    professionals: list[ProfessionalDay]
    plan_end_day: date | None
    has_times_after_plan: bool
    change_hours: int


@dataclass(frozen=True)
class MoveAppointment(SiteView):
    """`/mi/citas/:id/mover`."""

    template: ClassVar[str] = "account/move.html"

    move: AppointmentMove
    problem: Problem | None


@dataclass(frozen=True)
class CancelAppointment(SiteView):
    """`/mi/citas/:id/cancelar`; `reason` is what was typed."""

    template: ClassVar[str] = "account/cancel.html"

    appointment: OwnAppointmentView
    problem: Problem | None
    reason: str
