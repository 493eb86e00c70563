"""What happened, as rows that are only ever inserted. Every figure is counted over them, never over current states."""

from peewee import SQL, BigAutoField, CharField, IntegerField, TextField, fn

from beneficiate.models.base import BaseModel, InstantField
from beneficiate.text_limits import MAX_TOPIC_CODE_CHARS


class Fact(BaseModel):
    """Something that happened to a chat, an appointment or a payment: see `domain/facts.py` for the kinds.

    The agent's name and code and the topic are those of that moment. The row refers to no other, since it outlives them
    all, and names no member. `span` counts the parts of a chat: 1, and one more each time that it is reopened.
    `duration_s` is in whole seconds, `value` the score of a rating or the pesos of a payment, `starts_at` the time of
    an appointment after the change.
    """

    id = BigAutoField()
    at = InstantField()
    kind = CharField(max_length=16)
    detail = CharField(max_length=16, default="")
    chat_id = IntegerField(null=True)
    span = IntegerField(null=True)
    appointment_id = IntegerField(null=True)
    payment_id = CharField(max_length=36, null=True)
    agent_id = IntegerField(null=True)
    agent_name = TextField(default="")
    agent_code = CharField(max_length=32, default="")
    actor_role = CharField(max_length=16)
    topic = CharField(max_length=MAX_TOPIC_CODE_CHARS, default="")
    duration_s = IntegerField(null=True)
    value = IntegerField(null=True)
    starts_at = InstantField(null=True)

    class Meta:
        table_name = "facts"
        indexes = ((("kind", "at"), False),)


Fact.add_index(Fact.index(Fact.chat_id, Fact.id, where=SQL("chat_id IS NOT NULL"), name="facts_chat"))
Fact.add_index(
    Fact.index(Fact.appointment_id, Fact.id, where=SQL("appointment_id IS NOT NULL"), name="facts_appointment")
)
Fact.add_index(Fact.index(Fact.starts_at, where=SQL("starts_at IS NOT NULL"), name="facts_starting"))

MEASURE = fn.COALESCE(Fact.duration_s, Fact.value)
"""What a fact measures: seconds, a score or pesos; NULL if nothing."""
