"""The agents' page `/agente/citas`: the list, one appointment, the free slots of a day, a booking by phone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from beneficiate.domain.booking.presentation import APPOINTMENT_BADGES
from beneficiate.views.appointments import AppointmentChangeRow, AppointmentView
from beneficiate.views.master_detail import EmptyText, TabTexts
from beneficiate.views.pages import PageView, StaffPage

TODO_TAB = "por-atender"
TODAY_TAB = "hoy"
UPCOMING_TAB = "proximas"
WAITING_LIST_TAB = "espera"
ALL_APPOINTMENTS_TAB = "todas"


APPOINTMENT_TABS = {
    TODO_TAB: TabTexts(
        "Por atender",
        EmptyText("Todo está atendido", "Cuando alguien pida una cita, aparece aquí sin recargar la página."),
    ),
    TODAY_TAB: TabTexts("Hoy", EmptyText("Hoy no hay citas", "Aquí aparecen las que tienen hora para hoy.")),
    UPCOMING_TAB: TabTexts(
        "Próximas", EmptyText("No hay citas confirmadas", "Aquí aparecen las que ya tienen profesional y hora.")
    ),
    WAITING_LIST_TAB: TabTexts(
        "Lista de espera",
        EmptyText("Nadie está en espera", "Aquí aparece quien pidió que le avisen si se libera un horario antes."),
    ),
    ALL_APPOINTMENTS_TAB: TabTexts(
        "Todas", EmptyText("Todavía no hay citas", "Aquí quedan todas, también las canceladas y las vencidas.")
    ),
}
"""In the order in which they are shown."""
NOTHING_FOUND = EmptyText(
    "No encontramos citas",
    "Escriba el nombre del paciente, el documento completo, con o sin puntos, o el número de cita como aparece en el "
    "tiquete.",
)


@dataclass(frozen=True)
class AppointmentRow(AppointmentView):
    """An appointment in the agents' list. `expires_at`: when it expires unless somebody handles it before."""

    expires_at: datetime | None
    expires_today: bool

    @property
    def name(self) -> str:
        """Return the name of the patient."""
        return f"{self.payload.patient.first_name} {self.payload.patient.last_name}"


@dataclass(frozen=True)
class AppointmentList:
    """A page of a tab, or of all appointments that match `text`. `counts`: rows of each tab but the last."""

    tab: str
    text: str
    counts: dict[str, int]
    rows: list[AppointmentRow]
    page: int
    has_more: bool

    tabs: ClassVar[dict[str, TabTexts]] = APPOINTMENT_TABS

    @property
    def empty_text(self) -> EmptyText:
        """What the list says when it has no rows."""
        return NOTHING_FOUND if self.text else self.tabs[self.tab].empty

    @property
    def expiring_today(self) -> int:
        """Return how many rows expire today."""
        return sum(row.expires_today for row in self.rows)


@dataclass(frozen=True)
class AppointmentListPart(PageView):
    """The list, alone."""

    template: ClassVar[str] = "appointments/_list.html"

    appointments: AppointmentList


@dataclass(frozen=True)
class AppointmentsDesk(StaffPage):
    """`/agente/citas`."""

    template: ClassVar[str] = "appointments/appointments.html"

    appointments: AppointmentList


@dataclass(frozen=True)
class AppointmentChangeView:
    """A change of an appointment in its history. `author`: empty when it was not a person."""

    title: str
    at: datetime
    author: str
    is_automatic: bool
    starts_at: datetime | None
    reason: str


def build_change_view(change: AppointmentChangeRow) -> AppointmentChangeView:
    """Return a change as the history shows it."""
    return AppointmentChangeView(
        title=APPOINTMENT_BADGES[change["to_status"]].label if change["from_status"] else "Pedida",
        at=change["at"],
        author=f"{change['first_name']} {change['last_name']}" if change["first_name"] else "",
        is_automatic=not change["first_name"] and change["actor_role"] == "system",
        starts_at=change["starts_at"],
        reason=change["reason"],
    )


@dataclass(frozen=True)
class AppointmentDetail(PageView):
    """One appointment with its history and what may be done with it now.

    `slot_status`: the status that choosing a free slot gives it, empty when none can be chosen. `needs_reason`: it
    starts so soon that moving or cancelling it needs a reason. `plan_title` is empty without a current plan.
    """

    template: ClassVar[str] = "appointments/_detail.html"

    row: AppointmentRow
    member: str
    plan_title: str
    plan_ends_at: datetime | None
    history: list[AppointmentChangeView]
    is_open: bool
    can_be_confirmed: bool
    can_be_attended: bool
    can_be_missed: bool
    can_be_cancelled: bool
    slot_status: str
    needs_reason: bool


@dataclass(frozen=True)
class ProfessionalDay:
    """Free starts of a professional on a day. `is_known`: they have seen this patient before.

    `confirms_itself`: a time that a member chooses is confirmed at once, not by the professional.
    """

    id: int
    name: str
    address: str
    is_virtual: bool
    is_known: bool
    confirms_itself: bool
    starts: list[datetime]

    @property
    def place(self) -> str:
        """Return the address, or that the appointment is a video call."""
        return "Por video" if self.is_virtual else self.address


@dataclass(frozen=True)
class DayOption:
    """A day that can be chosen, with the number of its free slots."""

    day: date
    slot_count: int


@dataclass(frozen=True)
class DaySlots(PageView):
    """Free slots of a day. `before` and `after`: where the arrows lead, None when there is nothing before.

    `plan_end_day`: the last day of the member's plans, if one of the days is after it. `is_covered`: a plan runs, or it
    is not known whose appointment it is.
    """

    template: ClassVar[str] = "appointments/_day.html"

    day: date
    days: list[DayOption]
    before: date | None
    after: date
    professionals: list[ProfessionalDay]
    free: list[ProfessionalDay]
    busy: list[str]
    starts: list[datetime]
    plan_end_day: date | None
    is_covered: bool


def build_day_slots(
    day: date,
    days: list[DayOption],
    before: date | None,
    after: date,
    professionals: Iterable[ProfessionalDay],
    *,
    plan_end_day: date | None = None,
    is_covered: bool = True,
) -> DaySlots:
    """Return the free slots of a day: professionals known to the patient first, then those with slots, by name.

    Only professionals with a slot are `free` and have a column; the names of the others are `busy`.
    """
    ordered = sorted(professionals, key=lambda one: (not one.is_known, not one.starts, one.name))
    return DaySlots(
        day=day,
        days=days,
        before=before,
        after=after,
        professionals=ordered,
        free=[one for one in ordered if one.starts],
        busy=[one.name for one in ordered if not one.starts],
        starts=sorted({start for one in ordered for start in one.starts}),
        plan_end_day=plan_end_day,
        is_covered=is_covered,
    )


@dataclass(frozen=True)
class PhoneBooking(PageView):
    """Dialog for a booking by phone, for the member of a chat or their beneficiaries if it is opened from one."""

    template: ClassVar[str] = "appointments/_phone.html"

    chat_id: int | None
