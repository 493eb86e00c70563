"""Plans, the periods during which they run, payments and what Wompi reports about them."""

from peewee import SQL, BigIntegerField, BooleanField, CharField, ForeignKeyField, IntegerField, TextField

from beneficiate.models.accounts import User
from beneficiate.models.base import BaseModel, InstantField


class Plan(BaseModel):
    """A health membership. `price` is in whole pesos."""

    code = CharField(unique=True, max_length=32)
    name = CharField()
    description = TextField()
    price = IntegerField()
    currency = CharField(max_length=3, default="COP")
    duration_days = IntegerField()
    max_beneficiaries = IntegerField()
    is_active = BooleanField(default=True)
    version = IntegerField(default=1)

    class Meta:
        table_name = "plans"


class Payment(BaseModel):
    """A purchase of a plan, with its price (whole pesos), its duration and how many people it covers at that time.

    Without `max_beneficiaries`, which version 0.1 did not store, the plan's number is meant.

    `is_open`: its link may be returned to the member. `link_expires_at` is what Wompi was told. `paid_by` is the
    transaction that activated the plan, `activated_by` the supervisor who did so instead. `check_at` is when to check
    it at Wompi next, `checked_at` when that was last done.
    """

    id = CharField(primary_key=True, max_length=36)
    user = ForeignKeyField(User, on_delete="RESTRICT")
    plan = ForeignKeyField(Plan, on_delete="RESTRICT")
    amount = IntegerField()
    currency = CharField(max_length=3)
    duration_days = IntegerField()
    max_beneficiaries = IntegerField(null=True)
    environment = CharField(max_length=4)
    status = CharField(max_length=10)
    is_open = BooleanField()
    link_id = CharField(unique=True, null=True, max_length=64)
    link_expires_at = InstantField()
    link_claimed_at = InstantField(null=True)
    problem = CharField(max_length=64, default="")
    paid_by = CharField(null=True, max_length=64)
    activated_at = InstantField(null=True)
    activated_by = ForeignKeyField(User, null=True, on_delete="SET NULL", backref="activations")
    revoked_at = InstantField(null=True)
    checked_at = InstantField(null=True)
    check_at = InstantField(null=True)
    created_at = InstantField()
    updated_at = InstantField()

    class Meta:
        table_name = "payments"
        indexes = ((("user", "created_at"), False), (("created_at",), False))


Payment.add_index(
    Payment.index(Payment.user, Payment.plan, unique=True, where=SQL("is_open"), name="payments_one_open")
)
Payment.add_index(Payment.index(Payment.check_at, where=SQL("check_at IS NOT NULL"), name="payments_to_check"))


class Subscription(BaseModel):
    """A period of a member's plan, from `starts_at` to just before `ends_at`.

    One that a more expensive plan interrupted continues as another row, with the next `part`. One that was revoked
    before it began has no length. `max_beneficiaries` is that of its purchase, or else of the plan.
    """

    user = ForeignKeyField(User, on_delete="CASCADE")
    plan = ForeignKeyField(Plan, on_delete="RESTRICT")
    payment = ForeignKeyField(Payment, null=True, on_delete="RESTRICT")
    part = IntegerField(default=0)
    max_beneficiaries = IntegerField(null=True)
    starts_at = InstantField()
    ends_at = InstantField()
    created_at = InstantField()

    class Meta:
        table_name = "subscriptions"
        # The second makes two activations of one payment impossible, whatever two processes do at the same moment.
        indexes = ((("user", "ends_at"), False), (("payment", "part"), True))


Subscription.add_index(Subscription.index(Subscription.ends_at, name="subscriptions_ending"))


class PaymentTransaction(BaseModel):
    """An attempt to pay, as Wompi last returned it. Its id is Wompi's."""

    id = CharField(primary_key=True, max_length=64)
    payment = ForeignKeyField(Payment, on_delete="RESTRICT")
    status = CharField(max_length=32)
    amount_in_cents = BigIntegerField()
    currency = CharField(max_length=8)
    reference = CharField(max_length=255)
    method = CharField(max_length=32, default="")
    method_detail = CharField(max_length=64, default="")
    reason = TextField(default="")
    created_at = InstantField()
    updated_at = InstantField()

    class Meta:
        table_name = "transactions"


EVENT_STORED, EVENT_DONE, EVENT_FAILED = "KEPT", "DONE", "FAILED"


class WompiEvent(BaseModel):
    """A webhook event as received, stored before it is processed.

    KEPT until it is processed, then DONE with its `outcome`; FAILED when that failed for days.
    """

    dedupe_key = CharField(unique=True, max_length=64)
    name = CharField(max_length=64)
    transaction_id = CharField(max_length=64, default="", index=True)
    transaction_status = CharField(max_length=32, default="")
    body = TextField()
    copies = IntegerField(default=1)
    payment = ForeignKeyField(Payment, null=True, on_delete="RESTRICT")
    state = CharField(max_length=8)
    outcome = CharField(max_length=24, default="")
    tries = IntegerField(default=0)
    next_try_at = InstantField(null=True)
    received_at = InstantField()
    processed_at = InstantField(null=True)

    class Meta:
        table_name = "wompi_events"


WompiEvent.add_index(
    WompiEvent.index(WompiEvent.next_try_at, where=SQL("next_try_at IS NOT NULL"), name="wompi_events_due")
)


class PaymentReview(BaseModel):
    """Something about a payment that a person must review, open until it is resolved with a note."""

    payment = ForeignKeyField(Payment, on_delete="RESTRICT")
    kind = CharField(max_length=24)
    transaction_id = CharField(max_length=64, default="")
    opened_at = InstantField()
    resolved_at = InstantField(null=True)
    resolved_by = ForeignKeyField(User, null=True, on_delete="SET NULL")
    note = TextField(default="")

    class Meta:
        table_name = "reviews"
        indexes = ((("payment", "kind", "transaction_id"), True),)


class PlanEmail(BaseModel):
    """An e-mail that a member gets once about a plan: that it began, that it ends at `ends_at`, that it ended.

    `key` makes it unique: the payment of a receipt, the member and the end of a notice.
    """

    user = ForeignKeyField(User, on_delete="CASCADE")
    kind = CharField(max_length=16)
    key = CharField(unique=True, max_length=96)
    plan = ForeignKeyField(Plan, on_delete="RESTRICT")
    ends_at = InstantField()
    payment = ForeignKeyField(Payment, null=True, on_delete="CASCADE")
    created_at = InstantField()
    claimed_at = InstantField(null=True)
    sent_at = InstantField(null=True)
    tries = IntegerField(default=0)

    class Meta:
        table_name = "plan_letters"
        indexes = ((("user", "ends_at"), False),)


PlanEmail.add_index(PlanEmail.index(PlanEmail.created_at, where=SQL("sent_at IS NULL"), name="plan_letters_unsent"))
