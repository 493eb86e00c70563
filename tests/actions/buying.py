"""What the tests of payments ask for: plans, a member who buys them on a Monday morning, what Wompi tells of it."""

from datetime import UTC, datetime, timedelta
from itertools import count

from beneficiate.actions.payments import Purchase, open_payment, store_link
from beneficiate.actions.settlements import Settle, settle
from beneficiate.billing.signature import TRANSACTION_UPDATED, SignedEvent
from beneficiate.billing.wompi import WompiTransaction
from beneficiate.models.audit import AuditEntry
from beneficiate.models.base import transaction
from beneficiate.models.payments import Payment, Plan, PlanLetter, Review, Subscription
from beneficiate.protocol import topics
from beneficiate.store import SYSTEM, Order, Work
from tests.scheduling.moments import at

NOW = at("2026-11-23 08:00")
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SITE = "https://x.co"
_numbers = count(1)


def direct(action, command, actor, now=None):
    """What the fixture `act` does, in a transaction that others see once it is over."""
    work = Work(actor, now or datetime.now(UTC))
    with transaction():
        result = action(work, [Order(actor, command)])[0] if hasattr(action, "batch_limit") else action(work, command)
    if isinstance(result, Exception):
        raise result
    return result, work.emissions


def plan(code="FAMILY", price=480_000, days=365, **columns):
    """A plan on sale; asked for again it is the same one."""
    given = {"name": f"Plan {code.capitalize()}", "description": "", "price": price, "duration_days": days,
             "max_beneficiaries": 4, **columns}  # fmt: skip
    return Plan.get_or_create(code=code, defaults=given)[0]


def single():
    """A cheaper plan."""
    return plan("SINGLE", 250_000, max_beneficiaries=0)


def purchase(of=None, environment="test", lasts=HOUR):
    return Purchase((of or plan()).id, environment, lasts, SITE)


def opened(act, who, of=None, now=NOW, **changes):
    """What a member gets who wants to pay for a plan."""
    return act(open_payment, purchase(of, **changes), who.actor, now)[0]


def linked(act, who, of=None, now=NOW, **changes):
    """The id of a payment that has its link."""
    payment_id = opened(act, who, of, now, **changes).payment_id
    act(store_link, (payment_id, f"test_{next(_numbers)}"), SYSTEM, now)
    return payment_id


def heard(payment_id, status="APPROVED", **changes):
    """A transaction of a payment, as Wompi tells it."""
    row = payment(payment_id)
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


def settled(act, one, now=NOW, environment="test", event_id=None):
    """What a transaction did."""
    return act(settle, Settle(one, environment, event_id), SYSTEM, now)[0]


def settled_together(heard_ones, now=NOW):
    """What the transactions of one batch did, and what was said."""
    work = Work(SYSTEM, now)
    return settle(work, [Order(SYSTEM, Settle(one, "test")) for one in heard_ones]), work.emissions


def paid(act, who, of=None, now=NOW):
    """The id of a payment that has started its plan."""
    payment_id = linked(act, who, of, now)
    assert settled(act, heard(payment_id), now) == "ACTIVATED"
    return payment_id


def event_of(transaction_id="1-1-17000", status="APPROVED", name=TRANSACTION_UPDATED, checksum="aa"):
    """An event whose signature was found to be right."""
    return SignedEvent(name, checksum, transaction_id, status)


def payment(payment_id):
    return Payment.get_by_id(payment_id)


def put(payment_id, **columns):
    """Put a payment into a state, as if it had come there somehow."""
    Payment.update(**columns).where(Payment.id == payment_id).execute()


def stretches(who):
    """The plans of a member as they follow one another: code, part, from, until."""
    rows = Subscription.select(Subscription, Plan).join(Plan).where(Subscription.user == who.id)
    found = rows.order_by(Subscription.starts_at, Subscription.id)
    return [(row.plan.code, row.part, row.starts_at, row.ends_at) for row in found]


def reviews(payment_id):
    """What a person must look at: kind, transaction, whether it is still open."""
    rows = Review.select().where(Review.payment == payment_id).order_by(Review.id)
    return [(row.kind, row.transaction_id, row.resolved_at is None) for row in rows]


def letters(who):
    rows = PlanLetter.select().where(PlanLetter.user == who.id).order_by(PlanLetter.id)
    return [(row.kind, row.ends_at, row.payment_id) for row in rows]


def audit():
    rows = AuditEntry.select().order_by(AuditEntry.id)
    return [(row.what, row.subject, row.actor_id, row.actor_role, row.address, row.reason) for row in rows]


def told(said):
    """The words of what was said, and that nobody else heard them than who should."""
    return [(type(one.event).__name__, one.to) for one in said]


def member_and_supervisors(who):
    return (topics.user(who.id), topics.SUPERVISORS)
