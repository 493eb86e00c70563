"""The agent's desk: the page, and the parts of it that its script fetches again."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from beneficiate.models.accounts import AVAILABLE, AWAY, OFFLINE
from beneficiate.views.avatars import ActorView
from beneficiate.views.chat_lists import ChatList, OwnChat
from beneficiate.views.conversation import Conversation
from beneficiate.views.member_panel import MemberPanel
from beneficiate.views.pages import PageView, StaffPage
from beneficiate.views.search import SearchResults

MAX_LOAD_BOXES = 10
"""Up to this capacity there is a box for each chat."""
ABSENT_TEXT = "No está; irá a la fila"


@dataclass(frozen=True)
class AvailabilityLabel:
    """How an availability is shown: a word, and the CSS class of its dot."""

    label: str
    dot_class: str


AVAILABILITY_LABELS = {
    AVAILABLE: AvailabilityLabel("Disponible", "presence is-on"),
    AWAY: AvailabilityLabel("Ausente", "presence is-away"),
    OFFLINE: AvailabilityLabel("Desconectado", "presence"),
}
"""In the order of the menu."""


def build_load_boxes(load: int, capacity: int) -> list[bool]:
    """Return the boxes of a meter, at most ten, each with whether it is used: the first one by any chat."""
    count = min(capacity, MAX_LOAD_BOXES)
    used = load * count // capacity if capacity else 0
    return [at < max(used, min(load, 1)) for at in range(count)]


@dataclass(frozen=True)
class WaitingSummary:
    """How many members wait for an agent, and the chat of the first of them with its begin."""

    count: int
    chat_id: int | None = None
    since: datetime | None = None


@dataclass(frozen=True)
class OwnAgent(ActorView):
    """The signed-in agent or supervisor: whether they take chats, and how many of their `capacity` they have.

    `is_automatic`: the system set them away.
    """

    agent_id: int
    agent_code: str
    availability: str
    reason: str
    is_automatic: bool
    capacity: int
    load: int

    labels: ClassVar[dict[str, AvailabilityLabel]] = AVAILABILITY_LABELS

    @property
    def shown(self) -> AvailabilityLabel:
        """Return how their availability is shown."""
        return AVAILABILITY_LABELS[self.availability]

    @property
    def load_boxes(self) -> list[bool]:
        """Return the boxes of the meter."""
        return build_load_boxes(self.load, self.capacity)


@dataclass(frozen=True)
class ColleagueView:
    """A person who answers chats, supervisors too. `load` of `capacity` chats are theirs now."""

    user_id: int
    agent_id: int
    name: str
    initials: str
    avatar_color: int
    is_online: bool
    availability: str
    load: int
    capacity: int
    is_supervisor: bool

    @property
    def status_text(self) -> str:
        """Return whether a chat can be given to them now: their availability and load, or that they are not there."""
        text = f"{AVAILABILITY_LABELS[self.availability].label} · {self.load}/{self.capacity}"
        return ("Supervisión · " if self.is_supervisor else "") + (text if self.is_online else ABSENT_TEXT)


@dataclass(frozen=True)
class TopicView:
    """A topic of support to which a chat may be transferred."""

    code: str
    name: str


@dataclass(frozen=True)
class Team:
    """The colleagues, available ones first, and the topics to which a chat may be transferred."""

    colleagues: list[ColleagueView]
    topics: list[TopicView]


@dataclass(frozen=True)
class DeskView(StaffPage):
    """`/agente`. `own_chats` are the open ones; the socket sends them again unless `chats_version` is still theirs.

    `undo_s` is for how many seconds the sending of a message can be undone, `reopen_hours` for how many hours a closed
    chat can be reopened.
    """

    template: ClassVar[str] = "desk/desk.html"

    me: OwnAgent
    chat_list: ChatList
    waiting: WaitingSummary
    own_chats: list[OwnChat]
    undo_s: int
    reopen_hours: int
    chats_version: str
    unread_total: int
    conversation: Conversation | None
    panel: MemberPanel | None


@dataclass(frozen=True)
class WaitingPart(PageView):
    """`/agente/espera`."""

    template: ClassVar[str] = "desk/_waiting.html"

    waiting: WaitingSummary


@dataclass(frozen=True)
class AvailabilityPart(PageView):
    """`/agente/disponibilidad`."""

    template: ClassVar[str] = "desk/_me.html"

    me: OwnAgent


@dataclass(frozen=True)
class TeamPart(PageView):
    """`/agente/equipo`."""

    template: ClassVar[str] = "desk/_team.html"

    team: Team


@dataclass(frozen=True)
class SearchPart(PageView):
    """`/agente/buscar`. `is_too_short`: nothing was searched."""

    template: ClassVar[str] = "desk/_found.html"

    results: SearchResults
    page: int
    is_too_short: bool
