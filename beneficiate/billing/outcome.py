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
REFUSED = frozenset((DECLINED, ERROR))
FINAL = REFUSED | {APPROVED, VOIDED}


class Kind(StrEnum):
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
class Standing:
    """Where a payment stands: `paid_by` is the transaction that activated its plan, "" for a person who did."""

    price: Money
    is_activated: bool = False
    is_revoked: bool = False
    paid_by: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done about a transaction."""

    activates: bool = False
    adopts: bool = False
    """A person activated the plan before its money was heard of: this is that money."""
    revokes: bool = False
    review: Kind | None = None


def advance(known: str | None, heard: str) -> str:
    """The state of a transaction that was `known` and of which `heard` is heard; an older answer changes nothing.

    A state that we do not know yet is not final, so that whatever comes after it counts.
    """
    if known not in FINAL:
        return heard
    return heard if known == APPROVED and heard == VOIDED else known


def decide(standing: Standing, transaction_id: str, status: str, paid: Money) -> Decision:
    """What a transaction in this state asks for. Heard of twice it asks for the same, and the caller has done it."""
    is_the_one = standing.is_activated and standing.paid_by == transaction_id
    if status == VOIDED and is_the_one:
        return Decision(revokes=not standing.is_revoked, review=Kind.VOIDED)
    if status != APPROVED or is_the_one:
        return Decision()
    if paid != standing.price:
        return Decision(review=Kind.WRONG_AMOUNT)
    if standing.is_revoked:
        return Decision(review=Kind.LATE_APPROVAL)
    if standing.is_activated:
        return Decision(review=Kind.DOUBLE_CHARGE) if standing.paid_by else Decision(adopts=True)
    return Decision(activates=True)


def status_of(standing: Standing, attempts: Iterable[tuple[str, Money]], otherwise: str) -> str:
    """The state of a payment, by its transactions; `otherwise` when none of them says anything.

    An expired payment stays so unless money comes or may still come.
    """
    if standing.is_revoked:
        return VOIDED
    if standing.is_activated:
        return APPROVED
    heard = {status for status, _ in attempts}
    if PENDING in heard:
        return PENDING
    if otherwise == EXPIRED:
        return EXPIRED
    if heard & REFUSED:
        return DECLINED
    return VOIDED if heard == {VOIDED} else otherwise
