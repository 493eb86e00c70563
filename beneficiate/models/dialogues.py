"""The booking dialogue of each member."""

from peewee import ForeignKeyField, TextField

from beneficiate.models.accounts import User
from beneficiate.models.base import BaseModel, InstantField


class Dialogue(BaseModel):
    """The draft of a member's booking, as JSON. It survives a reconnection, a restart and a change of device."""

    user = ForeignKeyField(User, unique=True, on_delete="CASCADE")
    draft = TextField()
    updated_at = InstantField()

    class Meta:
        table_name = "dialogues"
