"""What members pay for: plans, and the periods during which they run."""

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, TextField

from beneficiate.models.base import InstantField, Row
from beneficiate.models.people import User


class Plan(Row):
    """A health membership. `price` is in whole pesos."""

    code = CharField(unique=True, max_length=32)
    name = CharField()
    description = TextField()
    price = IntegerField()
    currency = CharField(max_length=3, default="COP")
    duration_days = IntegerField()
    max_beneficiaries = IntegerField()
    is_active = BooleanField(default=True)

    class Meta:
        table_name = "plans"


class Subscription(Row):
    """A plan that runs for a member from `starts_at` to just before `ends_at`."""

    user = ForeignKeyField(User, on_delete="CASCADE")
    plan = ForeignKeyField(Plan, on_delete="RESTRICT")
    starts_at = InstantField()
    ends_at = InstantField()
    created_at = InstantField()

    class Meta:
        table_name = "subscriptions"
        indexes = ((("user", "ends_at"), False),)
