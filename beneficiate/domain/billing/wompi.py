"""Requests to Wompi and its answers, in the terms of this application."""

from dataclasses import dataclass
from datetime import datetime

from beneficiate.domain.billing.outcome import Money


@dataclass(frozen=True, slots=True)
class PaymentLinkRequest:
    """A payment link to create; `payment_id` becomes its `sku`. `amount` is in whole pesos."""

    payment_id: str
    name: str
    description: str
    amount: int
    expires_at: datetime
    redirect_url: str


@dataclass(frozen=True, slots=True)
class WompiTransaction:
    """A transaction as Wompi's API returns it. Unknown fields are ignored."""

    id: str
    status: str
    amount_in_cents: int
    currency: str
    reference: str
    link_id: str | None
    method: str
    method_detail: str
    reason: str
    created_at: datetime | None

    @property
    def paid(self) -> Money:
        """Return the amount that was paid."""
        return Money(self.amount_in_cents, self.currency)

    @property
    def possible_link_ids(self) -> list[str]:
        """Return the ids of links that it may belong to: the one it names, or else the prefixes of its reference.

        Wompi makes the reference of a link's transaction; all that were seen are `<link id>_<seconds>_<random>`.
        """
        if self.link_id is not None:
            return [self.link_id]
        parts = self.reference.split("_")
        return ["_".join(parts[:length]) for length in range(1, len(parts))]
