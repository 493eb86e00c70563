"""Reconciliation with Wompi: which payments are due for a check because no event came, and recording the check."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from beneficiate.domain.billing.payment_checks import FRESH_CHECK_INTERVAL, schedule_next_check
from beneficiate.models.base import lock_rows
from beneficiate.models.payments import Payment, PaymentTransaction
from beneficiate.unit_of_work import UnitOfWork

MAX_CHECKS_PER_RUN = 1000
MIN_CHECK_GAP = timedelta(seconds=5)
"""A payment that was checked this recently is not checked again because somebody asks."""
ASKED_AT_ONCE_AGE = timedelta(days=1)
"""An older payment waits for the next run: the search for it goes over days."""


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


def request_checks(uow: UnitOfWork, payment_id: str | None = None) -> bool:
    """Make a payment of the actor due for a check; None: all of them that no plan came of.

    An attempt may be unknown here: Wompi sends no event of one that a bank has not answered. Return whether one of
    them is so new that it is worth asking Wompi at once.
    """
    is_asked = (Payment.user == uow.actor.user_id) & Payment.activated_at.is_null()
    is_asked &= Payment.checked_at.is_null() | (Payment.checked_at < uow.now - MIN_CHECK_GAP)
    if payment_id is not None:
        is_asked &= Payment.id == payment_id
    Payment.update(check_at=uow.now).where(is_asked, Payment.check_at > uow.now).execute()
    is_new = Payment.created_at > uow.now - ASKED_AT_ONCE_AGE
    return bool(Payment.select().where(is_asked, is_new, Payment.check_at <= uow.now).exists())


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
