"""The in-memory data of one merchant: its keys, links and transactions, and the URL of its events."""

import secrets
import string
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from beneficiate.sandbox.behaviour import Behaviour
from beneficiate.sandbox.errors import EntityNotFound
from beneficiate.sandbox.keys import WompiKeys
from beneficiate.sandbox.methods import PaymentInput
from beneficiate.sandbox.objects import (
    APPROVED,
    FAILED,
    VOIDED,
    PaymentLink,
    SandboxTransaction,
    now_iso,
    parse_instant,
)

ALPHABET = string.ascii_letters + string.digits
FIRST_TRANSACTION_NUMBER = 10_001
RETRY_WINDOW_S = 180
"""Seconds in which a failed payment may be retried with its reference.

Source: docs.wompi.co/docs/colombia/reintento-de-pago/
"""
LINK_OPEN, LINK_INACTIVE, LINK_EXPIRED, LINK_PAID = "open", "inactive", "expired", "paid"


@dataclass(slots=True)
class MerchantAccount:
    """Links and transactions by id, in the order in which they were made."""

    keys: WompiKeys
    events_url: str
    behaviour: Behaviour = field(default_factory=Behaviour)
    links: dict[str, PaymentLink] = field(default_factory=dict)
    transactions: dict[str, SandboxTransaction] = field(default_factory=dict)
    _link_id_by_transaction: dict[str, str] = field(default_factory=dict)
    _transactions_by_link: dict[str, list[SandboxTransaction]] = field(default_factory=dict)
    _id_prefix: int = field(default_factory=lambda: 1_000_000 + secrets.randbelow(9_000_000))

    def make_link(self, fields: dict[str, object]) -> PaymentLink:
        """Create a link from validated fields."""
        id_ = f"test_{random_text(6)}"
        while id_ in self.links:
            id_ = f"test_{random_text(6)}"
        now = now_iso()
        own = {"id": id_, "created_at": now, "updated_at": now, "merchant_public_key": self.keys.public_key}
        link = msgspec.convert({**fields, **own}, PaymentLink)
        self.links[id_] = link
        return link

    def get_link(self, id_: str) -> PaymentLink:
        """Return a link. Raises EntityNotFound."""
        if id_ not in self.links:
            raise EntityNotFound
        return self.links[id_]

    def get_transaction(self, id_: str) -> SandboxTransaction:
        """Return a transaction. Raises EntityNotFound."""
        if id_ not in self.transactions:
            raise EntityNotFound
        return self.transactions[id_]

    def link_of(self, transaction: SandboxTransaction) -> PaymentLink:
        """Return the link that a transaction pays, also when it has no `payment_link_id`."""
        return self.links[self._link_id_by_transaction[transaction.id]]

    def make_transaction(self, link: PaymentLink, payment: PaymentInput, retried: str = "") -> SandboxTransaction:
        """Create a transaction over a link. It keeps the reference of `retried`, the id of a recent failure."""
        now = int(time.time())
        transaction = SandboxTransaction(
            id=f"{self._id_prefix}-{now}-{FIRST_TRANSACTION_NUMBER + len(self.transactions)}",
            created_at=now_iso(),
            amount_in_cents=self._amount(link, payment),
            reference=self._retried_reference(link, retried) or f"{link.id}_{now}_{random_text(9)}",
            payment_method_type=payment.type,
            payment_method=payment.method,
            customer_email=payment.email or None,
            customer_data=payment.customer_data,
            redirect_url=link.redirect_url,
            payment_link_id=None if self.behaviour.null_link else link.id,
        )
        self.transactions[transaction.id] = transaction
        self._link_id_by_transaction[transaction.id] = link.id
        self._transactions_by_link.setdefault(link.id, []).append(transaction)
        return transaction

    def transactions_of(self, link: PaymentLink) -> list[SandboxTransaction]:
        """Return the attempts to pay a link, oldest first."""
        return list(self._transactions_by_link.get(link.id, ()))

    def is_paid(self, link: PaymentLink) -> bool:
        """Return whether a single-use link has been paid, even if the payment was voided since."""
        if not link.single_use or self.behaviour.allow_second:
            return False
        return any(one.status in (APPROVED, VOIDED) for one in self._transactions_by_link.get(link.id, ()))

    def link_state(self, link: PaymentLink) -> str:
        """Return `LINK_OPEN`, or why a link cannot be paid."""
        if self.is_paid(link):
            return LINK_PAID
        if not link.active:
            return LINK_INACTIVE
        if link.expires_at and parse_instant(link.expires_at) <= datetime.now(UTC):
            return LINK_EXPIRED
        return LINK_OPEN

    def transactions_newest_first(self) -> Iterator[SandboxTransaction]:
        return reversed(self.transactions.values())

    def _amount(self, link: PaymentLink, payment: PaymentInput) -> int:
        amount = payment.amount_in_cents if link.amount_in_cents is None else link.amount_in_cents
        return amount + self.behaviour.amount_offset_in_cents

    def _retried_reference(self, link: PaymentLink, retried: str) -> str:
        failed = self.transactions.get(retried)
        if failed is None or failed.status not in FAILED or self._link_id_by_transaction[retried] != link.id:
            return ""
        age = datetime.now(UTC) - parse_instant(failed.finalized_at or failed.created_at)
        return failed.reference if age.total_seconds() <= RETRY_WINDOW_S else ""


def random_text(length: int) -> str:
    """Return random letters and digits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
