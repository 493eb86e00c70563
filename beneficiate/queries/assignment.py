"""The queue: who waits, in which order, and how long that may take."""

from datetime import timedelta

from peewee import SQL, Case, Node, fn

from beneficiate.domain.assignment.matching import Candidate, WaitingChat
from beneficiate.domain.assignment.wait_estimate import estimate_wait
from beneficiate.models.accounts import ACTIVE_STAFF, AVAILABLE, Agent, User
from beneficiate.models.call_centre import Skill
from beneficiate.models.chats import (
    ACTIVE,
    CLOSED,
    REOPENED,
    RETURNED,
    SUPPORT,
    TRANSFERRED,
    WAITING,
    Chat,
    ChatEvent,
    Message,
)
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.queue import QueuePosition

QUEUE_ORDER = (Chat.is_front.desc(), Chat.awaiting_since, Chat.id)
RECENT_CHATS = 50


def load_waiting_chats(candidates: list[Candidate], limit: int) -> list[WaitingChat]:
    """Return the first waiting chats that one of these agents may take, each with the member's last agent."""
    known_topics = {topic_id for one in candidates for topic_id in one.topics}
    is_wanted = Chat.wanted_agent.in_([one.agent_id for one in candidates])
    is_for_candidate = is_wanted | select_binding_topic().is_null() | Chat.topic.in_(known_topics)
    rows = list(
        Chat.select(Chat.id, select_binding_topic(), Chat.wanted_agent, Chat.user)
        .where(Chat.kind == SUPPORT, Chat.status == WAITING, is_for_candidate)
        .order_by(*QUEUE_ORDER)
        .limit(limit)
        .tuples()
    )
    last_agents = _load_last_agents([row[3] for row in rows])
    releasing_agents = _load_releasing_agents([row[0] for row in rows])
    return [
        WaitingChat(chat_id, topic_id, last_agents.get(user_id), releasing_agents.get(chat_id), wanted)
        for chat_id, topic_id, wanted, user_id in rows
    ]


def select_binding_topic() -> Node:
    """Return the column of the topic that an agent has to know for a chat; NULL if anybody may take it.

    So no chat waits for ever because of a topic that no active agent knows, however that came about.
    """
    query = Skill.select(Skill.topic).join(Agent).join(User)
    attended = query.where(Agent.status == ACTIVE_STAFF, User.is_active)
    return Case(None, [(Chat.topic.in_(attended), Chat.topic)])


def list_queue_positions(uow: UnitOfWork) -> list[QueuePosition]:
    """Return every waiting member, in order."""
    rows = list(
        Chat.select(Chat.user, Chat.id)
        .where(Chat.kind == SUPPORT, Chat.status == WAITING)
        .order_by(*QUEUE_ORDER)
        .tuples()
    )
    durations, capacity = (load_recent_durations(), count_working_capacity()) if rows else ([], 0)
    positions = []
    for position, (user_id, chat_id) in enumerate(rows, 1):
        wait = estimate_wait(position, durations, capacity)
        wait_s = None if wait is None else round(wait.total_seconds())
        positions.append(QueuePosition(user_id, chat_id, position, wait_s))
    return positions


def load_recent_durations() -> list[timedelta]:
    """Return how long each of the last 50 closed chats took, from its assignment."""
    query = (
        Chat.select(Chat.assigned_at, Chat.closed_at)
        .where(Chat.kind == SUPPORT, Chat.status == CLOSED, Chat.assigned_at.is_null(False))
        .order_by(Chat.closed_at.desc())
        .limit(RECENT_CHATS)
    )
    return [closed_at - assigned_at for assigned_at, closed_at in query.tuples() if closed_at > assigned_at]


def count_working_capacity() -> int:
    """Return how many chats the available agents can have, all together."""
    query = (
        Agent.select(fn.SUM(Agent.capacity))
        .join(User)
        .where(Agent.status == "ACTIVE", Agent.availability == AVAILABLE, User.online_status, User.is_active)
    )
    return int(query.scalar() or 0)


def count_chats_by_agent(agent_ids: list[int]) -> dict[int, int]:
    """Return how many active chats each of these agents has; agents without one are left out."""
    query = Chat.select(Chat.agent, fn.COUNT(Chat.id)).where(
        Chat.kind == SUPPORT, Chat.status == ACTIVE, Chat.agent.in_(agent_ids)
    )
    return dict(query.group_by(Chat.agent).tuples())


def count_unanswered_by_agent(agent_ids: list[int]) -> dict[int, int]:
    """Return how many chats of each of these agents wait for an answer since before the agent got them."""
    query = Chat.select(Chat.agent, fn.COUNT(Chat.id)).where(
        Chat.kind == SUPPORT,
        Chat.status == ACTIVE,
        Chat.agent.in_(agent_ids),
        Chat.awaiting_since <= Chat.assigned_at,
    )
    return dict(query.group_by(Chat.agent).tuples())


def find_answered_chats(agent_of: dict[int, int]) -> set[int]:
    """Return which of these chats (agent id by chat id) that agent has answered since they were opened or reopened."""
    reopened = ChatEvent.select(SQL("1")).where(
        ChatEvent.chat == Message.chat, ChatEvent.kind == REOPENED, ChatEvent.at >= Message.sent_at
    )
    query = (
        Message.select(Message.chat, Message.sender_id)
        .where(Message.chat.in_(list(agent_of)), Message.sender_type == "AGENT", Message.recalled_at.is_null())
        .where(~fn.EXISTS(reopened))
        .distinct()
    )
    return {chat_id for chat_id, agent_id in query.tuples() if agent_of[chat_id] == agent_id}


def _load_last_agents(user_ids: list[int]) -> dict[int, int]:
    """Return the agent of each member's last closed chat."""
    newest = (
        Chat.select(Chat.user, fn.MAX(Chat.id).alias("id"))
        .where(Chat.kind == SUPPORT, Chat.status == CLOSED, Chat.user.in_(user_ids), Chat.agent.is_null(False))
        .group_by(Chat.user)
        .alias("newest")
    )
    query = Chat.select(Chat.user, Chat.agent).join(newest, on=(Chat.id == newest.c.id))
    return dict(query.tuples())


def _load_releasing_agents(chat_ids: list[int]) -> dict[int, int]:
    """Return the agent who released each of these chats last, and has not had it since."""
    found: dict[int, int] = {}
    query = ChatEvent.select(ChatEvent.chat, ChatEvent.kind, ChatEvent.actor, ChatEvent.agent, Agent.user).join(Agent)
    for chat_id, kind, actor_id, agent_id, user_id in (
        query.where(ChatEvent.chat.in_(chat_ids)).order_by(ChatEvent.id).tuples()
    ):
        # A supervisor who takes a chat from somebody transfers it too.
        if kind in (RETURNED, TRANSFERRED) and actor_id == user_id:
            found[chat_id] = agent_id
        elif found.get(chat_id) == agent_id:
            del found[chat_id]
    return found


def count_waiting_chats() -> int:
    """Return the number of waiting chats."""
    return int(Chat.select().where(Chat.kind == SUPPORT, Chat.status == WAITING).count())
