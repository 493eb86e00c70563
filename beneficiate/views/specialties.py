"""Specialties, as supervisors administer them."""

from dataclasses import dataclass
from typing import ClassVar

from beneficiate.domain.administration import ACTIVE_STATE, INACTIVE_STATE
from beneficiate.views.administration import AdministrationList, ListRow
from beneficiate.views.edit_forms import EditForm, FieldLabels
from beneficiate.views.pages import StaffPage

ACTIVE_SPECIALTIES, INACTIVE_SPECIALTIES = "activas", "inactivas"
SPECIALTY_STATES = {"": "Todas", ACTIVE_SPECIALTIES: "Activas", INACTIVE_SPECIALTIES: "Inactivas"}
SPECIALTY_LABELS = FieldLabels(
    {"nombre": "Nombre", "estado": "Estado"}, {"estado": {ACTIVE_STATE: "Activa", INACTIVE_STATE: "Inactiva"}}
)


@dataclass(frozen=True)
class SpecialtyRow(ListRow):
    """A specialty, its active professionals and open appointments.

    `is_known_to_bot`: the bot proposes it, by this name, to who tells a complaint.
    """

    professionals: int
    appointments: int
    is_known_to_bot: bool

    @property
    def deactivation_text(self) -> str:
        """What happens when it is deactivated."""
        first = "Nadie puede pedir citas nuevas de ella."
        if not self.appointments:
            return f"{first} Ahora no tiene citas abiertas."
        if self.appointments == 1:
            return f"{first} Su cita abierta sigue como está."
        return f"{first} Sus {self.appointments} citas abiertas siguen como están."

    @property
    def rename_text(self) -> str:
        """What another name changes; empty when nothing."""
        if not self.is_known_to_bot:
            return ""
        return "Con otro nombre, el asistente deja de proponerla a quien le cuenta un síntoma."


@dataclass(frozen=True)
class SpecialtyAdministration(StaffPage):
    """`/supervisor/ajustes/especialidades`, alone or with the form of one beside the list; None for a new one."""

    template: ClassVar[str] = "administration/specialties.html"

    specialties: AdministrationList[SpecialtyRow]
    specialty: SpecialtyRow | None
    form: EditForm | None
    done: str
