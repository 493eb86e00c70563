"""Settlement of Wompi's transactions.

Each payment activates its plan once, however often and in whatever order transactions arrive. Only
transactions that were read from Wompi's API with the private key arrive here, never those of an event or browser.
"""

from dataclasses import dataclass

from beneficiate.actions import audit, payments
from beneficiate.actions.board import emit_board_outdated
from beneficiate.actions.settlement_batch import SettlementBatch, load_settlement_batch
from beneficiate.domain.billing import outcome
from beneficiate.domain.billing.outcome import (
    APPROVED,
    DECLINED,
    ERROR,
    EXPIRED,
    PENDING,
    VOIDED,
    Decision,
    ReviewKind,
)
from beneficiate.domain.billing.wompi import WompiTransaction
from beneficiate.domain.notices import PAYMENT_DECLINED, PAYMENT_IN_REVIEW, PAYMENT_REFUNDED, PAYMENT_VOIDED
from beneficiate.errors import AlreadySettled, NotFound
from beneficiate.models.payments import Payment, PaymentReview, PaymentTransaction
from beneficiate.queries.access import require_supervisor
from beneficiate.queries.payments import access_payment
from beneficiate.unit_of_work import BatchItem, UnitOfWork, batched

_REVIEWS_ENDED_BY_VOID = (
    ReviewKind.DOUBLE_CHARGE,
    ReviewKind.WRONG_AMOUNT,
    ReviewKind.LATE_APPROVAL,
    ReviewKind.TWO_PLANS,
)
ACTIVATED, REVOKED, FLAGGED, RECORDED, UNKNOWN_LINK = "ACTIVATED", "REVOKED", "FLAGGED", "RECORDED", "UNKNOWN_LINK"
_PROBLEMS = {
    (DECLINED, DECLINED): PAYMENT_DECLINED,
    (ERROR, DECLINED): PAYMENT_DECLINED,
    (DECLINED, EXPIRED): PAYMENT_DECLINED,
    (ERROR, EXPIRED): PAYMENT_DECLINED,
    (VOIDED, VOIDED): PAYMENT_VOIDED,
    (VOIDED, APPROVED): PAYMENT_REFUNDED,
}
"""What a member is told, by the new status of a transaction and that of its payment after it."""
_AUDITED_OUTCOMES = {ACTIVATED: "payments.settle", REVOKED: "payments.revoke", FLAGGED: "payments.flag"}


@dataclass(frozen=True, slots=True)
class SettleTransaction:
    """A transaction as Wompi's API has just returned it, and the event (`event_id`) that caused the request."""

    transaction: WompiTransaction
    environment: str
    event_id: int | None = None


@dataclass(frozen=True, slots=True)
class ActivatePlanManually:
    """A supervisor activates the plan of a payment without a transaction of Wompi."""

    payment_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class CloseReview:
    """A supervisor closes a review with a note about what was done."""

    payment_id: str
    review_id: int
    note: str


@batched(limit=100)
def settle_transactions(uow: UnitOfWork, items: list[BatchItem[SettleTransaction]]) -> list[str]:
    """Settle transactions and return the outcome of each. UNKNOWN_LINK leaves its event unprocessed."""
    links = {link for item in items for link in item.command.transaction.possible_link_ids}
    batch = load_settlement_batch(Payment.link_id.in_(links))
    by_link = {payment.link_id: payment for payment in batch.payments}
    results = [_settle_transaction(uow, batch, by_link, item.command) for item in items]
    batch.flush(uow)
    return results


def activate_plan_manually(uow: UnitOfWork, command: ActivatePlanManually) -> str | None:
    """Activate a plan by hand; return the link to close at Wompi, if any. Raises NotFound, AlreadySettled."""
    require_supervisor(uow.actor)
    batch = load_settlement_batch(Payment.id == access_payment(uow.actor, command.payment_id).id)
    payment = batch.payments[0]
    if payment.activated_at is not None:
        raise AlreadySettled
    subject, old_status = f"payment:{payment.id}", payment.status
    changes = {"status": (old_status, APPROVED)}
    audit.record_audit(uow, "payments.activate", subject, command.reason, changes, payment.user_id)
    batch.activate_plan(uow, payment, "", uow.actor.user_id)
    batch.flush(uow)
    link_id: str | None = payment.link_id
    return link_id


def close_review(uow: UnitOfWork, command: CloseReview) -> None:
    """Close a review with a note. Raises NotFound, AlreadySettled when it is closed already."""
    require_supervisor(uow.actor)
    payment = access_payment(uow.actor, command.payment_id)
    review = PaymentReview.get_or_none(PaymentReview.id == command.review_id, PaymentReview.payment == payment.id)
    if review is None:
        raise NotFound
    changes = {"resolved_at": uow.now, "resolved_by": uow.actor.user_id, "note": command.note}
    if (
        not PaymentReview.update(changes)
        .where(PaymentReview.id == review.id, PaymentReview.resolved_at.is_null())
        .execute()
    ):
        raise AlreadySettled
    subject, closed = f"payment:{payment.id}", {"review": (review.kind, "resolved")}
    audit.record_audit(uow, "payments.resolve", subject, command.note, closed, payment.user_id)
    payments.emit_payment_updated(uow, payment.id)
    emit_board_outdated(uow)


def _settle_transaction(
    uow: UnitOfWork, batch: SettlementBatch, by_link: dict[str, Payment], command: SettleTransaction
) -> str:
    transaction = command.transaction
    payment = _find_payment(by_link, transaction, command.environment)
    if payment is None:
        return UNKNOWN_LINK
    known_status, _ = batch.transactions[payment.id].get(transaction.id, (None, None))
    status = outcome.advance_transaction_status(known_status, transaction.status)
    if known_status != status:
        _record_transaction(uow, batch, payment, transaction, status, is_new=known_status is None)
    decision = outcome.decide_settlement(batch.payment_state(payment), transaction.id, status, transaction.paid)
    old_status = payment.status
    result = _apply_decision(uow, batch, payment, transaction.id, decision)
    if status == VOIDED:
        _close_voided_reviews(uow, payment.id, transaction.id)
    if result != ACTIVATED:
        _update_payment_status(uow, batch, payment, is_news=known_status != status or result != RECORDED)
    if problem := _find_problem(payment, result, status if known_status != status else ""):
        batch.add_problem(payment, problem, transaction.id)
    if command.event_id is not None:
        batch.mark_event_done(uow, command.event_id, payment.id, result)
    if result in _AUDITED_OUTCOMES:
        changes = {"status": (old_status, payment.status), "transaction": (None, transaction.id)}
        audit.record_act(
            uow, _AUDITED_OUTCOMES[result], f"payment:{payment.id}", changes=changes, person_id=payment.user_id
        )
    return result


def _find_problem(payment: Payment, result: str, new_status: str) -> str | None:
    """Return the kind of notice about a transaction; `new_status` is its status if that is new, else empty."""
    if result == FLAGGED:
        return PAYMENT_IN_REVIEW if payment.status != APPROVED else None
    return _PROBLEMS.get((new_status, payment.status))


def _find_payment(by_link: dict[str, Payment], transaction: WompiTransaction, environment: str) -> Payment | None:
    """Return the payment whose link this transaction was paid with; None if the link is not ours."""
    candidates = [by_link[link] for link in transaction.possible_link_ids if link in by_link]
    return candidates[0] if len(candidates) == 1 and candidates[0].environment == environment else None


def _record_transaction(
    uow: UnitOfWork,
    batch: SettlementBatch,
    payment: Payment,
    transaction: WompiTransaction,
    status: str,
    *,
    is_new: bool,
) -> None:
    batch.transactions[payment.id][transaction.id] = (status, transaction.paid)
    columns: dict[str, object] = {
        "status": status,
        "amount_in_cents": transaction.amount_in_cents,
        "currency": transaction.currency,
        "method": transaction.method,
        "method_detail": transaction.method_detail,
        "reason": transaction.reason,
        "updated_at": uow.now,
    }
    if is_new:
        created_at = transaction.created_at or uow.now
        batch.add_transaction(
            {
                "id": transaction.id,
                "payment": payment.id,
                "reference": transaction.reference,
                "created_at": created_at,
                **columns,
            }
        )
    else:
        batch.flush(uow)
        PaymentTransaction.update(columns).where(PaymentTransaction.id == transaction.id).execute()


def _apply_decision(
    uow: UnitOfWork, batch: SettlementBatch, payment: Payment, transaction_id: str, decision: Decision
) -> str:
    is_new = decision.review is not None and payments.open_review(uow, payment.id, decision.review, transaction_id)
    if decision.review is ReviewKind.WRONG_AMOUNT:
        payment.is_open = False
    if decision.activates:
        if batch.has_overlapping_purchase(payment):
            payments.open_review(uow, payment.id, ReviewKind.TWO_PLANS, transaction_id)
        batch.activate_plan(uow, payment, transaction_id, None)
        return ACTIVATED
    if decision.matches_manual_activation:
        batch.update_payment(uow, payment, paid_by=transaction_id)
    if decision.revokes:
        batch.revoke_plan(uow, payment)
        return REVOKED
    return FLAGGED if is_new else RECORDED


def _update_payment_status(uow: UnitOfWork, batch: SettlementBatch, payment: Payment, *, is_news: bool) -> None:
    attempts = batch.transactions[payment.id].values()
    default_status = EXPIRED if payment.status == EXPIRED else PENDING
    status = outcome.derive_payment_status(batch.payment_state(payment), attempts, default_status)
    if is_news or status != payment.status:
        batch.update_payment(uow, payment, status=status)


def _close_voided_reviews(uow: UnitOfWork, payment_id: str, transaction_id: str) -> None:
    """Close the reviews that asked for a refund of a transaction after it was voided at Wompi."""
    is_of_transaction = (PaymentReview.payment == payment_id) & (PaymentReview.transaction_id == transaction_id)
    PaymentReview.update(resolved_at=uow.now, note="Wompi anuló este cobro.").where(
        is_of_transaction,
        PaymentReview.kind.in_(_REVIEWS_ENDED_BY_VOID),
        PaymentReview.resolved_at.is_null(),
    ).execute()
