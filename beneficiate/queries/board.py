"""The supervisors' board as of now, and the lists behind its figures."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.metrics.metric import Figure
from beneficiate.domain.metrics.rollups import NO_TOPIC
from beneficiate.errors import NotFound, Problem
from beneficiate.models.accounts import Agent, User
from beneficiate.models.base import read_snapshot
from beneficiate.models.call_centre import Topic
from beneficiate.protocol.board import WatchBoard
from beneficiate.queries.alert_kinds import LONG_WAIT
from beneficiate.queries.board_agents import load_agent_rows, select_agents
from beneficiate.queries.board_alerts import load_alerts
from beneficiate.queries.board_figures import load_figures
from beneficiate.queries.board_hours import load_board_hours
from beneficiate.queries.board_steps import (
    ACTIVE_CODE,
    INSTANT_CODES,
    list_topic_queues,
    load_steps,
)
from beneficiate.queries.board_topics import BoardTopic, find_board_topic
from beneficiate.queries.board_waiting import (
    WaitContext,
    find_next_late,
    load_waits,
)
from beneficiate.queries.business_hours import business_hours_state_at
from beneficiate.queries.fact_lists import load_fact_part
from beneficiate.queries.metrics import (
    compute_figures,
    compute_metric,
    count_listed,
    load_tallies,
    select_day,
)
from beneficiate.queries.reports import load_report_names
from beneficiate.queries.rollups import load_rolled_facts
from beneficiate.queries.service_levels import load_calendar
from beneficiate.unit_of_work import BatchItem, UnitOfWork, batched
from beneficiate.views.avatars import describe_actor
from beneficiate.views.board import (
    AgentRow,
    Board,
    BoardFigure,
    BoardOverview,
    FactListOverview,
    build_board_address,
    build_list_address,
)
from beneficiate.views.facts import FactRow

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
    """Which figure, until when, and of which agents or topic alone; `after` is where the part of the list begins."""

    code: str
    until: datetime
    agent_ids: tuple[int, ...] = ()
    topic: str = ""
    after: str = ""


def load_queue_figures(uow: UnitOfWork) -> tuple[float, float]:
    """Return how many chats wait, and the longest wait in seconds (0 without any): the figures of the board."""
    found = compute_figures(select_day(uow.now), ("waiting", "longest_wait"))
    return found["waiting"].value or 0, found["longest_wait"].value or 0


def load_board(uow: UnitOfWork, topic_code: str = "") -> Board:
    """Return the board of a topic, or of all, as of now. Raises NotFound for a topic that does not exist."""
    with read_snapshot():
        return _load_board(uow, find_board_topic(topic_code))


def load_board_page(uow: UnitOfWork, topic_code: str) -> BoardOverview:
    """Return the page of the board of a topic; of all, which the page says, when that topic does not exist."""
    try:
        board = load_board(uow, topic_code)
    except NotFound as problem:
        board, wrong = load_board(uow), f"{problem.sentence} Se muestran todos."
    else:
        wrong = ""
    return BoardOverview(
        describe_actor(uow.actor), board, load_report_names(uow).topic_choices, wrong, uow.actor.agent_id
    )


def _load_board(uow: UnitOfWork, topic: BoardTopic) -> Board:
    now, calendar, rolled = uow.now, load_calendar(uow), load_rolled_facts()
    hours = business_hours_state_at(now, calendar.hours)
    steps = load_steps(now)
    of_day = load_figures(select_day(now, topic=topic.code), set(BOARD_CODES).difference(INSTANT_CODES), rolled)
    found = of_day | steps.compute_figures(topic)
    figures = {
        code: BoardFigure(METRICS[code], found[code], build_list_address(code, now, topic=topic.code))
        for code in BOARD_CODES
    }
    everybody = load_agent_rows(uow, steps, topic, rolled)
    context = WaitContext(
        takers=[agent for agent in everybody if agent.is_available],
        closed="" if hours["is_open"] else hours["sentence"],
        calendar=calendar,
    )
    longest, waiting = load_waits(uow, context, steps, topic)
    agents = select_agents(everybody, steps, topic)
    takers = [agent for agent in agents if agent.is_available]
    return Board(
        at=now,
        topic=topic.code,
        topic_name=topic.name,
        closed=context.closed,
        figures=figures,
        by_topic=list_topic_queues(steps, topic),
        longest=longest,
        waiting=waiting,
        agents=agents,
        used=_describe_used(takers, now),
        capacity=sum(agent.capacity for agent in takers),
        alerts=load_alerts(now, agents, topic, context.calendar, is_in_hours=not context.closed),
        hours=load_board_hours(now, topic.code, rolled),
        changes_at=_next_change(now, topic),
    )


def _describe_used(takers: list[AgentRow], now: datetime) -> BoardFigure:
    """Return how many chats the agents have who take more, and where these are listed."""
    metric, used = METRICS[ACTIVE_CODE], sum(agent.load for agent in takers)
    address = build_list_address(metric.code, now, *(agent.agent_id for agent in takers))
    return BoardFigure(metric, Figure(used, used), address)


@batched(writes=False)
def can_watch_board(uow: UnitOfWork, items: list[BatchItem[WatchBoard]]) -> list[Problem | None]:
    """Check that who wants to watch the board supervises, and that its topic exists. Problems: NotFound."""
    known = {"", NO_TOPIC, *(code for (code,) in Topic.select(Topic.code).tuples())}
    return [None if item.actor.role == "supervisor" and item.command.topic in known else NotFound() for item in items]


def load_fact_list(uow: UnitOfWork, query: FactListQuery) -> FactListOverview:
    """Return a figure of the day and a part of the facts that it counts; of an instant to come, those until now.

    Raises NotFound for a figure, a topic or a part that does not exist.
    """
    if query.code not in METRICS:
        raise NotFound
    topic = find_board_topic(query.topic)
    metric, until = METRICS[query.code], min(query.until, uow.now)
    selection = select_day(until, topic=query.topic, agent_ids=query.agent_ids)
    part, tallies = load_fact_part(metric, selection, query.after), load_tallies(selection, [metric])
    address = build_list_address(metric.code, until, *query.agent_ids, topic=query.topic)
    return FactListOverview(
        me=describe_actor(uow.actor),
        shown=BoardFigure(metric, compute_metric(metric, tallies), address),
        listed=count_listed(metric, tallies),
        rows=part.rows,
        at=until,
        board_address=build_board_address(topic.code),
        agent_name=_describe_agents(query.agent_ids, part.rows),
        topic_name=topic.name,
        topic_names=dict(Topic.select(Topic.code, Topic.name).tuples()),
        is_first=not query.after,
        next_position=part.next_position,
    )


def _describe_agents(agent_ids: tuple[int, ...], rows: list[FactRow]) -> str:
    """Return the name of the agent that a list is about, as it was in the newest fact or is now; of several, how many.

    Empty for all.
    """
    if len(agent_ids) != 1:
        return f"{len(agent_ids)} agentes" if agent_ids else ""
    names = [row.agent_name for row in rows if row.agent_name]
    agent = Agent.select(Agent, User).join(User).where(Agent.id == agent_ids[0]).first() if not names else None
    return names[0] if names else agent.user.name if agent else "Agente"


def _next_change(now: datetime, topic: BoardTopic) -> datetime:
    """Return when the clock alone changes the board: a wait without a promise becomes too long, or an hour ends."""
    next_hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return min(find_next_late(now, LONG_WAIT, topic) or next_hour, next_hour)
