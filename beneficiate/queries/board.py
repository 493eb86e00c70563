"""The supervisors' board as of now, and the lists behind its figures."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import JOIN, fn

from beneficiate.domain.assignment.wait_estimate import estimate_wait
from beneficiate.domain.assignment.waiting_reason import AgentRoom, explain_wait
from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.errors import NotFound, Problem
from beneficiate.models.accounts import Agent, User
from beneficiate.models.call_centre import Topic
from beneficiate.models.chats import SUPPORT, WAITING, Chat
from beneficiate.models.professionals import Township
from beneficiate.protocol.board import WatchBoard
from beneficiate.queries.assignment import (
    QUEUE_ORDER,
    count_unanswered_by_agent,
    load_recent_durations,
    select_binding_topic,
)
from beneficiate.queries.board_agents import load_agent_rows, load_skills
from beneficiate.queries.board_alerts import LONG_WAIT, load_alerts
from beneficiate.queries.board_hours import load_board_hours
from beneficiate.queries.business_hours import load_business_hours_state
from beneficiate.queries.metrics import compute_figures, list_facts, select_day
from beneficiate.unit_of_work import BatchItem, UnitOfWork, batched
from beneficiate.views.avatars import describe_actor
from beneficiate.views.board import (
    AgentRow,
    Board,
    BoardFigure,
    FactListOverview,
    WaitingRow,
    build_list_address,
)
from beneficiate.views.facts import FactRow

MAX_WAITING_SHOWN = 50
BOARD_CODES = (
    "waiting",
    "longest_wait",
    "active",
    "first_response",
    "first_response_median",
    "first_response_p90",
    "first_response_max",
    "missed",
    "missed_share",
    "service_level",
    "first_response_level",
    "next_response_level",
    "resolution_level",
    "chat_length",
    "satisfaction",
    "ratings",
    "opened",
    "resolved",
    "appointments",
    "appointments_to_confirm",
    "appointments_confirmed",
    "appointments_attended",
    "appointments_no_show",
    "appointments_cancelled",
    "payments_amount",
    "payments_approved",
    "payments_declined",
)


@dataclass(frozen=True, slots=True)
class FactListQuery:
    """Which figure, until when, and of which agent or topic alone."""

    code: str
    until: datetime
    agent_id: int | None = None
    topic: str = ""


def load_queue_figures(uow: UnitOfWork) -> tuple[float, float]:
    """Return how many chats wait, and the longest wait in seconds (0 without any): the figures of the board."""
    found = compute_figures(select_day(uow.now), ("waiting", "longest_wait"))
    return found["waiting"].value or 0, found["longest_wait"].value or 0


def load_board(uow: UnitOfWork) -> Board:
    """Return the board as of now."""
    now, hours = uow.now, load_business_hours_state(uow)
    found = compute_figures(select_day(now), BOARD_CODES)
    figures = {
        code: BoardFigure(METRICS[code], figure, build_list_address(code, now)) for code, figure in found.items()
    }
    agents = load_agent_rows(uow)
    takers = [agent for agent in agents if agent.is_available]
    closed = "" if hours["is_open"] else hours["sentence"]
    waiting = _load_waiting_rows(uow, takers, closed)
    return Board(
        at=now,
        closed=closed,
        figures=figures,
        by_topic=_count_waiting_by_topic(),
        waiting=waiting,
        agents=agents,
        used=sum(agent.load for agent in takers),
        capacity=sum(agent.capacity for agent in takers),
        alerts=load_alerts(now, waiting, agents),
        hours=load_board_hours(now),
        changes_at=_next_change(now, waiting),
    )


@batched(writes=False)
def can_watch_board(uow: UnitOfWork, items: list[BatchItem[WatchBoard]]) -> list[Problem | None]:
    """Check that who wants to watch the board supervises. Problems: NotFound."""
    return [None if item.actor.role == "supervisor" else NotFound() for item in items]


def load_fact_list(uow: UnitOfWork, query: FactListQuery) -> FactListOverview:
    """Return a figure of the day and the facts that it counts. Raises NotFound for a figure that does not exist."""
    if query.code not in METRICS:
        raise NotFound
    metric, selection = METRICS[query.code], select_day(query.until, query.agent_id, query.topic)
    rows = list_facts(metric, selection)
    figure = compute_figures(selection, [metric.code])[metric.code]
    address = build_list_address(metric.code, query.until, query.agent_id, query.topic)
    return FactListOverview(
        me=describe_actor(uow.actor),
        shown=BoardFigure(metric, figure, address),
        rows=rows,
        at=query.until,
        agent_name=_find_agent_name(query.agent_id, rows),
        is_cut=figure.count > len(rows),
        topic_names=dict(Topic.select(Topic.code, Topic.name).tuples()),
    )


def _find_agent_name(agent_id: int | None, rows: list[FactRow]) -> str:
    """Return the name of the agent that a list is about: as it was in the newest fact, or as it is now."""
    if agent_id is None:
        return ""
    names = [row.agent_name for row in rows if row.agent_name]
    agent = Agent.select(Agent, User).join(User).where(Agent.id == agent_id).first() if not names else None
    return names[0] if names else agent.user.name if agent else "Agente"


def _load_waiting_rows(uow: UnitOfWork, takers: list[AgentRow], closed: str) -> list[WaitingRow]:
    columns = (
        Chat.id,
        select_binding_topic(),
        Chat.awaiting_since,
        User.first_name,
        User.last_name,
        Township.name,
        Topic.name,
    )
    query = (
        Chat.select(*columns)
        .join(User, on=Chat.user)
        .join(Township, JOIN.LEFT_OUTER, on=User.township)
        .switch(Chat)
        .join(Topic, JOIN.LEFT_OUTER, on=Chat.topic)
        .where(Chat.kind == SUPPORT, Chat.status == WAITING)
        .order_by(*QUEUE_ORDER)
        .limit(MAX_WAITING_SHOWN)
    )
    rows = list(query.tuples())
    if not rows:
        return []
    rooms, durations = _load_rooms(uow, takers), load_recent_durations()
    capacity = sum(agent.capacity for agent in takers)
    waiting = []
    for place, (chat_id, topic_id, since, first, last, township, topic) in enumerate(rows, 1):
        left = estimate_wait(place, durations, capacity)
        waiting.append(
            WaitingRow(
                place=place,
                chat_id=chat_id,
                name=f"{first} {last}",
                township=township or "",
                topic=topic or "",
                since=since,
                minutes_left=None if left is None else max(1, round(left / timedelta(minutes=1))),
                reason=explain_wait(topic_id, topic or "", rooms, closed),
            )
        )
    return waiting


def _load_rooms(uow: UnitOfWork, takers: list[AgentRow]) -> list[AgentRoom]:
    agent_ids = [agent.agent_id for agent in takers]
    skills, unanswered = load_skills(), count_unanswered_by_agent(agent_ids)
    return [
        AgentRoom(
            topics=frozenset(skills.get(agent.agent_id, {})),
            is_full=agent.load >= agent.capacity,
            must_reply_first=unanswered.get(agent.agent_id, 0) >= uow.rules.unanswered_chats,
        )
        for agent in takers
    ]


def _count_waiting_by_topic() -> list[tuple[str, int]]:
    query = (
        Chat.select(fn.COALESCE(Topic.name, ""), fn.COUNT(Chat.id))
        .join(Topic, JOIN.LEFT_OUTER)
        .where(Chat.kind == SUPPORT, Chat.status == WAITING)
        .group_by(Topic.name)
    )
    return sorted(query.tuples(), key=lambda row: (-row[1], row[0]))


def _next_change(now: datetime, waiting: list[WaitingRow]) -> datetime:
    """Return when the board changes without anything that happens: a wait becomes too long, or an hour ends."""
    too_long = [row.since + LONG_WAIT for row in waiting if row.since + LONG_WAIT > now]
    return min([*too_long, now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)])
