"""How much of their quotas people have used."""

from peewee import CharField, ForeignKeyField, IntegerField

from beneficiate.models.accounts import User
from beneficiate.models.base import BaseModel, InstantField


class QuotaUse(BaseModel):
    """What a person has used of one quota since `began_at`; after its period it begins anew."""

    user = ForeignKeyField(User, on_delete="CASCADE")
    quota = CharField(max_length=16)
    used = IntegerField(default=0)
    began_at = InstantField(index=True)

    class Meta:
        table_name = "quota_uses"
        indexes = ((("user", "quota"), True),)
