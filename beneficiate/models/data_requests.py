"""Requests of people about their personal data, and what happened to each (Ley 1581 de 2012, articles 14 and 15)."""

from peewee import SQL, CharField, DateField, ForeignKeyField, IntegerField, TextField

from beneficiate.models.accounts import User
from beneficiate.models.base import BaseModel, InstantField


class DataRequest(BaseModel):
    """A request of `user`, whom `filed_by` of the staff may have helped.

    `counted_from` is the day in Bogotá on which it was received, complete; `due_on` the last day of the present term:
    ours, or that of the person while information is missing. `first_due_on` is what it was before an extension.
    `warned_at` and `breached_at`: when supervisors were told that it ends soon, and that it has ended.
    """

    user = ForeignKeyField(User, index=False, backref="data_requests", on_delete="CASCADE")
    filed_by = ForeignKeyField(User, null=True, index=False, backref="filed_requests", on_delete="SET NULL")
    assignee = ForeignKeyField(User, null=True, index=False, backref="assigned_requests", on_delete="SET NULL")
    kind = CharField(max_length=16)
    subject = CharField(max_length=16, default="")
    text = TextField()
    state = CharField(max_length=20)
    received_at = InstantField()
    counted_from = DateField()
    due_on = DateField()
    first_due_on = DateField(null=True)
    asked_at = InstantField(null=True)
    decision = CharField(max_length=16, default="")
    answer = TextField(default="")
    closed_at = InstantField(null=True)
    warned_at = InstantField(null=True)
    breached_at = InstantField(null=True)
    version = IntegerField(default=1)

    class Meta:
        table_name = "data_requests"
        indexes = ((("user", "id"), False), (("filed_by", "id"), False), (("due_on", "id"), False))


OPEN = SQL("closed_at IS NULL")
DataRequest.add_index(DataRequest.index(DataRequest.due_on, DataRequest.id, where=OPEN, name="data_requests_open"))


class DataRequestEvent(BaseModel):
    """Something that happened to a request, with the name and the role of who did it as they were then.

    `text` is what was asked, supplied or given as a reason. Rows are only ever inserted.
    """

    request = ForeignKeyField(DataRequest, backref="events", on_delete="CASCADE")
    kind = CharField(max_length=16)
    at = InstantField()
    actor_name = CharField(default="")
    actor_role = CharField(max_length=16)
    text = TextField(default="")

    class Meta:
        table_name = "data_request_events"
