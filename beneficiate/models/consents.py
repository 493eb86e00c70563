"""The consents of members, with the version of the text that they read (Ley 1581 de 2012, article 9)."""

from peewee import CharField, ForeignKeyField

from beneficiate.models.accounts import User
from beneficiate.models.base import BaseModel, InstantField
from beneficiate.text_limits import MAX_CONSENT_VERSION_CHARS


class Consent(BaseModel):
    """A member's consent to a text (`kind`, `version`) at `given_at`, until they withdrew it."""

    user = ForeignKeyField(User, on_delete="CASCADE")
    kind = CharField(max_length=32)
    version = CharField(max_length=MAX_CONSENT_VERSION_CHARS)
    address = CharField(max_length=64)
    given_at = InstantField()
    withdrawn_at = InstantField(null=True)

    class Meta:
        table_name = "consents"
