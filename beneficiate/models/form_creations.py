"""What forms have created, so that a form that is sent twice creates once."""

from peewee import CharField, ForeignKeyField, IntegerField

from beneficiate.models.accounts import User
from beneficiate.models.base import BaseModel, InstantField
from beneficiate.text_limits import HASH_CHARS


class FormCreation(BaseModel):
    """The row that a form of a person has created. `key` is the digest of the form's token and of what was typed."""

    user = ForeignKeyField(User, index=False, on_delete="CASCADE")
    key = CharField(max_length=HASH_CHARS)
    row_id = IntegerField(default=0)
    created_at = InstantField(index=True)

    class Meta:
        table_name = "form_creations"
        indexes = ((("user", "key"), True),)
