"""Professionals, as supervisors administer them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

from beneficiate.domain.administration import ACTIVE_STATE, INACTIVE_STATE
from beneficiate.domain.booking.presentation import APPOINTMENT_STATUS_NAMES
from beneficiate.domain.professionals import NO, ON_SITE, VIRTUAL_MODE, WEEKDAY_FIELDS, YES
from beneficiate.models.professionals import MANUAL_SCHEDULE, NO_SCHEDULE, ONLINE_SCHEDULE
from beneficiate.views.administration import AdministrationList, ListRow
from beneficiate.views.business_hours import DayClash, DayRow, ExceptionalDay
from beneficiate.views.edit_forms import EditForm, FieldLabels
from beneficiate.views.pages import StaffPage

ACTIVE_PROFESSIONALS, INACTIVE_PROFESSIONALS = "activos", "inactivos"
PROFESSIONAL_STATES = {"": "Todos", ACTIVE_PROFESSIONALS: "Activos", INACTIVE_PROFESSIONALS: "Inactivos"}
WEEKDAY_LABELS = dict(
    zip(WEEKDAY_FIELDS, ("Lunes", "Martes", "Miércoles", "Jueves", "Viernes", "Sábado", "Domingo"), strict=True)
)
SCHEDULE_LABELS = {
    ONLINE_SCHEDULE: "Los afiliados, en línea",
    MANUAL_SCHEDULE: "Solo los agentes",
    NO_SCHEDULE: "Nadie por ahora",
}
_OPTIONS = {
    "modo": {ON_SITE: "Presencial", VIRTUAL_MODE: "Virtual"},
    "agenda": SCHEDULE_LABELS,
    "confirma": {YES: "Queda confirmada sola", NO: "La confirma un agente"},
    "estado": {ACTIVE_STATE: "Activo", INACTIVE_STATE: "Inactivo"},
}
_NAMES = {
    "nombres": "Nombres",
    "apellidos": "Apellidos",
    "licencia": "Registro profesional",
    "municipio": "Municipio",
    "direccion": "Dirección",
    "modo": "Cómo atiende",
    "agenda": "Quién le pone las citas",
    "duracion": "Minutos por cita",
    "pausa": "Pausa después",
    "confirma": "Una cita en línea",
    "especialidades": "Especialidades",
    **WEEKDAY_LABELS,
    "estado": "Estado",
}


@dataclass(frozen=True)
class ProfessionalRow(ListRow):
    """A professional in the list."""

    specialties: str
    place: str
    schedule_type: str

    @property
    def schedule_label(self) -> str:
        """Who makes their appointments."""
        return SCHEDULE_LABELS[self.schedule_type]


@dataclass(frozen=True)
class AffectedAppointment:
    """A coming appointment that a change concerns, or that is outside of the hours; without the name of the patient."""

    appointment_id: int
    ticket: str
    starts_at: datetime
    specialty: str
    status: str

    @property
    def status_name(self) -> str:
        """The status in words."""
        return APPOINTMENT_STATUS_NAMES[self.status]


@dataclass(frozen=True)
class ProfessionalDetail:
    """A professional beside the list: the coming days with other hours, the appointments outside of the hours.

    `imported_note` is what the old service said in words about the week.
    """

    row: ProfessionalRow
    days: list[ExceptionalDay]
    outside: list[AffectedAppointment]
    today: date
    imported_note: str

    @property
    def subject(self) -> str:
        """What the audit calls this professional."""
        return f"professional:{self.row.row_id}"


@dataclass(frozen=True)
class PendingEffect:
    """What a change does to appointments, before it is saved: which would be outside, which get another place.

    `effect` confirms it.
    """

    effect: str
    outside: list[AffectedAppointment]
    moved: list[AffectedAppointment] = field(default_factory=list)

    @property
    def title(self) -> str:
        """`3 citas quedan por fuera`."""
        count = len(self.outside)
        return "1 cita queda por fuera" if count == 1 else f"{count} citas quedan por fuera"

    @property
    def moved_title(self) -> str:
        """`3 citas cambian de lugar`."""
        count = len(self.moved)
        return "1 cita cambia de lugar" if count == 1 else f"{count} citas cambian de lugar"


@dataclass(frozen=True)
class DayForm:
    """The form of a day with other hours: what was typed and what is wrong with it.

    `refused` says why it was not saved, whatever is in its fields; `clash` what somebody else has saved of the day.
    """

    typed: dict[str, str]
    wrong: dict[str, str]
    pending: PendingEffect | None = None
    refused: str = ""
    clash: DayClash | None = None


@dataclass(frozen=True)
class ProfessionalAdministration(StaffPage):
    """`/supervisor/ajustes/profesionales`, alone or with a professional beside the list; None for a new one.

    `pending` is the effect of the form that has to be confirmed.
    """

    template: ClassVar[str] = "administration/professionals.html"

    professionals: AdministrationList[ProfessionalRow]
    professional: ProfessionalDetail | None
    form: EditForm | None
    pending: PendingEffect | None
    day_form: DayForm
    days: AdministrationList[DayRow]
    done: str


def professional_labels(specialties: dict[str, str]) -> FieldLabels:
    """Return the names of the fields and of their options."""
    return FieldLabels(_NAMES, {**_OPTIONS, "especialidades": specialties})
