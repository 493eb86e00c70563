"""The supervisors' board: its figures, who waits, the agents and what needs attention."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal
from urllib.parse import urlencode

from beneficiate.domain.metrics.metric import Figure, Metric
from beneficiate.models.accounts import AVAILABLE, AWAY
from beneficiate.views.board_hours import BoardHours
from beneficiate.views.desk import AVAILABILITY_LABELS, AvailabilityLabel, build_load_boxes
from beneficiate.views.facts import FactRow
from beneficiate.views.metrics import format_figure
from beneficiate.views.pages import PageView, StaffPage

OFFLINE_LABEL = AvailabilityLabel("Sin conexión", "presence")


@dataclass(frozen=True)
class BoardFigure:
    """A figure as it is shown, and the address of the facts that it counts."""

    metric: Metric
    figure: Figure
    address: str

    @property
    def text(self) -> str:
        """The value in its unit."""
        return format_figure(self.metric.unit, self.figure)

    @property
    def short_text(self) -> str:
        """The value without the interval of a share."""
        return format_figure(self.metric.unit, self.figure, with_interval=False)

    @property
    def count(self) -> int:
        """How many facts it is told from."""
        return self.figure.count


@dataclass(frozen=True)
class WaitingRow:
    """A member who waits: their place in the queue, since when, for about how long still, and why."""

    place: int
    chat_id: int
    name: str
    township: str
    topic: str
    since: datetime
    minutes_left: int | None
    reason: str


@dataclass(frozen=True)
class AgentChat:
    """A chat that an agent has: with whom, about what, since when it is theirs."""

    chat_id: int
    name: str
    topic: str
    assigned_at: datetime | None


@dataclass(frozen=True)
class AgentRow:
    """An agent: whether they take chats and since when, their chats, their figures of today, when they last acted.

    `is_automatic`: the system set them away, for this `reason`.
    """

    agent_id: int
    name: str
    code: str
    initials: str
    avatar_color: int
    topics: list[str]
    is_online: bool
    availability: str
    is_automatic: bool
    since: datetime | None
    reason: str
    capacity: int
    chats: list[AgentChat]
    figures: dict[str, BoardFigure]
    last_activity: datetime | None

    @property
    def load(self) -> int:
        """How many chats they have."""
        return len(self.chats)

    @property
    def shown(self) -> AvailabilityLabel:
        """How their availability is shown: who is not online takes no chats, whatever they have set."""
        return AVAILABILITY_LABELS[self.availability] if self.is_online else OFFLINE_LABEL

    @property
    def is_available(self) -> bool:
        """Whether chats are assigned to them now."""
        return self.is_online and self.availability == AVAILABLE

    @property
    def chats_text(self) -> str:
        """What becomes of their chats when they are set away; empty without any."""
        if not self.chats:
            return ""
        return f"Conserva {'su chat abierto' if self.load == 1 else f'sus {self.load} chats abiertos'}."

    def is_set_away_since(self, instant: datetime) -> bool:
        """Return whether the system set them away after an instant, and they are still."""
        is_away = self.is_automatic and self.availability == AWAY
        return is_away and self.since is not None and self.since >= instant

    @property
    def load_boxes(self) -> list[bool]:
        """The boxes of the meter."""
        return build_load_boxes(self.load, self.capacity)


@dataclass(frozen=True)
class BoardAlert:
    """Something that needs a supervisor: what it is, how serious, since when, and where to see to it."""

    level: Literal["danger", "warn"]
    icon: str
    title: str
    text: str
    action: str
    address: str
    at: datetime | None = None


@dataclass(frozen=True)
class Board:
    """The state of the call centre at an instant, and when the clock alone changes it next.

    `used` of `capacity` places of the available agents are taken. `waiting` has the first of those who wait.
    """

    at: datetime
    closed: str
    figures: dict[str, BoardFigure]
    by_topic: list[tuple[str, int]]
    waiting: list[WaitingRow]
    agents: list[AgentRow]
    used: int
    capacity: int
    alerts: list[BoardAlert]
    hours: BoardHours
    changes_at: datetime

    @property
    def waiting_since(self) -> datetime | None:
        """Since when the one waits who has waited longest."""
        return min((row.since for row in self.waiting), default=None)

    @property
    def topics_text(self) -> str:
        """How many wait about what: `4 de Pagos, 2 sin tema`."""
        return ", ".join(f"{count} de {name}" if name else f"{count} sin tema" for name, count in self.by_topic)


@dataclass(frozen=True)
class BoardOverview(StaffPage):
    """`/supervisor`."""

    template: ClassVar[str] = "board/board.html"

    board: Board


@dataclass(frozen=True)
class BoardPartial(PageView):
    """The board without its frame, as it is sent when it has changed."""

    template: ClassVar[str] = "board/_board.html"

    board: Board


@dataclass(frozen=True)
class FactListOverview(StaffPage):
    """`/supervisor/tablero/lista`: a figure and the facts that it counts, at most a thousand of them (`is_cut`)."""

    template: ClassVar[str] = "board/facts.html"

    shown: BoardFigure
    rows: list[FactRow]
    at: datetime
    agent_name: str
    topic_names: dict[str, str]
    is_cut: bool


def build_list_address(code: str, until: datetime, agent_id: int | None = None, topic: str = "") -> str:
    """Return the address of the facts that a metric counts until an instant."""
    query = {"figura": code, "hasta": until.isoformat(timespec="microseconds").replace("+00:00", "Z")}
    return "/supervisor/tablero/lista?" + urlencode(
        query | ({"agente": agent_id} if agent_id is not None else {}) | ({"tema": topic} if topic else {})
    )
