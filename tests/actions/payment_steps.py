"""Steps of the payment tests: plans, members who buy them on a Monday morning, Wompi's transactions."""

from datetime import UTC, datetime, timedelta
from itertools import count

from beneficiate.actions.payments import Purchase, open_payment, store_link
from beneficiate.actions.settlements import SettleTransaction, settle_transactions
from beneficiate.domain.billing.signature import TRANSACTION_UPDATED, SignedEvent
from beneficiate.domain.billing.wompi import WompiTransaction
from beneficiate.models.audit import AuditEntry
from beneficiate.models.base import write_transaction
from beneficiate.models.payments import Payment, PaymentReview, Plan, PlanEmail, Subscription
from beneficiate.protocol import channels
from beneficiate.unit_of_work import SYSTEM, BatchItem, UnitOfWork
from tests.audit import reason_of
from tests.domain.booking.moments import at
from tests.unit_of_work import call

NOW = at("2026-11-23 08:00")
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SITE_URL = "https://x.co"
_numbers = count(1)


def run_committed(action, command, actor, now=None):
    """Run an action in a transaction of its own, which others see once it is committed."""
    uow = UnitOfWork(actor, now or datetime.now(UTC))
    with write_transaction():
        result = call(action, uow, command)
    return result, uow.outgoing


def get_plan(code="FAMILY", price=480_000, days=365, **columns):
    """Return a plan on sale, created once per code."""
    given = {"name": f"Plan {code.capitalize()}", "description": "", "price": price, "duration_days": days,
             "max_beneficiaries": 4, **columns}  # fmt: skip
    return Plan.get_or_create(code=code, defaults=given)[0]


def get_cheap_plan():
    """Return a cheaper plan."""
    return get_plan("SINGLE", 250_000, max_beneficiaries=0)


def purchase_command(plan_row=None, environment="test", lifetime=HOUR):
    return Purchase((plan_row or get_plan()).id, environment, lifetime, SITE_URL)


def open_checkout(act, person, plan_row=None, now=NOW, **changes):
    """Open a payment of a member and return its checkout state."""
    return act(open_payment, purchase_command(plan_row, **changes), person.actor, now)[0]


def payment_with_link(act, person, plan_row=None, now=NOW, **changes):
    """Return the id of a payment that has its link."""
    payment_id = open_checkout(act, person, plan_row, now, **changes).payment_id
    act(store_link, (payment_id, f"test_{next(_numbers)}"), SYSTEM, now)
    return payment_id


def wompi_transaction(payment_id, status="APPROVED", **changes):
    """Return a transaction of a payment, as Wompi's API does."""
    row = load_payment(payment_id)
    given = {
        "id": f"1-{next(_numbers)}-17000",
        "status": status,
        "amount_in_cents": row.amount * 100,
        "currency": "COP",
        "reference": f"{row.link_id}_1700000000_x7Q",
        "link_id": row.link_id,
        "method": "CARD",
        "method_detail": "VISA 4242",
        "reason": "",
        "created_at": None,
    }
    return WompiTransaction(**{**given, **changes})


def settle_one(act, transaction_, now=NOW, environment="test", event_id=None):
    """Settle a transaction and return its outcome."""
    return act(settle_transactions, SettleTransaction(transaction_, environment, event_id), SYSTEM, now)[0]


def settle_batch(transactions, now=NOW):
    """Settle transactions in one batch; return their outcomes and the emitted events."""
    uow = UnitOfWork(SYSTEM, now)
    return settle_transactions.function(
        uow, [BatchItem(SYSTEM, SettleTransaction(one, "test")) for one in transactions]
    ), uow.outgoing


def paid_payment(act, person, plan_row=None, now=NOW):
    """Return the id of a payment whose plan was activated."""
    payment_id = payment_with_link(act, person, plan_row, now)
    assert settle_one(act, wompi_transaction(payment_id), now) == "ACTIVATED"
    return payment_id


def signed_event(transaction_id="1-1-17000", status="APPROVED", name=TRANSACTION_UPDATED, checksum="aa"):
    """Return an event whose signature is valid."""
    return SignedEvent(name, checksum, transaction_id, status)


def load_payment(payment_id):
    return Payment.get_by_id(payment_id)


def update_columns(payment_id, **columns):
    """Set columns of a payment directly."""
    Payment.update(**columns).where(Payment.id == payment_id).execute()


def plan_periods_of(who):
    """Return the plan periods of a member in order: code, part, start, end."""
    rows = Subscription.select(Subscription, Plan).join(Plan).where(Subscription.user == who.id)
    found = rows.order_by(Subscription.starts_at, Subscription.id)
    return [(row.plan.code, row.part, row.starts_at, row.ends_at) for row in found]


def reviews_of(payment_id):
    """Return the reviews of a payment: kind, transaction, whether it is open."""
    rows = PaymentReview.select().where(PaymentReview.payment == payment_id).order_by(PaymentReview.id)
    return [(row.kind, row.transaction_id, row.resolved_at is None) for row in rows]


def plan_emails_of(who):
    rows = PlanEmail.select().where(PlanEmail.user == who.id).order_by(PlanEmail.id)
    return [(row.kind, row.ends_at, row.payment_id) for row in rows]


def audit_entries():
    """Return what the staff did."""
    rows = AuditEntry.select().where(AuditEntry.actor_role != SYSTEM.role).order_by(AuditEntry.id)
    return [(row.what, row.subject, row.actor_id, row.actor_role, row.address, reason_of(row)) for row in rows]


def event_names(outgoing):
    """Return the types of the emitted events, and check that only the right channels get them."""
    return [(type(one.event).__name__, one.channels) for one in outgoing]


def member_and_supervisor_channels(who):
    return (channels.user_channel(who.id), channels.SUPERVISORS_CHANNEL)
