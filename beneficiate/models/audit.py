"""The audit log of what the staff did. Rows are only ever inserted."""

from peewee import CharField, ForeignKeyField, TextField

from beneficiate.models.accounts import User
from beneficiate.models.base import BaseModel, InstantField


class AuditEntry(BaseModel):
    """Who did what to what, from which address, and why. `before` and `after` are JSON."""

    at = InstantField(index=True)
    actor = ForeignKeyField(User, null=True, on_delete="SET NULL")
    actor_role = CharField(max_length=16)
    address = CharField(max_length=64)
    what = CharField(max_length=48)
    subject = CharField(max_length=64, index=True)
    before = TextField(default="{}")
    after = TextField(default="{}")
    reason = TextField(default="")

    class Meta:
        table_name = "audit_entries"
