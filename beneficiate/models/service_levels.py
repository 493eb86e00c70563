"""Service levels: what is promised to the members who ask about a topic, and deadlines that are still to be moved."""

from peewee import SQL, BooleanField, ForeignKeyField, IntegerField

from beneficiate.models.accounts import User
from beneficiate.models.base import BaseModel, InstantField
from beneficiate.models.call_centre import Topic


class ServiceLevel(BaseModel):
    """What was promised from one change to the next; a row is never changed, since chats refer to what they were told.

    Without a topic, it is for every topic that has none of its own, and for chats without a topic. `version` counts
    from 1 for each topic; the last one is in force. `is_inherited`: the topic has none of its own again. Times are in
    working seconds, and None where nothing is promised; `warn_s` before a deadline we warn. `goal` is the share of
    promises to keep, in percent.
    """

    topic = ForeignKeyField(Topic, null=True, index=False, on_delete="CASCADE")
    version = IntegerField()
    is_inherited = BooleanField(default=False)
    first_response_s = IntegerField(null=True)
    next_response_s = IntegerField(null=True)
    resolution_s = IntegerField(null=True)
    warn_s = IntegerField(default=0)
    goal = IntegerField(default=0)
    saved_at = InstantField()
    saved_by = ForeignKeyField(User, null=True, index=False, on_delete="SET NULL")

    class Meta:
        table_name = "service_levels"


ServiceLevel.add_index(
    ServiceLevel.index(SQL("COALESCE(topic_id, 0)"), ServiceLevel.version, unique=True, name="service_levels_version")
)


class DeadlineMove(BaseModel):
    """Open chats whose deadlines are counted again, some at a time, since business hours or a promise have changed.

    `service_level` is what they are promised from then on; None when the hours have changed. Chats up to `last_chat_id`
    are done; those after `until_chat_id` came after the change.
    """

    service_level = ForeignKeyField(ServiceLevel, null=True, index=False, on_delete="CASCADE")
    last_chat_id = IntegerField(default=0)
    until_chat_id = IntegerField()

    class Meta:
        table_name = "deadline_moves"
