"""Payments: links, transactions, what Wompi said, what people must look at, what members are told, the audit."""

from peewee import (
    BigIntegerField,
    BooleanField,
    CharField,
    Field,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)

from beneficiate.migrations.online import add_columns


class InstantField(Field):
    field_type = "TIMESTAMPTZ"


class Plan(Model):
    class Meta:
        table_name = "plans"


class User(Model):
    class Meta:
        table_name = "users"


class Payment(Model):
    id = CharField(primary_key=True, max_length=36)
    user = ForeignKeyField(User, on_delete="RESTRICT")
    plan = ForeignKeyField(Plan, on_delete="RESTRICT")
    amount = IntegerField()
    currency = CharField(max_length=3)
    duration_days = IntegerField()
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


class Transaction(Model):
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


class WompiEvent(Model):
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


class Review(Model):
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


class PlanLetter(Model):
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


class AuditEntry(Model):
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


KNOWN = [Plan, User]
TABLES = [Payment, Transaction, WompiEvent, Review, PlanLetter, AuditEntry]

NEW_COLUMNS = {
    "payment_id": "VARCHAR(36) REFERENCES payments (id) ON DELETE RESTRICT",
    "part": "INTEGER NOT NULL DEFAULT 0",
}

INDEXES = [
    "CREATE INDEX subscriptions_payment_id ON subscriptions (payment_id)",
    "CREATE UNIQUE INDEX subscription_payment_id_part ON subscriptions (payment_id, part)",
    "CREATE INDEX subscriptions_ending ON subscriptions (ends_at)",
    "CREATE UNIQUE INDEX payments_one_open ON payments (user_id, plan_id) WHERE is_open",
    "CREATE INDEX payments_to_check ON payments (check_at) WHERE check_at IS NOT NULL",
    "CREATE INDEX wompi_events_due ON wompi_events (next_try_at) WHERE next_try_at IS NOT NULL",
    "CREATE INDEX plan_letters_unsent ON plan_letters (created_at) WHERE sent_at IS NULL",
]


def up(migrator, db):
    with db.bind_ctx([*KNOWN, *TABLES]):
        db.create_tables(TABLES, safe=False)
    add_columns(db, "subscriptions", NEW_COLUMNS)
    for statement in INDEXES:
        db.execute_sql(statement)
