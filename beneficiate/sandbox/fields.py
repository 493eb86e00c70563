"""What a new payment link and a search may say; each wrong field is told with its sentences."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit

from beneficiate.billing.money import CENTS, COP
from beneficiate.sandbox.errors import Invalid, Messages
from beneficiate.sandbox.objects import read_instant

SMALLEST, LARGEST = 150_000, 1_000_000_000_000
LONGEST_SKU = 36
LARGEST_PAGE = 50
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?Z?")
WEB = re.compile(r"https?://[A-Za-z0-9._:\[\]-]+([/?#][^\s\x00-\x1f\x7f]*)?")

MISSING, MALFORMED, NO_NUMBER = "No está presente", "Formato inválido", "No es un número entero"


def text(value: Any) -> str:
    if value is not None and not isinstance(value, str):
        return MALFORMED
    return "" if value and value.strip() else MISSING


def flag(value: Any) -> str:
    return "" if isinstance(value, bool) else MISSING if value is None else "Debe ser verdadero o falso"


def currency(value: Any) -> str:
    return "" if value == COP else "No es una moneda válida"


def amount(value: Any) -> str:
    """Whole pesos in cents, from what an aggregator account may charge on."""
    if isinstance(value, bool) or not isinstance(value, int):
        return NO_NUMBER
    if value < 1:
        return "Debe ser mayor a 0"
    if value % CENTS:
        return "Debe terminar en 00"
    if value < SMALLEST:
        return f"Debe ser mayor o igual a {SMALLEST}"
    return "" if value <= LARGEST else f"Debe ser menor o igual a {LARGEST}"


def expiry(value: Any) -> str:
    """A moment to come, in UTC."""
    if not (isinstance(value, str) and INSTANT.fullmatch(value)):
        return MALFORMED
    try:
        instant = read_instant(value)
    except ValueError:
        return MALFORMED
    return "" if instant > datetime.now(UTC) else "Debe ser una fecha futura"


def address(value: Any) -> str:
    """An absolute URL of the web, fit for a header."""
    if not (isinstance(value, str) and WEB.fullmatch(value)):
        return MALFORMED
    try:
        parts = urlsplit(value)
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    return "" if is_whole else MALFORMED


def sku(value: Any) -> str:
    if not isinstance(value, str):
        return MALFORMED
    return "" if len(value) <= LONGEST_SKU else f"Debe tener máximo {LONGEST_SKU} caracteres"


def mapping(value: Any) -> str:
    return "" if isinstance(value, dict) else MALFORMED


def sequence(value: Any) -> str:
    return "" if isinstance(value, list) else MALFORMED


Check = Callable[[Any], str]
REQUIRED: dict[str, Check] = {"name": text, "description": text, "single_use": flag, "collect_shipping": flag}
OPTIONAL: dict[str, Check] = {
    "currency": currency,
    "amount_in_cents": amount,
    "expires_at": expiry,
    "redirect_url": address,
    "image_url": address,
    "sku": sku,
    "collect_customer_legal_id": flag,
    "customer_data": mapping,
    "taxes": sequence,
}


def check_link(body: dict[str, Any]) -> dict[str, Any]:
    """The fields of a new link; those that links do not have are ignored. Raises Invalid."""
    given = {name: body[name] for name in OPTIONAL if body.get(name) is not None}
    found = {name: check(body.get(name)) for name, check in REQUIRED.items()}
    found.update((name, OPTIONAL[name](value)) for name, value in given.items())
    _refuse({name: [sentence] for name, sentence in found.items() if sentence})
    return {name: body[name] for name in REQUIRED} | given


def check_active(body: dict[str, Any]) -> bool:
    """Whether a link is to take payments. Raises Invalid."""
    sentence = flag(body.get("active"))
    _refuse({"active": [sentence]} if sentence else {})
    return bool(body["active"])


@dataclass(frozen=True, slots=True)
class Search:
    """Which transactions are looked for: field by field, between two days (inclusive), and which page of them."""

    filters: dict[str, str]
    from_date: str
    until_date: str
    page: int
    page_size: int
    is_ascending: bool


# `payment_link_id` is not among them: the gateway does not filter by it, and says nothing.
FILTERS = ("reference", "id", "status", "payment_method_type", "customer_email")
RANGE = ("from_date", "until_date", "page", "page_size")


def check_search(query: dict[str, str]) -> Search:
    """A reference, or a range of days with a page. Raises Invalid."""
    messages: Messages = {}
    if not query.get("reference"):
        messages.update((name, [MISSING]) for name in RANGE if not query.get(name))
    for name in RANGE:
        sentence = _in_range(name, query[name]) if query.get(name) else ""
        if sentence:
            messages[name] = [sentence]
    if query.get("order", "DESC") not in ("ASC", "DESC"):
        messages["order"] = [MALFORMED]
    if query.get("order_by", "created_at") != "created_at":
        messages["order_by"] = [MALFORMED]
    _refuse(messages)
    return Search(
        filters={name: query[name] for name in FILTERS if query.get(name)},
        from_date=query.get("from_date", ""),
        until_date=query.get("until_date", "9999"),
        page=int(query.get("page", "1")),
        page_size=int(query.get("page_size", str(LARGEST_PAGE))),
        is_ascending=query.get("order") == "ASC",
    )


def _in_range(name: str, value: str) -> str:
    if name.endswith("_date"):
        return "" if _is_day(value) else MALFORMED
    if not (value.isascii() and value.isdecimal() and len(value) < 10):
        return NO_NUMBER
    if int(value) < 1:
        return "Debe ser mayor a 0"
    too_large = name == "page_size" and int(value) > LARGEST_PAGE
    return f"Debe ser menor o igual a {LARGEST_PAGE}" if too_large else ""


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _refuse(messages: Messages) -> None:
    if messages:
        raise Invalid(messages)
