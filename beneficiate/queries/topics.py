"""Topics, for the supervisors who administer them."""

from peewee import fn

from beneficiate.domain.administration import ACTIVE_STATE, INACTIVE_STATE
from beneficiate.errors import NotFound
from beneficiate.models.accounts import ACTIVE_STAFF, Agent, User
from beneficiate.models.call_centre import Skill, Topic
from beneficiate.models.chats import SUPPORT, WAITING, Chat
from beneficiate.queries.access import require_supervisor
from beneficiate.queries.administration import find_last_change, page_rows
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views import topics as views
from beneficiate.views.administration import AdministrationList, ListFilters
from beneficiate.views.edit_forms import SavedRow


def load_topic_list(uow: UnitOfWork, filters: ListFilters) -> AdministrationList[views.TopicRow]:
    """Return a page of the topics, by name."""
    require_supervisor(uow.actor)
    return page_rows(_describe_topics(list(Topic.select())), filters, views.TOPIC_STATES)


def load_topic(uow: UnitOfWork, topic_id: int) -> tuple[views.TopicRow | None, SavedRow]:
    """Return a topic as the list and as the form show it; without a row for a new one. Raises NotFound."""
    require_supervisor(uow.actor)
    if topic_id == 0:
        return None, SavedRow({"nombre": "", "estado": ACTIVE_STATE}, 0)
    topic = Topic.get_or_none(Topic.id == topic_id)
    if topic is None:
        raise NotFound("No encontramos ese tema.")
    (row,) = _describe_topics([topic])
    values = {"nombre": topic.name, "estado": ACTIVE_STATE if topic.is_active else INACTIVE_STATE}
    return row, SavedRow(values, topic.version, find_last_change(f"topic:{topic.id}", "topics.save"))


def count_agents_by_topic(besides_user_id: int = 0) -> dict[int, int]:
    """Return how many active agents know each topic, besides this one."""
    query = Skill.select(Skill.topic, fn.COUNT(Skill.agent)).join(Agent).join(User)
    is_counted = (Agent.status == ACTIVE_STAFF) & User.is_active & (User.id != besides_user_id)
    return dict(query.where(is_counted).group_by(Skill.topic).tuples())


def count_waiting_by_topic() -> dict[int, int]:
    """Return how many chats wait with each topic."""
    query = Chat.select(Chat.topic, fn.COUNT(Chat.id)).where(Chat.kind == SUPPORT, Chat.status == WAITING)
    return dict(query.group_by(Chat.topic).tuples())


def _describe_topics(topics: list[Topic]) -> list[views.TopicRow]:
    agents, waiting = count_agents_by_topic(), count_waiting_by_topic()
    return [
        views.TopicRow(
            row_id=topic.id,
            name=topic.name,
            state=views.ACTIVE_TOPICS if topic.is_active else views.INACTIVE_TOPICS,
            search_text=topic.name,
            agents=agents.get(topic.id, 0),
            waiting=waiting.get(topic.id, 0),
        )
        for topic in topics
    ]
