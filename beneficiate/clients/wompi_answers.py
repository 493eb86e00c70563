"""A transaction out of the JSON of Wompi's answers. Source: https://docs.wompi.co/en/docs/colombia/transacciones/."""

from datetime import UTC, datetime
from typing import Any

import structlog

from beneficiate.domain.billing.signature import TRANSACTION_ID_PATTERN
from beneficiate.domain.billing.wompi import WompiTransaction
from beneficiate.errors import Unavailable

log = structlog.get_logger(__name__)

MAX_AMOUNT_IN_CENTS = 1_000_000_000_000
"""The largest amount that Wompi takes."""


def parse_search_row(row: Any) -> WompiTransaction | None:
    """A row of the search; None, and a line in the log, for one that is no transaction: the others count."""
    try:
        return parse_transaction(row)
    except (Unavailable, AttributeError):
        log.warning("wompi_row_unreadable")
        return None


def parse_transaction(data: dict[str, Any]) -> WompiTransaction:
    """Raises Unavailable when it lacks what makes a transaction."""
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


def _method_detail(method: Any) -> str:
    """The brand and last four digits of a card, where the answer has them."""
    extra = method.get("extra") if isinstance(method, dict) else None
    if not isinstance(extra, dict):
        return ""
    return _clean_text(" ".join(str(extra[name]) for name in ("brand", "last_four") if extra.get(name)), 64)


def _clean_text(value: Any, length: int) -> str:
    """What a column of text can hold of it: PostgreSQL takes neither NUL nor half a character."""
    return str(value or "").replace("\0", "").encode("utf-8", "ignore").decode()[:length]


def _parse_instant(text: Any) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text)
    except (ValueError, TypeError):
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
