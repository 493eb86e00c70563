"""The people of the staff, as supervisors administer them."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from beneficiate.views.administration import AdministrationList, ListRow
from beneficiate.views.avatars import avatar_color, initials_of
from beneficiate.views.pages import StaffPage

ACTIVE, INVITED, INACTIVE = "activas", "invitadas", "inactivas"
STAFF_STATES = {"": "Todas", ACTIVE: "Activas", INVITED: "Invitadas", INACTIVE: "Inactivas"}
AGENT_ROLE, SUPERVISOR_ROLE = "agente", "supervisor"
ROLE_LABELS = {AGENT_ROLE: "Agente", SUPERVISOR_ROLE: "Supervisor"}


@dataclass(frozen=True)
class StaffRow(ListRow):
    """One of the staff in the list; `topics` are the names of the topics that they know."""

    code: str
    role: str
    topics: str
    last_seen: datetime | None

    @property
    def role_label(self) -> str:
        """`Agente` or `Supervisor`."""
        return ROLE_LABELS[self.role]

    @property
    def initials(self) -> str:
        """The letters of the avatar."""
        return initials_of(self.name)

    @property
    def avatar_color(self) -> int:
        """The number of the avatar's colour, from 1."""
        return avatar_color(self.row_id)


@dataclass(frozen=True)
class StaffAdministration(StaffPage):
    """`/supervisor/ajustes`; `done` is what was done just before."""

    template: ClassVar[str] = "administration/staff.html"

    people: AdministrationList[StaffRow]
    done: str
