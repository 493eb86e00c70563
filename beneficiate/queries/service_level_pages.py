"""The page of the service levels: what is stored for each topic, how a deadline is counted, which open chats move."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from peewee import JOIN, Expression

from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.service_levels.clocks import Clocks, move_deadlines
from beneficiate.domain.service_levels.explanation import explain_deadline
from beneficiate.domain.service_levels.fields import USUAL_GOAL, service_level_texts
from beneficiate.domain.service_levels.promises import NO_PROMISES, PromisedTimes
from beneficiate.errors import NotFound
from beneficiate.formatting import BOGOTA, bogota_date
from beneficiate.models.accounts import Agent, User
from beneficiate.models.call_centre import Topic
from beneficiate.models.chats import CLOSED, SUPPORT, Chat
from beneficiate.models.service_levels import ServiceLevel
from beneficiate.queries.metrics import FactSelection, compute_figures
from beneficiate.queries.service_levels import clocks_of, load_calendar, load_levels_in_force, promised_times
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.edit_forms import LastChange, SavedRow
from beneficiate.views.metrics import format_figure
from beneficiate.views.service_levels import (
    CountedDeadline,
    LevelFigure,
    LevelSections,
    LevelTopic,
    MovedChat,
    MovedChats,
    count_deadline,
)

MAX_SHOWN_MOVES = 50
LEVEL_CODES = ("first_response_level", "next_response_level", "resolution_level")
_AgentUser = User.alias("agent_user")
Levels = Mapping[int | None, ServiceLevel]


@dataclass(frozen=True, slots=True)
class TryServiceLevel:
    """What would be promised for a topic, and when a chat comes that is taken as the example; now, if it is None."""

    code: str
    promised: PromisedTimes | None
    arrives_at: datetime | None = None


def access_level_topic(code: str) -> int | None:
    """Return the id of a topic by its code, without one None: the general service level. Raises NotFound."""
    if not code:
        return None
    topic_id: int | None = Topic.select(Topic.id).where(Topic.code == code).scalar()
    if topic_id is None:
        raise NotFound("No conocemos ese tema.")
    return topic_id


def find_last_version(topic_id: int | None) -> ServiceLevel | None:
    """Return what was saved last for a topic; for all without their own, if it is None."""
    query = ServiceLevel.select(ServiceLevel, User).join(User, JOIN.LEFT_OUTER)
    return query.where(_is_of(topic_id)).order_by(ServiceLevel.version.desc()).first()  # type: ignore[no-any-return]


def is_promised_by(topic_id: int | None, levels: Levels) -> Expression:
    """Return the condition for the chats that the service level of a topic is for; the general one is for many."""
    if topic_id is not None:
        return Chat.topic == topic_id
    own = [owner for owner in levels if owner is not None]
    return Chat.topic.is_null() | Chat.topic.not_in(own) if own else Chat.id.is_null(False)


def list_open_chats_of(is_of_topics: Expression) -> list[int]:
    """Return the ids of the open support chats that meet a condition."""
    query = Chat.select(Chat.id).where(Chat.kind == SUPPORT, Chat.status != CLOSED, is_of_topics).order_by(Chat.id)
    return [chat_id for (chat_id,) in query.tuples()]


def load_level_row(uow: UnitOfWork, code: str) -> SavedRow:
    """Return what is stored for a topic as its form shows it. Raises NotFound.

    A topic without its own shows what all others have.
    """
    topic_id = access_level_topic(code)
    last = find_last_version(topic_id)
    levels = load_levels_in_force()
    level = levels.get(topic_id) or levels.get(None)
    texts = service_level_texts(promised_times(level), level.goal if level else USUAL_GOAL)
    change = LastChange(last.saved_by.name if last.saved_by else "", last.saved_at) if last else None
    return SavedRow(texts, last.version if last else 0, change)


def load_level_sections(uow: UnitOfWork, code: str) -> LevelSections:
    """Return the topics, the one of this code, and how many of its promises were kept this month. Raises NotFound."""
    topic_id, levels = access_level_topic(code), load_levels_in_force()
    query = Topic.select(Topic.id, Topic.code, Topic.name).where(Topic.is_active | (Topic.id == topic_id))
    rows = list(query.order_by(Topic.name).tuples())
    topics = [LevelTopic("", "General", has_own=None in levels)]
    topics += [LevelTopic(own_code, name, has_own=own_id in levels) for own_id, own_code, name in rows]
    shown = next(topic for topic in topics if topic.code == code)
    first = datetime.combine(bogota_date(uow.now).replace(day=1), time(), BOGOTA)
    found = compute_figures(FactSelection(first, uow.now, topic="" if topic_id is None else shown.code), LEVEL_CODES)
    figures = [
        LevelFigure(METRICS[name].name, format_figure(METRICS[name].unit, figure), figure.count)
        for name, figure in found.items()
    ]
    return LevelSections(topics, shown, figures, first)


def load_counted_deadline(uow: UnitOfWork, tried: TryServiceLevel) -> CountedDeadline | None:
    """Return how the longest promise is counted for a chat that comes at a moment; None without any promise."""
    promised = tried.promised or _stored_promises(tried.code)
    seconds = promised.resolution_s or promised.first_response_s or promised.next_response_s
    if not seconds:
        return None
    calendar = load_calendar(uow)
    return count_deadline(explain_deadline(tried.arrives_at or uow.now, seconds, calendar), calendar)


def load_moved_chats(uow: UnitOfWork, tried: TryServiceLevel) -> MovedChats:
    """Return which open chats of a topic would have other deadlines, the first of them that are due."""
    levels, calendar = load_levels_in_force(), load_calendar(uow)
    topic_id, promised = access_level_topic(tried.code), tried.promised or _stored_promises(tried.code)
    people = (User.first_name, User.last_name, Agent.id, _AgentUser.first_name, _AgentUser.last_name)
    query = (
        Chat.select(Chat, ServiceLevel, *people)
        .join(ServiceLevel, JOIN.LEFT_OUTER)
        .join_from(Chat, User, on=Chat.user == User.id)
        .join_from(Chat, Agent, JOIN.LEFT_OUTER, on=Chat.agent == Agent.id)
        .join_from(Agent, _AgentUser, JOIN.LEFT_OUTER, on=Agent.user == _AgentUser.id)
        .where(Chat.kind == SUPPORT, Chat.status != CLOSED, is_promised_by(topic_id, levels))
    )
    chats = list(query)
    moved = []
    for chat in chats:
        before = clocks_of(chat)
        after = move_deadlines(before, promised, uow.now, calendar)
        if before != after:
            moved.append(_build_move(chat, before, after, uow.now))
    moved.sort(key=lambda one: (one.due_at is None, one.due_at))
    return MovedChats(
        open_count=len(chats),
        moved=moved[:MAX_SHOWN_MOVES],
        moved_count=len(moved),
        earlier=sum(one.is_earlier for one in moved),
        late=sum(one.is_late for one in moved),
        soon=sum(one.warn_at is not None and one.warn_at <= uow.now + timedelta(minutes=30) for one in moved),
    )


def _is_of(topic_id: int | None) -> Expression:
    return ServiceLevel.topic.is_null() if topic_id is None else ServiceLevel.topic == topic_id


def _stored_promises(code: str) -> PromisedTimes:
    levels = load_levels_in_force()
    level = levels.get(access_level_topic(code)) or levels.get(None)
    return promised_times(level) if level else NO_PROMISES


def _build_move(chat: Chat, before: Clocks, after: Clocks, now: datetime) -> MovedChat:
    agent = f"{chat.agent.user.first_name} {chat.agent.user.last_name}" if chat.agent_id else ""
    was_due_at, (due_at, warn_at) = before.nearest_deadline[0], after.nearest_deadline
    is_late = due_at is not None and due_at <= now and (was_due_at is None or was_due_at > now)
    return MovedChat(
        chat_id=chat.id,
        name=f"{chat.user.first_name} {chat.user.last_name}",
        agent=agent,
        since=chat.awaiting_since,
        was_due_at=was_due_at,
        due_at=due_at,
        warn_at=warn_at if warn_at is not None and warn_at > now else None,
        is_late=is_late,
    )
