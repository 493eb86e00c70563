"""Topics, as supervisors administer them."""

from dataclasses import dataclass
from typing import ClassVar

from beneficiate.domain.administration import ACTIVE_STATE, INACTIVE_STATE
from beneficiate.views.administration import AdministrationList, ListRow
from beneficiate.views.edit_forms import EditForm, FieldLabels
from beneficiate.views.pages import StaffPage

ACTIVE_TOPICS, INACTIVE_TOPICS = "activos", "inactivos"
TOPIC_STATES = {"": "Todos", ACTIVE_TOPICS: "Activos", INACTIVE_TOPICS: "Inactivos"}
TOPIC_LABELS = FieldLabels(
    {"nombre": "Nombre", "estado": "Estado"}, {"estado": {ACTIVE_STATE: "Activo", INACTIVE_STATE: "Inactivo"}}
)


@dataclass(frozen=True)
class TopicRow(ListRow):
    """A topic, how many active agents know it, and how many chats wait with it."""

    agents: int
    waiting: int

    @property
    def deactivation_text(self) -> str:
        """What happens when it is deactivated."""
        first = "Los afiliados ya no pueden elegirlo, y nadie puede transferir un chat a él."
        if not self.waiting:
            return f"{first} Ahora no hay chats en espera de este tema."
        chats = "El chat en espera" if self.waiting == 1 else f"Los {self.waiting} chats en espera"
        verb, object_ = ("sigue", "lo") if self.waiting == 1 else ("siguen", "los")
        if self.agents:
            people = "la persona que lo atiende" if self.agents == 1 else f"las {self.agents} personas que lo atienden"
            return f"{first} {chats} {verb} en la cola para {people}."
        return f"{first} Nadie atiende este tema: {chats[0].lower()}{chats[1:]} {object_} recibe cualquiera."


@dataclass(frozen=True)
class TopicAdministration(StaffPage):
    """`/supervisor/ajustes/temas`, alone or with the form of a topic beside the list; `topic` is None for a new one."""

    template: ClassVar[str] = "administration/topics.html"

    topics: AdministrationList[TopicRow]
    topic: TopicRow | None
    form: EditForm | None
    done: str
