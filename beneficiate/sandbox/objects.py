"""Payment links and transactions in their JSON form.

Source: https://docs.wompi.co/docs/colombia/links-de-pago/ and https://docs.wompi.co/en/docs/colombia/transacciones/
"""

from datetime import UTC, datetime

import msgspec

from beneficiate.domain.billing.money import COP
from beneficiate.formatting import format_iso

PENDING, APPROVED, DECLINED, ERROR, VOIDED = "PENDING", "APPROVED", "DECLINED", "ERROR", "VOIDED"
FAILED = (DECLINED, ERROR)
FINAL = (APPROVED, DECLINED, ERROR, VOIDED)
CARD, NEQUI, PSE = "CARD", "NEQUI", "PSE"


class PaymentLink(msgspec.Struct):
    """A payment link. `amount_in_cents` is None when the payer enters the amount."""

    id: str
    name: str
    description: str
    single_use: bool
    collect_shipping: bool
    created_at: str
    updated_at: str
    merchant_public_key: str
    collect_customer_legal_id: bool = False
    currency: str = COP
    amount_in_cents: int | None = None
    sku: str | None = None
    expires_at: str | None = None
    redirect_url: str | None = None
    image_url: str | None = None
    active: bool = True
    customer_data: dict[str, object] | None = None
    taxes: list[object] = msgspec.field(default_factory=list)
    default_language: str = "es"


class SandboxTransaction(msgspec.Struct):
    """One attempt to pay. It begins as PENDING; another attempt is another transaction."""

    id: str
    created_at: str
    amount_in_cents: int
    reference: str
    payment_method_type: str
    payment_method: dict[str, object]
    customer_email: str | None = None
    customer_data: dict[str, object] | None = None
    redirect_url: str | None = None
    payment_link_id: str | None = None
    finalized_at: str | None = None
    status: str = PENDING
    status_message: str | None = None
    currency: str = COP
    shipping_address: dict[str, object] | None = None
    payment_source_id: int | None = None
    billing_data: dict[str, object] | None = None
    bill_id: str | None = None
    taxes: list[object] = msgspec.field(default_factory=list)


def now_iso() -> str:
    """Return the current time in Wompi's format."""
    return format_iso(datetime.now(UTC))


def parse_instant(text: str) -> datetime:
    """Parse an instant in UTC, with or without its `Z`. Raises ValueError."""
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
