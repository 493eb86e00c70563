"""The topic that the supervisors' board is about: one, chats without a topic, or all."""

from dataclasses import dataclass

from peewee import Expression

from beneficiate.domain.metrics.rollups import NO_TOPIC
from beneficiate.errors import NotFound
from beneficiate.models.call_centre import Topic
from beneficiate.models.chats import Chat
from beneficiate.queries.reports import WITHOUT_TOPIC_NAME


@dataclass(frozen=True, slots=True)
class BoardTopic:
    """What the board is about; `code` is empty for all topics, NO_TOPIC for chats without one."""

    code: str = ""
    topic_id: int | None = None
    name: str = ""

    @property
    def is_one(self) -> bool:
        """Whether it is one topic, which agents know or do not."""
        return self.topic_id is not None

    def chat_conditions(self) -> list[Expression]:
        """Return the conditions of the chats that are about it."""
        if self.topic_id is not None:
            return [Chat.topic == self.topic_id]
        return [Chat.topic.is_null()] if self.code else []


ALL_TOPICS = BoardTopic()


def find_board_topic(code: str) -> BoardTopic:
    """Return the topic of a code, active or not. Raises NotFound."""
    if code in ("", NO_TOPIC):
        return BoardTopic(code, None, WITHOUT_TOPIC_NAME) if code else ALL_TOPICS
    topic = Topic.get_or_none(Topic.code == code)
    if topic is None:
        raise NotFound("No conocemos ese tema.")
    return BoardTopic(code, topic.id, topic.name)
