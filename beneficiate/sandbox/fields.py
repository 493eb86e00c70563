"""Validation of new payment links and of searches: one message for each invalid field."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

from beneficiate.domain.billing.money import CENTS_PER_PESO, COP
from beneficiate.sandbox.errors import FieldMessages, InvalidInput
from beneficiate.sandbox.objects import parse_instant

MIN_LINK_CENTS, MAX_LINK_CENTS = 150_000, 1_000_000_000_000
MAX_SKU_CHARS = 36
MAX_PAGE_SIZE = 50
INSTANT_PATTERN = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?Z?")
URL_PATTERN = re.compile(r"https?://[A-Za-z0-9._:\[\]-]+([/?#][^\s\x00-\x1f\x7f]*)?")

MISSING, MALFORMED, NOT_AN_INTEGER = "No está presente", "Formato inválido", "No es un número entero"


def check_text(value: object) -> str:
    """Return why the value is no text; empty when it is."""
    if value is not None and not isinstance(value, str):
        return MALFORMED
    return "" if value and value.strip() else MISSING


def check_flag(value: object) -> str:
    """Return why the value is no boolean; empty when it is."""
    return "" if isinstance(value, bool) else MISSING if value is None else "Debe ser verdadero o falso"


def check_currency(value: object) -> str:
    """Return why the value is not the currency COP; empty when it is."""
    return "" if value == COP else "No es una moneda válida"


def check_amount(value: object) -> str:
    """Check an amount in cents: whole pesos, at least the minimum of an aggregator account."""
    if isinstance(value, bool) or not isinstance(value, int):
        return NOT_AN_INTEGER
    if value < 1:
        return "Debe ser mayor a 0"
    if value % CENTS_PER_PESO:
        return "Debe terminar en 00"
    if value < MIN_LINK_CENTS:
        return f"Debe ser mayor o igual a {MIN_LINK_CENTS}"
    return "" if value <= MAX_LINK_CENTS else f"Debe ser menor o igual a {MAX_LINK_CENTS}"


def check_expiry(value: object) -> str:
    """Check an expiry: a future instant in UTC."""
    if not (isinstance(value, str) and INSTANT_PATTERN.fullmatch(value)):
        return MALFORMED
    try:
        instant = parse_instant(value)
    except ValueError:
        return MALFORMED
    return "" if instant > datetime.now(UTC) else "Debe ser una fecha futura"


def check_url(value: object) -> str:
    """Check an absolute http(s) URL that is safe in a header."""
    if not (isinstance(value, str) and URL_PATTERN.fullmatch(value)):
        return MALFORMED
    try:
        parts = urlsplit(value)
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    return "" if is_whole else MALFORMED


def check_sku(value: object) -> str:
    """Return why the value is no SKU; empty when it is."""
    if not isinstance(value, str):
        return MALFORMED
    return "" if len(value) <= MAX_SKU_CHARS else f"Debe tener máximo {MAX_SKU_CHARS} caracteres"


def check_mapping(value: object) -> str:
    """Return why the value is no object; empty when it is."""
    return "" if isinstance(value, dict) else MALFORMED


def check_sequence(value: object) -> str:
    """Return why the value is no array; empty when it is."""
    return "" if isinstance(value, list) else MALFORMED


FieldCheck = Callable[[object], str]
"""Return what is wrong with the value of a field; empty when nothing is."""
REQUIRED_FIELDS: dict[str, FieldCheck] = {
    "name": check_text,
    "description": check_text,
    "single_use": check_flag,
    "collect_shipping": check_flag,
}
OPTIONAL_FIELDS: dict[str, FieldCheck] = {
    "currency": check_currency,
    "amount_in_cents": check_amount,
    "expires_at": check_expiry,
    "redirect_url": check_url,
    "image_url": check_url,
    "sku": check_sku,
    "collect_customer_legal_id": check_flag,
    "customer_data": check_mapping,
    "taxes": check_sequence,
}


def validate_link(body: dict[str, object]) -> dict[str, object]:
    """Return the fields of a new link; unknown ones are ignored. Raises InvalidInput."""
    given = {name: body[name] for name in OPTIONAL_FIELDS if body.get(name) is not None}
    found = {name: check(body.get(name)) for name, check in REQUIRED_FIELDS.items()}
    found.update((name, OPTIONAL_FIELDS[name](value)) for name, value in given.items())
    _raise_if_invalid({name: [sentence] for name, sentence in found.items() if sentence})
    return {name: body[name] for name in REQUIRED_FIELDS} | given


def validate_active(body: dict[str, object]) -> bool:
    """Return whether a link is to accept payments. Raises InvalidInput."""
    sentence = check_flag(body.get("active"))
    _raise_if_invalid({"active": [sentence]} if sentence else {})
    return bool(body["active"])


@dataclass(frozen=True, slots=True)
class TransactionSearch:
    """A search for transactions: exact fields, two days (inclusive) and a page."""

    filters: dict[str, str]
    from_date: str
    until_date: str
    page: int
    page_size: int
    is_ascending: bool


# `payment_link_id` is not among them: the gateway ignores it without an error.
FILTERS = ("reference", "id", "status", "payment_method_type", "customer_email")
RANGE_FIELDS = ("from_date", "until_date", "page", "page_size")


def parse_search(query: dict[str, str]) -> TransactionSearch:
    """Parse a search by reference, or by a range of days with a page. Raises InvalidInput."""
    messages: FieldMessages = {}
    if not query.get("reference"):
        messages.update((name, [MISSING]) for name in RANGE_FIELDS if not query.get(name))
    for name in RANGE_FIELDS:
        sentence = _range_message(name, query[name]) if query.get(name) else ""
        if sentence:
            messages[name] = [sentence]
    if query.get("order", "DESC") not in ("ASC", "DESC"):
        messages["order"] = [MALFORMED]
    if query.get("order_by", "created_at") != "created_at":
        messages["order_by"] = [MALFORMED]
    _raise_if_invalid(messages)
    return TransactionSearch(
        filters={name: query[name] for name in FILTERS if query.get(name)},
        from_date=query.get("from_date", ""),
        until_date=query.get("until_date") or "9999",
        page=int(query.get("page") or "1"),
        page_size=int(query.get("page_size") or MAX_PAGE_SIZE),
        is_ascending=query.get("order") == "ASC",
    )


def _range_message(name: str, value: str) -> str:
    if name.endswith("_date"):
        return "" if _is_day(value) else MALFORMED
    if not (value.isascii() and value.isdecimal() and len(value) < 10):
        return NOT_AN_INTEGER
    if int(value) < 1:
        return "Debe ser mayor a 0"
    too_large = name == "page_size" and int(value) > MAX_PAGE_SIZE
    return f"Debe ser menor o igual a {MAX_PAGE_SIZE}" if too_large else ""


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _raise_if_invalid(messages: FieldMessages) -> None:
    if messages:
        raise InvalidInput(messages)
