"""Reconciliation with Wompi: which payments are due for a check because no event came, and recording the check."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from beneficiate.domain.billing.payment_checks import FRESH_CHECK_INTERVAL, schedule_next_check
from beneficiate.models.base import lock_rows
from beneficiate.models.payments import Payment, PaymentTransaction
from beneficiate.unit_of_work import UnitOfWork

MAX_CHECKS_PER_RUN = 1000


@dataclass(frozen=True, slots=True)
class PaymentCheck:
    """A payment to look up at Wompi. `link_id` is None for an UNKNOWN payment, whose link we do not know."""

    payment_id: str
    link_id: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PaymentCheckBatch:
    """Payments to check, and those of their transactions that are known already as (id, status)."""

    checks: list[PaymentCheck]
    known_transactions: set[tuple[str, str]]


def request_check(uow: UnitOfWork, payment_id: str) -> None:
    """Have a payment of the actor checked by the next run: they come back from an attempt that may be unknown here."""
    is_own = (Payment.id == payment_id) & (Payment.user == uow.actor.user_id) & Payment.activated_at.is_null()
    Payment.update(check_at=uow.now).where(is_own, Payment.check_at > uow.now).execute()


def claim_due_checks(uow: UnitOfWork, include_not_due: bool = False) -> PaymentCheckBatch:
    """Claim the payments that are due for a check; `include_not_due`: all that are still checked at all."""
    is_due = Payment.check_at.is_null(False) if include_not_due else Payment.check_at <= uow.now
    query = Payment.select(Payment.id, Payment.link_id, Payment.created_at).where(is_due)
    due_ids = [row[0] for row in query.order_by(Payment.check_at).limit(MAX_CHECKS_PER_RUN).tuples()]
    rows = lock_rows(query.where(Payment.id.in_(due_ids)).order_by(Payment.id))
    checks = [PaymentCheck(*row) for row in rows.tuples()]
    if not checks:
        return PaymentCheckBatch([], set())
    ids = [check.payment_id for check in checks]
    Payment.update(check_at=uow.now + FRESH_CHECK_INTERVAL).where(Payment.id.in_(ids)).execute()
    known = PaymentTransaction.select(PaymentTransaction.id, PaymentTransaction.status).where(
        PaymentTransaction.payment.in_(ids)
    )
    return PaymentCheckBatch(checks, set(known.tuples()))


def record_check(uow: UnitOfWork, payment_ids: Iterable[str]) -> None:
    """Mark these payments as checked and schedule the next check."""
    for payment in lock_rows(Payment.select().where(Payment.id.in_(list(payment_ids))).order_by(Payment.id)):
        due = schedule_next_check(
            uow.now, payment.created_at, payment.link_expires_at, is_settled=payment.activated_at is not None
        )
        Payment.update(checked_at=uow.now, check_at=due).where(Payment.id == payment.id).execute()
