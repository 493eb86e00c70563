"""The agents on the supervisors' board: whether they take chats, which chats they have, their figures of today."""

from collections import defaultdict
from datetime import datetime

from peewee import JOIN, fn

from beneficiate.domain.facts import FACT_KINDS
from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.metrics.metric import Figure
from beneficiate.models.accounts import AVAILABLE, Agent, Supervisor, User
from beneficiate.models.call_centre import Skill, Topic
from beneficiate.models.chats import Chat
from beneficiate.models.facts import Fact
from beneficiate.queries.access import STAFF_ROLES
from beneficiate.queries.board_figures import load_figures_by_agent
from beneficiate.queries.board_steps import ACTIVE_CODE, BoardSteps
from beneficiate.queries.board_topics import ALL_TOPICS, BoardTopic
from beneficiate.queries.metrics import select_day, start_of_day
from beneficiate.queries.rollups import RolledFacts
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.avatars import avatar_color, initials_of
from beneficiate.views.board import AgentChat, AgentRow, BoardFigure, build_list_address
from beneficiate.views.facts import FactRow

MAX_AGENT_CHATS = 20
"""Of each agent; the list behind the number has all."""
_AGENT_COLUMNS = (
    Agent.id,
    Agent.user,
    Agent.agent_code,
    Agent.capacity,
    Agent.availability,
    Agent.reason,
    Agent.is_automatic,
    Agent.availability_at,
    User.id,
    User.first_name,
    User.last_name,
    User.online_status,
    User.last_seen,
)
AGENT_CODES = ("first_response", "service_level", "satisfaction", "closed")


def load_agent_rows(
    uow: UnitOfWork, steps: BoardSteps, topic: BoardTopic = ALL_TOPICS, rolled: RolledFacts | None = None
) -> list[AgentRow]:
    """Return the active agents, who take chats first; supervisors only while they have chats or take them.

    Their figures are those of the topic; their load and their chats are all that they have.
    """
    query = Agent.select(*_AGENT_COLUMNS).join(User).where(Agent.status == "ACTIVE", User.is_active)
    agents = list(query.order_by(User.first_name, User.last_name, User.id))
    rows = Supervisor.select(Supervisor.user).where(Supervisor.status == "ACTIVE").tuples()
    supervisors = {user_id for (user_id,) in rows}
    held, skills, last = steps.list_by_agent(), load_skills(), _load_last_activity(uow.now)
    chats = _load_chats(held)
    figures = load_figures_by_agent(select_day(uow.now, topic=topic.code), AGENT_CODES, rolled)
    shown = [
        _build_row(
            agent,
            _describe_load(agent.id, len(held.get(agent.id, [])), uow.now),
            chats.get(agent.id, []),
            skills.get(agent.id, {}),
            {
                code: BoardFigure(METRICS[code], figure, build_list_address(code, uow.now, agent.id, topic=topic.code))
                for code, figure in figures.get(agent.id, {}).items()
            },
            last.get(agent.id),
        )
        for agent in agents
        if agent.user_id not in supervisors or agent.id in held or agent.availability == AVAILABLE
    ]
    return sorted(shown, key=lambda row: (not row.is_online, not row.is_available))


def select_agents(agents: list[AgentRow], steps: BoardSteps, topic: BoardTopic) -> list[AgentRow]:
    """Return the agents who are concerned with a topic: who know it, have chats of it or had them today.

    All, where anybody may take its chats.
    """
    if not topic.is_one or not any(topic.topic_id in agent.topic_ids for agent in agents):
        return agents
    busy = {row.agent_id for row in steps.of_topic(topic)}
    return [agent for agent in agents if topic.topic_id in agent.topic_ids or agent.agent_id in busy or agent.figures]


def load_skills() -> dict[int, dict[int, str]]:
    """Return the topics that each agent knows: names by id."""
    skills: dict[int, dict[int, str]] = defaultdict(dict)
    query = Skill.select(Skill.agent, Topic.id, Topic.name).join(Topic).order_by(Topic.name)
    for agent_id, topic_id, name in query.tuples():
        skills[agent_id][topic_id] = name
    return skills


def _describe_load(agent_id: int, count: int, now: datetime) -> BoardFigure:
    return BoardFigure(METRICS[ACTIVE_CODE], Figure(count, count), build_list_address(ACTIVE_CODE, now, agent_id))


def _load_chats(held: dict[int, list[FactRow]]) -> dict[int, list[AgentChat]]:
    """Return the first chats of each agent, of those that they have."""
    chat_ids = [row.chat_id for rows in held.values() for row in rows[:MAX_AGENT_CHATS]]
    query = (
        Chat.select(
            Chat.agent,
            Chat.id,
            User.first_name,
            User.last_name,
            fn.COALESCE(Topic.name, ""),
            Chat.assigned_at,
        )
        .join(User, on=Chat.user)
        .switch(Chat)
        .join(Topic, JOIN.LEFT_OUTER, on=Chat.topic)
        .where(Chat.id.in_(chat_ids))
        .order_by(Chat.assigned_at, Chat.id)
    )
    chats: dict[int, list[AgentChat]] = defaultdict(list)
    for agent_id, chat_id, first, last, topic, assigned_at in query.tuples():
        chats[agent_id].append(AgentChat(chat_id, f"{first} {last}", topic, assigned_at))
    return chats


def _load_last_activity(now: datetime) -> dict[int, datetime]:
    """Return when each agent last did something today that is a fact."""
    # All kinds, named for the index.
    is_of_today = Fact.kind.in_(FACT_KINDS) & (Fact.at >= start_of_day(now))
    is_theirs = Fact.agent_id.is_null(False) & Fact.actor_role.in_(STAFF_ROLES)
    query = Fact.select(Fact.agent_id, fn.MAX(Fact.at)).where(is_of_today, is_theirs)
    return dict(query.group_by(Fact.agent_id).tuples())


def _build_row(
    agent: Agent,
    active: BoardFigure,
    chats: list[AgentChat],
    skills: dict[int, str],
    figures: dict[str, BoardFigure],
    last_activity: datetime | None,
) -> AgentRow:
    user = agent.user
    return AgentRow(
        agent_id=agent.id,
        user_id=user.id,
        name=user.name,
        code=agent.agent_code,
        initials=initials_of(user.name),
        avatar_color=avatar_color(user.id),
        topics=list(skills.values()),
        topic_ids=frozenset(skills),
        is_online=user.online_status,
        availability=agent.availability,
        is_automatic=agent.is_automatic,
        since=agent.availability_at if user.online_status else user.last_seen,
        reason=agent.reason,
        capacity=agent.capacity,
        active=active,
        chats=chats,
        figures=figures,
        last_activity=last_activity,
    )
