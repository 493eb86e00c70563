"""Parse transactions in Wompi's responses. Source: https://docs.wompi.co/en/docs/colombia/transacciones/."""

from datetime import UTC, datetime

import structlog

from beneficiate.domain.billing.signature import TRANSACTION_ID_PATTERN
from beneficiate.domain.billing.wompi import WompiTransaction
from beneficiate.errors import Unavailable

log = structlog.get_logger(__name__)

MAX_AMOUNT_IN_CENTS = 1_000_000_000_000
"""The largest amount that Wompi accepts."""


def parse_search_row(row: object) -> WompiTransaction | None:
    """Parse a row of the search; log one that is no transaction and return None, so that the other rows count."""
    try:
        if isinstance(row, dict):
            return parse_transaction(row)
    except Unavailable:
        pass
    log.warning("wompi_row_unreadable")
    return None


def parse_transaction(data: dict[str, object]) -> WompiTransaction:
    """Parse a transaction. Raises Unavailable when its id, status or amount is missing or invalid."""
    amount, status, id_ = data.get("amount_in_cents"), data.get("status"), data.get("id")
    if isinstance(amount, bool) or not isinstance(amount, int) or not 0 <= amount <= MAX_AMOUNT_IN_CENTS:
        raise Unavailable
    if not (isinstance(id_, str) and TRANSACTION_ID_PATTERN.fullmatch(id_) and isinstance(status, str)):
        raise Unavailable
    link_id = data.get("payment_link_id")
    return WompiTransaction(
        id=id_,
        status=_clean_text(status, 32),
        amount_in_cents=amount,
        currency=_clean_text(data.get("currency"), 8),
        reference=_clean_text(data.get("reference"), 255),
        link_id=link_id if isinstance(link_id, str) and link_id else None,
        method=_clean_text(data.get("payment_method_type"), 32),
        method_detail=_method_detail(data.get("payment_method")),
        reason=_clean_text(data.get("status_message"), 500),
        created_at=_parse_instant(data.get("created_at")),
    )


def _method_detail(method: object) -> str:
    """Return the brand and last four digits of a card, where the response has them."""
    extra = method.get("extra") if isinstance(method, dict) else None
    if not isinstance(extra, dict):
        return ""
    return _clean_text(" ".join(str(extra[name]) for name in ("brand", "last_four") if extra.get(name)), 64)


def _clean_text(value: object, length: int) -> str:
    """Return text that a column can hold: PostgreSQL accepts neither NUL nor a lone surrogate."""
    return str(value or "").replace("\0", "").encode("utf-8", "ignore").decode()[:length]


def _parse_instant(value: object) -> datetime | None:
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return instant if instant is None or instant.tzinfo else instant.replace(tzinfo=UTC)
