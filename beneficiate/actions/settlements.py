"""What Wompi's transactions do to payments and plans: one activation each, whatever comes how often in which order.

Only a transaction that was read from Wompi with the private key comes here, never one out of an event or a browser.
"""

from dataclasses import dataclass
from datetime import timedelta

from beneficiate.actions import audit, payments
from beneficiate.billing import outcome
from beneficiate.billing.money import to_cents
from beneficiate.billing.outcome import APPROVED, EXPIRED, PENDING, VOIDED, Decision, Kind, Money, Standing
from beneficiate.billing.periods import Period, place, remove
from beneficiate.billing.wompi import WompiTransaction
from beneficiate.errors import AlreadySettled, NotFound, Problem
from beneficiate.models.base import locked
from beneficiate.models.payments import Payment, PlanLetter, Review, Subscription, Transaction, WompiEvent
from beneficiate.models.people import User
from beneficiate.protocol import topics
from beneficiate.protocol.payments import PlanActivated
from beneficiate.queries.payments import access_payment, periods_of
from beneficiate.store import Order, Work, batched, each

ACTIVATED, REVOKED, FLAGGED, RECORDED, UNKNOWN_LINK = "ACTIVATED", "REVOKED", "FLAGGED", "RECORDED", "UNKNOWN_LINK"
DONE = "DONE"
RECEIPT = "receipt"


@dataclass(frozen=True, slots=True)
class Settle:
    """A transaction as Wompi has just told it, of one environment; `event_id` is the event that it is the answer to."""

    transaction: WompiTransaction
    environment: str
    event_id: int | None = None


@dataclass(frozen=True, slots=True)
class Activate:
    """A supervisor starts the plan of a payment without Wompi's word."""

    payment_id: str
    reason: str
    address: str


@dataclass(frozen=True, slots=True)
class Resolve:
    """A supervisor says what was done about a review."""

    payment_id: str
    review_id: int
    note: str
    address: str


@batched(limit=50)
def settle(work: Work, orders: list[Order[Settle]]) -> list[str | Problem]:
    """Carry out what each transaction means; the outcome of each. UNKNOWN_LINK leaves its event as it is."""
    held = _Held([order.command.transaction for order in orders])
    return each(orders, lambda order: _settle(work, order.command, held))


def activate(work: Work, command: Activate) -> None:
    """Start a plan by hand. Raises NotFound, AlreadySettled when it was started before."""
    payment = access_payment(work.actor, command.payment_id)
    _hold_users([payment.user_id])
    payment = locked(Payment.select().where(Payment.id == payment.id)).get()
    if payment.activated_at is not None:
        raise AlreadySettled
    subject, before = f"payment:{payment.id}", payment.status
    audit.record(work, "payments.activate", subject, command.address, command.reason, status=(before, APPROVED))
    _activate(work, payment, "", work.actor.user_id)
    _say_activated(work, payment.id)


def resolve(work: Work, command: Resolve) -> None:
    """Close a review with a note. Raises NotFound, AlreadySettled when somebody did so before."""
    payment = access_payment(work.actor, command.payment_id)
    review = Review.get_or_none(Review.id == command.review_id, Review.payment == payment.id)
    if review is None:
        raise NotFound
    closed = {"resolved_at": work.now, "resolved_by": work.actor.user_id, "note": command.note}
    if not Review.update(closed).where(Review.id == review.id, Review.resolved_at.is_null()).execute():
        raise AlreadySettled
    subject = f"payment:{payment.id}"
    audit.record(work, "payments.resolve", subject, command.address, command.note, review=(review.kind, "resolved"))
    payments.say(work, payment.id)


class _Held:
    """The payments and transactions of a batch, their rows held until it ends: users, then payments, each in order."""

    def __init__(self, heard: list[WompiTransaction]) -> None:
        links = {link for one in heard for link in one.possible_links}
        found = list(Payment.select(Payment.id, Payment.user).where(Payment.link_id.in_(links)).tuples())
        _hold_users([user_id for _, user_id in found])
        query = Payment.select().where(Payment.id.in_([id_ for id_, _ in found])).order_by(Payment.id)
        self._payments = {payment.link_id: payment for payment in locked(query)}
        known = Transaction.select(Transaction.id, Transaction.status).where(Transaction.id.in_([o.id for o in heard]))
        self.known: dict[str, str] = dict(known.tuples())

    def payment_of(self, heard: WompiTransaction, environment: str) -> Payment | None:
        """The payment whose link this transaction was made with; None when it is of no link of ours."""
        found = [self._payments[link] for link in heard.possible_links if link in self._payments]
        return found[0] if len(found) == 1 and found[0].environment == environment else None


def _settle(work: Work, command: Settle, held: _Held) -> str:
    heard = command.transaction
    payment = held.payment_of(heard, command.environment)
    if payment is None:
        return UNKNOWN_LINK
    known = held.known.get(heard.id)
    status = held.known[heard.id] = outcome.advance(known, heard.status)
    if known != status:
        _remember(work, payment, heard, status, is_new=known is None)
    decision = outcome.decide(_standing(payment), heard.id, status, heard.paid)
    result = _carry_out(work, payment, heard.id, decision)
    if status == VOIDED:
        _close_double(work, payment.id, heard.id)
    if result != ACTIVATED:
        _update_status(work, payment, is_news=known != status or result != RECORDED)
    if command.event_id is not None:
        _close_event(work, command.event_id, payment.id, result)
    return result


def _hold_users(user_ids: list[int]) -> None:
    """Whoever changes the plans of a member, or opens a payment of theirs, holds their row first."""
    list(locked(User.select(User.id).where(User.id.in_(user_ids)).order_by(User.id)).tuples())


def _standing(payment: Payment) -> Standing:
    return Standing(
        price=Money(to_cents(payment.amount), payment.currency),
        is_activated=payment.activated_at is not None,
        is_revoked=payment.revoked_at is not None,
        paid_by=payment.paid_by or "",
    )


def _remember(work: Work, payment: Payment, heard: WompiTransaction, status: str, *, is_new: bool) -> None:
    columns = {
        "status": status,
        "amount_in_cents": heard.amount_in_cents,
        "currency": heard.currency,
        "method": heard.method,
        "method_detail": heard.method_detail,
        "reason": heard.reason,
        "updated_at": work.now,
    }
    if is_new:
        created_at = heard.created_at or work.now
        Transaction.insert(
            id=heard.id, payment=payment.id, reference=heard.reference, created_at=created_at, **columns
        ).execute()
    else:
        Transaction.update(columns).where(Transaction.id == heard.id).execute()


def _carry_out(work: Work, payment: Payment, transaction_id: str, decision: Decision) -> str:
    is_new = decision.review is not None and payments.open_review(work, payment.id, decision.review, transaction_id)
    if decision.review is Kind.WRONG_AMOUNT and payment.is_open:
        Payment.update(is_open=False).where(Payment.id == payment.id).execute()
    if decision.activates:
        _activate(work, payment, transaction_id, None)
        _say_activated(work, payment.id)
        return ACTIVATED
    if decision.revokes:
        _revoke(work, payment)
        return REVOKED
    return FLAGGED if is_new else RECORDED


def _activate(work: Work, payment: Payment, paid_by: str, activated_by: int | None) -> None:
    """Give the plan its time. The unique index on (payment, part) makes doing so twice impossible."""
    length = timedelta(days=payment.duration_days)
    placed = place(periods_of(payment.user_id), payment.amount, length, work.now)
    for period in placed.moved:
        _move(period)
    if placed.rest is not None:
        _split(work, placed.rest)
    Subscription.insert(
        user=payment.user_id,
        plan=payment.plan_id,
        payment=payment.id,
        starts_at=placed.starts_at,
        ends_at=placed.ends_at,
        created_at=work.now,
    ).execute()
    letter = {"user": payment.user_id, "kind": RECEIPT, "ends_at": placed.ends_at, "payment": payment.id}
    PlanLetter.insert(created_at=work.now, **letter).on_conflict_ignore().execute()
    payment.status, payment.is_open = APPROVED, False
    payment.activated_at, payment.paid_by, payment.activated_by = work.now, paid_by, activated_by
    payment.updated_at = work.now
    payment.save()


def _split(work: Work, rest: Period) -> None:
    """The rest of a stretch that a dearer plan has cut in two, as a row of its own."""
    cut = Subscription.get_by_id(rest.id)
    same = Subscription.payment == cut.payment_id if cut.payment_id else Subscription.id == cut.id
    parts = [row.part for row in Subscription.select(Subscription.part).where(same)]
    Subscription.insert(
        user=cut.user_id,
        plan=cut.plan_id,
        payment=cut.payment_id,
        part=max(parts) + 1,
        starts_at=rest.starts_at,
        ends_at=rest.ends_at,
        created_at=work.now,
    ).execute()


def _revoke(work: Work, payment: Payment) -> None:
    """Take back the time that is still ahead; what came after it moves forward."""
    own = {row.id for row in Subscription.select(Subscription.id).where(Subscription.payment == payment.id)}
    for period in remove(periods_of(payment.user_id), own, work.now):
        _move(period)
    payment.revoked_at = work.now
    payment.save()


def _move(period: Period) -> None:
    Subscription.update(starts_at=period.starts_at, ends_at=period.ends_at).where(
        Subscription.id == period.id
    ).execute()


def _update_status(work: Work, payment: Payment, *, is_news: bool) -> None:
    attempts = Transaction.select(Transaction.status, Transaction.amount_in_cents, Transaction.currency).where(
        Transaction.payment == payment.id
    )
    heard = [(status, Money(amount, currency)) for status, amount, currency in attempts.tuples()]
    status = outcome.status_of(_standing(payment), heard, EXPIRED if payment.status == EXPIRED else PENDING)
    is_changed = status != payment.status
    if is_changed:
        payment.status, payment.updated_at = status, work.now
        payment.save()
    if is_news or is_changed:
        payments.say(work, payment.id)


def _close_double(work: Work, payment_id: str, transaction_id: str) -> None:
    """The second charge was voided at Wompi: nobody needs to look at it any more."""
    is_it = (Review.payment == payment_id) & (Review.transaction_id == transaction_id)
    Review.update(resolved_at=work.now, note="Wompi anuló este cobro.").where(
        is_it,
        Review.kind.in_([Kind.DOUBLE_CHARGE, Kind.WRONG_AMOUNT, Kind.LATE_APPROVAL]),
        Review.resolved_at.is_null(),
    ).execute()


def _close_event(work: Work, event_id: int, payment_id: str, result: str) -> None:
    WompiEvent.update(state=DONE, outcome=result, payment=payment_id, processed_at=work.now, next_try_at=None).where(
        WompiEvent.id == event_id
    ).execute()


def _say_activated(work: Work, payment_id: str) -> None:
    picture = payments.say(work, payment_id)
    if picture.ends_at is not None:
        event = PlanActivated(payment=picture, plan=picture.plan, ends_at=picture.ends_at)
        work.emit(event, to=[topics.user(picture.user_id), topics.SUPERVISORS])
