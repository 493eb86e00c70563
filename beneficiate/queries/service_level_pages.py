"""The page of the service levels: what is stored for each topic, how a deadline is counted, which open chats move."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time

from peewee import JOIN, Expression

from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.service_levels.explanation import explain_deadline
from beneficiate.domain.service_levels.fields import USUAL_GOAL, service_level_texts
from beneficiate.domain.service_levels.promises import NO_PROMISES, PromisedTimes
from beneficiate.errors import NotFound
from beneficiate.formatting import BOGOTA, bogota_date
from beneficiate.models.accounts import User
from beneficiate.models.base import read_snapshot
from beneficiate.models.call_centre import Topic
from beneficiate.models.chats import Chat
from beneficiate.models.service_levels import ServiceLevel
from beneficiate.queries.administration import ANY_STATE, page_rows
from beneficiate.queries.board_figures import load_figures
from beneficiate.queries.deadline_moves import list_moves
from beneficiate.queries.metrics import FactSelection
from beneficiate.queries.service_levels import load_calendar, load_levels_in_force, promised_times
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.administration import ListFilters
from beneficiate.views.edit_forms import LastChange, SavedRow
from beneficiate.views.metrics import format_figure
from beneficiate.views.service_levels import (
    CountedDeadline,
    LevelFigure,
    LevelSections,
    LevelTopic,
    MovedChats,
    count_deadline,
)

LEVEL_CODES = ("first_response_level", "next_response_level", "resolution_level")
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


def load_level_sections(uow: UnitOfWork, wanted: tuple[str, ListFilters]) -> LevelSections:
    """Return a page of the topics, the one of this code, and how many of its promises were kept this month.

    Raises NotFound.
    """
    code, filters = wanted
    topic_id, levels = access_level_topic(code), load_levels_in_force()
    query = Topic.select(Topic.id, Topic.code, Topic.name).where(Topic.is_active | (Topic.id == topic_id))
    rows = list(query.order_by(Topic.name).tuples())
    general = LevelTopic(0, "General", "", "", "", has_own=None in levels)
    topics = [LevelTopic(own_id, name, "", name, own_code, has_own=own_id in levels) for own_id, own_code, name in rows]
    shown = next(topic for topic in (general, *topics) if topic.code == code)
    first = datetime.combine(bogota_date(uow.now).replace(day=1), time(), BOGOTA)
    selection = FactSelection(first, uow.now, topic="" if topic_id is None else shown.code)
    with read_snapshot():
        found = load_figures(selection, LEVEL_CODES)
    figures = [
        LevelFigure(METRICS[name].name, format_figure(METRICS[name].unit, figure), figure.count)
        for name, figure in found.items()
    ]
    return LevelSections(general, page_rows(topics, filters, ANY_STATE), shown, figures, first)


def load_counted_deadline(uow: UnitOfWork, tried: TryServiceLevel) -> CountedDeadline | None:
    """Return how the longest promise is counted for a chat that comes at a moment; None without any promise."""
    promised = tried.promised or _stored_promises(tried.code)
    seconds = promised.resolution_s or promised.first_response_s or promised.next_response_s
    if not seconds:
        return None
    calendar = load_calendar(uow)
    return count_deadline(explain_deadline(tried.arrives_at or uow.now, seconds, calendar), calendar)


def load_moves_by_level(uow: UnitOfWork, tried: TryServiceLevel) -> MovedChats:
    """Return which open chats of a topic would have other deadlines, the first of them that are due."""
    topic_id, promised = access_level_topic(tried.code), tried.promised or _stored_promises(tried.code)
    is_of_topics = is_promised_by(topic_id, load_levels_in_force())
    return list_moves(uow, is_of_topics, promised, load_calendar(uow))


def load_inherited_moves(uow: UnitOfWork, code: str) -> MovedChats:
    """Return which open chats of a topic would have other deadlines with what all others have. Raises NotFound."""
    general = load_levels_in_force().get(None)
    return load_moves_by_level(uow, TryServiceLevel(code, promised_times(general)))


def _is_of(topic_id: int | None) -> Expression:
    return ServiceLevel.topic.is_null() if topic_id is None else ServiceLevel.topic == topic_id


def _stored_promises(code: str) -> PromisedTimes:
    levels = load_levels_in_force()
    level = levels.get(access_level_topic(code)) or levels.get(None)
    return promised_times(level) if level else NO_PROMISES
