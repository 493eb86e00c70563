"""Looking for payments whose event never came: which are due, and what is written down after a look."""

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
    """A payment that is looked for. One in doubt has no link that we know."""

    payment_id: str
    link_id: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PaymentCheckBatch:
    """The payments of a look, and the transactions of theirs that are known already: (id, state)."""

    checks: list[PaymentCheck]
    known_transactions: set[tuple[str, str]]


def claim_due_checks(uow: UnitOfWork, include_not_due: bool = False) -> PaymentCheckBatch:
    """The payments that are due, claimed until the next look; `everything`: all that are still looked for."""
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
    """All that Wompi has of these payments was seen: when is the next look?"""
    for payment in lock_rows(Payment.select().where(Payment.id.in_(list(payment_ids))).order_by(Payment.id)):
        due = schedule_next_check(
            uow.now, payment.created_at, payment.link_expires_at, is_settled=payment.activated_at is not None
        )
        Payment.update(checked_at=uow.now, check_at=due).where(Payment.id == payment.id).execute()
