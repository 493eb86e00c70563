"""What Wompi's transactions do to payments and plans: one activation each, whatever comes how often in which order.

Only a transaction that was read from Wompi with the private key comes here, never one out of an event or a browser.
"""

from dataclasses import dataclass
from typing import Any

from beneficiate.actions import audit, payments
from beneficiate.actions.books import Books, open_books
from beneficiate.billing import outcome
from beneficiate.billing.outcome import APPROVED, EXPIRED, PENDING, VOIDED, Decision, Kind
from beneficiate.billing.wompi import WompiTransaction
from beneficiate.errors import AlreadySettled, NotFound
from beneficiate.models.payments import Payment, Review, Transaction
from beneficiate.queries.access import require_supervisor
from beneficiate.queries.payments import access_payment
from beneficiate.store import Order, Work, batched

ACTIVATED, REVOKED, FLAGGED, RECORDED, UNKNOWN_LINK = "ACTIVATED", "REVOKED", "FLAGGED", "RECORDED", "UNKNOWN_LINK"


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


@batched(limit=100)
def settle(work: Work, orders: list[Order[Settle]]) -> list[str]:
    """Carry out what each transaction means; the outcome of each. UNKNOWN_LINK leaves its event as it is."""
    links = {link for order in orders for link in order.command.transaction.possible_links}
    books = open_books(Payment.link_id.in_(links))
    by_link = {payment.link_id: payment for payment in books.payments}
    results = [_settle(work, books, by_link, order.command) for order in orders]
    books.write(work)
    return results


def activate(work: Work, command: Activate) -> str | None:
    """Start a plan by hand; the link that nobody should pay any more. Raises NotFound, AlreadySettled."""
    require_supervisor(work.actor)
    books = open_books(Payment.id == access_payment(work.actor, command.payment_id).id)
    payment = books.payments[0]
    if payment.activated_at is not None:
        raise AlreadySettled
    subject, before = f"payment:{payment.id}", payment.status
    audit.record(work, "payments.activate", subject, command.address, command.reason, status=(before, APPROVED))
    books.activate(work, payment, "", work.actor.user_id)
    books.write(work)
    link_id: str | None = payment.link_id
    return link_id


def resolve(work: Work, command: Resolve) -> None:
    """Close a review with a note. Raises NotFound, AlreadySettled when somebody did so before."""
    require_supervisor(work.actor)
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


def _settle(work: Work, books: Books, by_link: dict[str, Payment], command: Settle) -> str:
    heard = command.transaction
    payment = _payment_of(by_link, heard, command.environment)
    if payment is None:
        return UNKNOWN_LINK
    known, _ = books.attempts[payment.id].get(heard.id, (None, None))
    status = outcome.advance(known, heard.status)
    if known != status:
        _remember(work, books, payment, heard, status, is_new=known is None)
    decision = outcome.decide(books.standing(payment), heard.id, status, heard.paid)
    result = _carry_out(work, books, payment, heard.id, decision)
    if status == VOIDED:
        _close_double(work, payment.id, heard.id)
    if result != ACTIVATED:
        _update_status(work, books, payment, is_news=known != status or result != RECORDED)
    if command.event_id is not None:
        books.close_event(work, command.event_id, payment.id, result)
    return result


def _payment_of(by_link: dict[str, Payment], heard: WompiTransaction, environment: str) -> Payment | None:
    """The payment whose link this transaction was made with; None when it is of no link of ours."""
    found = [by_link[link] for link in heard.possible_links if link in by_link]
    return found[0] if len(found) == 1 and found[0].environment == environment else None


def _remember(
    work: Work, books: Books, payment: Payment, heard: WompiTransaction, status: str, *, is_new: bool
) -> None:
    books.attempts[payment.id][heard.id] = (status, heard.paid)
    columns: dict[str, Any] = {
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
        books.add_attempt(
            {"id": heard.id, "payment": payment.id, "reference": heard.reference, "created_at": created_at, **columns}
        )
    else:
        books.write(work)
        Transaction.update(columns).where(Transaction.id == heard.id).execute()


def _carry_out(work: Work, books: Books, payment: Payment, transaction_id: str, decision: Decision) -> str:
    is_new = decision.review is not None and payments.open_review(work, payment.id, decision.review, transaction_id)
    if decision.review is Kind.WRONG_AMOUNT:
        payment.is_open = False
    if decision.activates:
        books.activate(work, payment, transaction_id, None)
        return ACTIVATED
    if decision.adopts:
        books.change(work, payment, paid_by=transaction_id)
    if decision.revokes:
        books.revoke(work, payment)
        return REVOKED
    return FLAGGED if is_new else RECORDED


def _update_status(work: Work, books: Books, payment: Payment, *, is_news: bool) -> None:
    attempts = books.attempts[payment.id].values()
    otherwise = EXPIRED if payment.status == EXPIRED else PENDING
    status = outcome.status_of(books.standing(payment), attempts, otherwise)
    if is_news or status != payment.status:
        books.change(work, payment, status=status)


def _close_double(work: Work, payment_id: str, transaction_id: str) -> None:
    """The second charge was voided at Wompi: nobody needs to look at it any more."""
    is_it = (Review.payment == payment_id) & (Review.transaction_id == transaction_id)
    Review.update(resolved_at=work.now, note="Wompi anuló este cobro.").where(
        is_it,
        Review.kind.in_([Kind.DOUBLE_CHARGE, Kind.WRONG_AMOUNT, Kind.LATE_APPROVAL]),
        Review.resolved_at.is_null(),
    ).execute()
