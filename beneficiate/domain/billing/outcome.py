"""What a Wompi transaction means for a payment. The result does not depend on the order in which transactions arrive.

Source of the statuses: https://docs.wompi.co/en/docs/colombia/transacciones/. A declined transaction never becomes
approved: a retry is another transaction, so DECLINED does not end a payment.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

PENDING, UNKNOWN, APPROVED, DECLINED, EXPIRED, VOIDED = (
    "PENDING",
    "UNKNOWN",
    "APPROVED",
    "DECLINED",
    "EXPIRED",
    "VOIDED",
)
"""The statuses of a payment. UNKNOWN: Wompi did not answer whether the link exists."""
ERROR = "ERROR"
REFUSED_STATUSES = frozenset((DECLINED, ERROR))
FINAL_STATUSES = REFUSED_STATUSES | {APPROVED, VOIDED}


class ReviewKind(StrEnum):
    """Why a person must review a payment."""

    DOUBLE_CHARGE = "DOUBLE_CHARGE"
    WRONG_AMOUNT = "WRONG_AMOUNT"
    VOIDED = "VOIDED"
    LATE_APPROVAL = "LATE_APPROVAL"
    """Approved after the payment was voided: money arrived for a plan that was revoked."""
    TWO_PLANS = "TWO_PLANS"
    """Another purchase of the member was paid while this one was open: they may have wanted one of the plans only."""
    LINK_MISMATCH = "LINK_MISMATCH"
    """Wompi created a link that differs from the request."""


class Money(NamedTuple):
    """An amount in cents and its currency."""

    amount_in_cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class PaymentState:
    """The state of a payment. `paid_by` is the transaction that activated its plan, "" if a person did."""

    price: Money
    is_activated: bool = False
    is_revoked: bool = False
    paid_by: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do about a transaction."""

    activates: bool = False
    matches_manual_activation: bool = False
    """A person activated the plan before its transaction arrived; this is that transaction."""
    revokes: bool = False
    review: ReviewKind | None = None


def advance_transaction_status(stored: str | None, reported: str) -> str:
    """Return the status of a transaction of which `reported` arrives after `stored`; an older answer changes nothing.

    A status that we do not know yet is not final, so that whatever follows it counts.
    """
    if stored not in FINAL_STATUSES:
        return reported
    return reported if stored == APPROVED and reported == VOIDED else stored


def decide_settlement(state: PaymentState, transaction_id: str, status: str, paid: Money) -> Decision:
    """Return what a transaction in this status asks for; the same one again asks for nothing new."""
    is_activating = state.is_activated and state.paid_by == transaction_id
    if status == VOIDED and is_activating:
        return Decision(revokes=not state.is_revoked, review=ReviewKind.VOIDED)
    if status != APPROVED or is_activating:
        return Decision()
    if paid != state.price:
        return Decision(review=ReviewKind.WRONG_AMOUNT)
    if state.is_revoked:
        return Decision(review=ReviewKind.LATE_APPROVAL)
    if state.is_activated:
        return Decision(review=ReviewKind.DOUBLE_CHARGE) if state.paid_by else Decision(matches_manual_activation=True)
    return Decision(activates=True)


def derive_payment_status(state: PaymentState, attempts: Iterable[tuple[str, Money]], default: str) -> str:
    """Return the status of a payment from its transactions; `default` when none of them decides it.

    An expired payment stays EXPIRED unless money arrives or may still arrive.
    """
    if state.is_revoked:
        return VOIDED
    if state.is_activated:
        return APPROVED
    statuses = {status for status, _ in attempts}
    if PENDING in statuses:
        return PENDING
    if default == EXPIRED:
        return EXPIRED
    if statuses & REFUSED_STATUSES:
        return DECLINED
    return VOIDED if statuses == {VOIDED} else default
