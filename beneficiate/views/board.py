"""The supervisors' board: its figures, who waits, the agents and what needs attention."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import ClassVar, Literal
from urllib.parse import quote_plus, urlencode

from beneficiate.domain.metrics.metric import Figure, Metric
from beneficiate.formatting import format_iso
from beneficiate.models.accounts import AVAILABLE, AWAY
from beneficiate.views.board_hours import BoardHours
from beneficiate.views.deadlines import ChatDeadline
from beneficiate.views.desk import AVAILABILITY_LABELS, AvailabilityLabel, build_load_boxes
from beneficiate.views.facts import FactRow
from beneficiate.views.metrics import format_figure
from beneficiate.views.pages import PageView, StaffPage
from beneficiate.views.reports import FilterChoice

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
class Wait:
    """Since when a member waits, until when they were promised an answer, and when we warn of it; None: no promise.

    `explanation`: how that deadline was counted, in Spanish.
    """

    since: datetime
    due_at: datetime | None
    warn_at: datetime | None
    explanation: str = ""


@dataclass(frozen=True)
class WaitingRow:
    """A member who waits: their place in the queue, since when, for about how long still, and why."""

    place: int
    chat_id: int
    name: str
    township: str
    topic: str
    wait: Wait
    minutes_left: int | None
    reason: str


@dataclass(frozen=True)
class TopicQueue:
    """How many wait about a topic, whose name is empty for none."""

    name: str
    shown: BoardFigure

    @property
    def about(self) -> str:
        """What stands after the number: `de Pagos`, `sin tema`."""
        return f"de {self.name}" if self.name else "sin tema"


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

    `is_automatic`: the system set them away, for this `reason`. `active` and `chats`, the first of them, are of any
    topic; `figures` are those of the topic of the board, which they know or not.
    """

    agent_id: int
    user_id: int
    name: str
    code: str
    initials: str
    avatar_color: int
    topics: list[str]
    topic_ids: frozenset[int]
    is_online: bool
    availability: str
    is_automatic: bool
    since: datetime | None
    reason: str
    capacity: int
    active: BoardFigure
    chats: list[AgentChat]
    figures: dict[str, BoardFigure]
    last_activity: datetime | None

    @property
    def load(self) -> int:
        """How many chats they have."""
        return self.active.count

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
        if not self.load:
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
    """Something that needs a supervisor: what it is, how serious, since or until when, and where to see to it.

    `explanation`: how a deadline was counted; empty for what has none.
    """

    level: Literal["danger", "warn"]
    icon: str
    title: str
    text: str
    action: str
    address: str
    at: datetime | None = None
    explanation: str = ""


@dataclass(frozen=True)
class Board:
    """The state of the call centre at an instant, and when the clock alone changes it next.

    It is about one topic (its code and name), or all of them. `used` of `capacity` places of the available agents are
    taken: a count and a setting. `waiting` has the first of those who wait.
    """

    at: datetime
    topic: str
    topic_name: str
    closed: str
    figures: dict[str, BoardFigure]
    by_topic: list[TopicQueue]
    longest: Wait | None
    waiting: list[WaitingRow]
    agents: list[AgentRow]
    used: BoardFigure
    capacity: int
    alerts: list[BoardAlert]
    hours: BoardHours
    changes_at: datetime


@dataclass(frozen=True)
class BoardOverview(StaffPage):
    """`/supervisor`: the board, the topics to choose from, and what is wrong with the one that was asked for.

    `my_agent_id` is that of the supervisor, who may take chats.
    """

    template: ClassVar[str] = "board/board.html"

    board: Board
    topics: list[FilterChoice]
    wrong_topic: str
    my_agent_id: int | None


@dataclass(frozen=True)
class BoardPartial(PageView):
    """The board without its frame, as it is sent when it has changed."""

    template: ClassVar[str] = "board/_board.html"

    board: Board


@dataclass(frozen=True)
class FactListOverview(StaffPage):
    """`/supervisor/tablero/lista`: a figure and its `listed` facts; `next_position` begins the next part."""

    template: ClassVar[str] = "board/facts.html"

    shown: BoardFigure
    listed: int
    rows: list[FactRow]
    at: datetime
    board_address: str
    agent_name: str
    topic_name: str
    topic_names: dict[str, str]
    is_first: bool
    next_position: str


def build_wait(since: datetime, due: ChatDeadline | None) -> Wait:
    """Return a wait with the answer that was promised, if one was."""
    return Wait(since, None, None) if due is None else Wait(since, due.due_at, due.warn_at, due.explanation)


def build_board_address(topic: str) -> str:
    """Return the address of the board of a topic, or of all."""
    return f"/supervisor?{urlencode({'tema': topic})}" if topic else "/supervisor"


def build_list_address(code: str, until: datetime, *agent_ids: int, topic: str = "") -> str:
    """Return the address of the facts that a metric counts until an instant: of these agents, or of all."""
    # A board has 200 of them, with few instants and topics: `urlencode` would quote each of these 200 times.
    agents = f"&agente={','.join(map(str, agent_ids))}" if agent_ids else ""
    return f"/supervisor/tablero/lista?figura={code}&hasta={_quote_instant(until)}{agents}{_quote_topic(topic)}"


@lru_cache(maxsize=16)
def _quote_instant(instant: datetime) -> str:
    return quote_plus(format_iso(instant, "microseconds"))


@lru_cache(maxsize=64)
def _quote_topic(topic: str) -> str:
    return f"&{urlencode({'tema': topic})}" if topic else ""
