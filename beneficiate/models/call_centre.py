"""The call centre: topics and skills, business hours, canned replies."""

from peewee import BooleanField, CharField, CompositeKey, DateField, ForeignKeyField, IntegerField, TextField

from beneficiate.models.accounts import Agent
from beneficiate.models.base import BaseModel, InstantField
from beneficiate.text_limits import MAX_REPLY_TITLE_CHARS, MAX_SHORTCUT_CHARS, MAX_TOPIC_CODE_CHARS


class Topic(BaseModel):
    """A subject that a member may ask about; agents who know it have it as a skill."""

    code = CharField(unique=True, max_length=MAX_TOPIC_CODE_CHARS)
    name = CharField(max_length=64)
    is_active = BooleanField(default=True)
    version = IntegerField(default=1)

    class Meta:
        table_name = "topics"


class Skill(BaseModel):
    """A topic that an agent knows."""

    agent = ForeignKeyField(Agent, on_delete="CASCADE")
    topic = ForeignKeyField(Topic, on_delete="CASCADE")

    class Meta:
        table_name = "skills"
        primary_key = CompositeKey("agent", "topic")


class QueueLock(BaseModel):
    """The only row is locked by every change of the queue, so that decisions of two processes serialise.

    `hours_revision` is counted by triggers whenever the business hours change.
    """

    changes = IntegerField(default=0)
    hours_revision = IntegerField(default=0)

    class Meta:
        table_name = "routing"


class BusinessHoursBlock(BaseModel):
    """The call centre is open on a weekday (0 is Monday) between two minutes of the day, in Bogotá."""

    weekday = IntegerField()
    starts = IntegerField()
    ends = IntegerField()

    class Meta:
        table_name = "opening_blocks"


class BusinessHoursException(BaseModel):
    """A date on which the call centre is closed, or open at other times (`is_open`)."""

    day = DateField(index=True)
    starts = IntegerField(null=True)
    ends = IntegerField(null=True)
    is_open = BooleanField(default=False)

    class Meta:
        table_name = "opening_exceptions"


class CannedReply(BaseModel):
    """A reply that agents insert with `/shortcut`; `text` may have variables like `{{member.first_name}}`."""

    shortcut = CharField(unique=True, max_length=MAX_SHORTCUT_CHARS)
    title = CharField(max_length=MAX_REPLY_TITLE_CHARS)
    text = TextField()
    uses = IntegerField(default=0)
    is_active = BooleanField(default=True)
    updated_at = InstantField()
    version = IntegerField(default=1)

    class Meta:
        table_name = "canned_replies"
