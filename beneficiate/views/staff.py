"""The people of the staff, as supervisors administer them."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from beneficiate.domain.staff import AGENT_ROLE, SUPERVISOR_ROLE
from beneficiate.views.administration import AdministrationList, ListRow
from beneficiate.views.avatars import avatar_color, initials_of
from beneficiate.views.edit_forms import EditForm, FieldLabels
from beneficiate.views.pages import StaffPage

ACTIVE, INVITED, INACTIVE = "activas", "invitadas", "inactivas"
STAFF_STATES = {"": "Todas", ACTIVE: "Activas", INVITED: "Invitadas", INACTIVE: "Inactivas"}
ROLE_LABELS = {AGENT_ROLE: "Agente", SUPERVISOR_ROLE: "Supervisor"}
STAFF_FIELDS = {
    "nombres": "Nombres",
    "apellidos": "Apellidos",
    "correo": "Correo",
    "codigo": "Código",
    "capacidad": "Chats a la vez",
    "temas": "Temas que atiende",
    "papel": "Papel",
}


@dataclass(frozen=True)
class StaffRow(ListRow):
    """One of the staff in the list; `topics` are the names of the topics that they know, `capacity` is in chats."""

    code: str
    role: str
    topics: str
    capacity: int
    last_seen: datetime | None

    @property
    def role_label(self) -> str:
        """`Agente` or `Supervisor`."""
        return ROLE_LABELS[self.role]

    @property
    def capacity_text(self) -> str:
        """How many chats they have at once: `3 a la vez`."""
        return f"{self.capacity} a la vez"

    @property
    def initials(self) -> str:
        """The letters of the avatar."""
        return initials_of(self.name)

    @property
    def avatar_color(self) -> int:
        """The number of the avatar's colour, from 1."""
        return avatar_color(self.row_id)


@dataclass(frozen=True)
class Presence:
    """Whether one of the staff is there and takes chats, in words, and the class of the dot."""

    text: str
    dot_class: str


@dataclass(frozen=True)
class InvitationState:
    """What became of an invitation: when the e-mail was sent, until when its link is good, and what stands against it.

    `problem` is a sentence; empty without one.
    """

    sent_at: datetime | None
    expires_at: datetime
    problem: str


@dataclass(frozen=True)
class StaffMember:
    """One of the staff beside the list: `chats` are the numbers of their open chats by the name of the topic.

    `factor_since` is when they set up their second factor; None without one.
    In `waiting` of these a member waits for an answer. Who `has_password` has accepted an invitation, or was created
    with one; `invitation` is the open one.
    """

    row: StaffRow
    is_self: bool
    first_name: str
    presence: Presence
    chats: dict[str, int]
    waiting: int
    capacity: int
    has_password: bool = True
    invitation: InvitationState | None = None
    factor_since: datetime | None = None

    @property
    def chat_count(self) -> int:
        """How many open chats they have."""
        return sum(self.chats.values())

    @property
    def chats_text(self) -> str:
        """`2 de Autorizaciones, 1 sin tema`."""
        return ", ".join(f"{count} {f'de {topic}' if topic else 'sin tema'}" for topic, count in self.chats.items())

    @property
    def return_text(self) -> str:
        """What becomes of their open chats when the account is deactivated."""
        others = self.chat_count - self.waiting
        sentences = []
        if self.waiting == 1:
            sentences.append("1 espera respuesta: va al frente de la fila y conserva su reloj.")
        elif self.waiting:
            sentences.append(f"{self.waiting} esperan respuesta: van al frente de la fila y conservan su reloj.")
        if others == 1:
            sentences.append("En 1 nadie espera: va detrás, y lo recibe otra persona.")
        elif others:
            sentences.append(f"En {others} nadie espera: van detrás, y los reciben otras personas.")
        return " ".join(sentences)

    @property
    def capacity_text(self) -> str:
        """What the capacity means now: `Tiene 3. Se le asignarán 2 más.`."""
        left = self.capacity - self.chat_count
        if left > 0:
            return f"Tiene {self.chat_count}. Se le {'asignará 1' if left == 1 else f'asignarán {left}'} más."
        return f"Tiene {self.chat_count}. No se le asigna ninguno más por ahora."


@dataclass(frozen=True)
class TopicOption:
    """A topic to choose, how many chats of it wait now, and whether this one alone knows it among the active agents.

    One that is not active is known from before: members can no longer choose it.
    """

    topic_id: int
    name: str
    waiting: int
    is_alone: bool = False
    is_active: bool = True

    @property
    def choice(self) -> tuple[int, str, str]:
        """Its key, its name and a hint: `inactivo, 4 en espera ahora, nadie más lo atiende`."""
        hints = ["" if self.is_active else "inactivo", f"{self.waiting} en espera ahora" if self.waiting else ""]
        hints.append("nadie más lo atiende" if self.is_alone else "")
        return self.topic_id, self.name, ", ".join(filter(None, hints))

    @property
    def loss_text(self) -> str:
        """What becomes of its waiting chats when nobody knows it any more."""
        if not self.waiting:
            return f"Es la única persona de {self.name}: sus chats los recibe cualquiera."
        chats = "el chat en espera lo" if self.waiting == 1 else f"los {self.waiting} chats en espera los"
        return f"Es la única persona de {self.name}: {chats} recibe cualquiera."


@dataclass(frozen=True)
class StaffAdministration(StaffPage):
    """`/supervisor/ajustes`, alone or with one of the staff beside the list; `done` is what was done just before.

    `reset_problem` is what is wrong with a reset, empty without one, and `reset_reason` what was typed. `is_asked`: to
    deactivate the account has to be confirmed, since its chats move.
    """

    template: ClassVar[str] = "administration/staff.html"

    people: AdministrationList[StaffRow]
    member: StaffMember | None
    form: EditForm | None
    topics: list[TopicOption]
    done: str
    reset_problem: str
    reset_reason: str
    is_asked: bool = False


def staff_labels(topics: list[TopicOption]) -> FieldLabels:
    """Return the names of the fields and of their options."""
    options = {"temas": {str(topic.topic_id): topic.name for topic in topics}, "papel": ROLE_LABELS}
    return FieldLabels(STAFF_FIELDS, options)
