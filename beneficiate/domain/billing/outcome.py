"""What a transaction of Wompi means for a payment. The outcome is the same in whatever order transactions are heard of.

Source of the states: https://docs.wompi.co/en/docs/colombia/transacciones/. A declined transaction never becomes
approved: a retry is another transaction, so that DECLINED does not end a payment.
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
"""The states of a payment. UNKNOWN: Wompi did not say whether the link exists."""
ERROR = "ERROR"
REFUSED_STATUSES = frozenset((DECLINED, ERROR))
FINAL_STATUSES = REFUSED_STATUSES | {APPROVED, VOIDED}


class ReviewKind(StrEnum):
    """Why a person must look at a payment."""

    DOUBLE_CHARGE = "DOUBLE_CHARGE"
    WRONG_AMOUNT = "WRONG_AMOUNT"
    VOIDED = "VOIDED"
    LATE_APPROVAL = "LATE_APPROVAL"
    """Approved after the payment had been voided: money came for a plan that was taken back."""
    LINK_MISMATCH = "LINK_MISMATCH"
    """Wompi made a link that is not the one that was asked for."""


class Money(NamedTuple):
    """An amount in cents and its currency."""

    amount_in_cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class PaymentState:
    """Where a payment stands: `paid_by` is the transaction that activated its plan, "" for a person who did."""

    price: Money
    is_activated: bool = False
    is_revoked: bool = False
    paid_by: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done about a transaction."""

    activates: bool = False
    matches_manual_activation: bool = False
    """A person activated the plan before its money was heard of: this is that money."""
    revokes: bool = False
    review: ReviewKind | None = None


def advance_transaction_status(stored: str | None, reported: str) -> str:
    """The state of a transaction that was `known` and of which `heard` is heard; an older answer changes nothing.

    A state that we do not know yet is not final, so that whatever comes after it counts.
    """
    if stored not in FINAL_STATUSES:
        return reported
    return reported if stored == APPROVED and reported == VOIDED else stored


def decide_settlement(state: PaymentState, transaction_id: str, status: str, paid: Money) -> Decision:
    """What a transaction in this state asks for. Heard of twice it asks for the same, and the caller has done it."""
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
    """The state of a payment, by its transactions; `otherwise` when none of them says anything.

    An expired payment stays so unless money comes or may still come.
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
