"""HTTP client of Wompi's API. Source: https://docs.wompi.co/docs/colombia/inicio-rapido/.

Keys are sent in request headers only: they are never logged or part of an error, and redirects, which would carry them
to another host, are not followed. Decimal numbers of responses are kept as text.
"""

import json
import re
import socket
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import urlencode

import structlog
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPResponse

from beneficiate.clients.wompi_answers import parse_search_row, parse_transaction
from beneficiate.domain.billing.money import COP, pesos_to_cents
from beneficiate.domain.billing.signature import TRANSACTION_ID_PATTERN
from beneficiate.domain.billing.wompi import PaymentLinkRequest, WompiTransaction
from beneficiate.errors import NotConfigured, NotFound, Unavailable
from beneficiate.formatting import format_iso
from beneficiate.settings import Settings

log = structlog.get_logger(__name__)

T = TypeVar("T")

CONNECT_TIMEOUT_S, REQUEST_TIMEOUT_S = 5.0, 12.0
MAX_CONCURRENT_REQUESTS = 100
"""Tornado's default is ten requests at once: a burst of events would have to queue."""
LINK_ID_PATTERN = re.compile(r"[0-9A-Za-z_-]{1,64}")
PAGE_SIZE = 50
MAX_RESPONSE_BYTES = 4 * 1024 * 1024


class LinkStatusUnknown(Exception):
    """It is unknown whether the link was made: a timeout, a 5xx, or a response that does not match the request."""

    def __init__(self, reason: str, link_id: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.link_id = link_id


class LinkRefused(Exception):
    """The link was certainly not made: Wompi refused the request, or was never reached."""


@dataclass(frozen=True, slots=True)
class MerchantInfo:
    """The merchant that a public key belongs to."""

    name: str
    is_active: bool
    currencies: tuple[str, ...]


class WompiClient:
    """Client for one merchant at Wompi. Raises Unavailable whenever there is no usable response."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._http = AsyncHTTPClient(
            force_instance=True, max_clients=MAX_CONCURRENT_REQUESTS, max_body_size=MAX_RESPONSE_BYTES
        )

    def close(self) -> None:
        """Close the HTTP client."""
        self._http.close()

    async def create_link(self, order: PaymentLinkRequest) -> str:
        """Create a single-use link over a fixed amount and return its id. Raises LinkStatusUnknown or LinkRefused.

        Wompi has no idempotency key: after LinkStatusUnknown the caller must not create another link.
        """
        body: dict[str, object] = {
            "name": order.name,
            "description": order.description,
            "single_use": True,
            "collect_shipping": False,
            "currency": COP,
            "amount_in_cents": pesos_to_cents(order.amount),
            "expires_at": format_iso(order.expires_at),
            "redirect_url": order.redirect_url,
            "sku": order.payment_id,
        }
        try:
            response = await self._send("POST", "/payment_links", body)
        except NOT_SENT_ERRORS as problem:
            raise LinkRefused("unreachable") from problem
        except (HTTPClientError, OSError) as problem:
            raise LinkStatusUnknown(_failure_reason(problem)) from problem
        if response.code >= 500 or response.code in (408, 429) or response.code < 200 or 300 <= response.code < 400:
            raise LinkStatusUnknown(f"status {response.code}")
        if response.code >= 400:
            raise LinkRefused(f"status {response.code} {_error_summary(response)}")
        return self._validated_link_id(order, response)

    async def find_sku(self, link_id: str) -> str | None:
        """Return the `sku` that a link was made with, the id of our payment; None when there is no such link."""
        if not LINK_ID_PATTERN.fullmatch(link_id):
            return None
        response = await self._get(f"/payment_links/{link_id}")
        if response.code == 404:
            return None
        sku = _read_data(response, dict).get("sku")
        return sku if isinstance(sku, str) else None

    async def link_exists(self, link_id: str) -> bool:
        """Return whether a link exists, open or closed."""
        return (await self._get(f"/payment_links/{link_id}")).code != HTTPStatus.NOT_FOUND

    async def close_link(self, link_id: str) -> None:
        """Deactivate a link. A payment that is in progress is not undone by it."""
        try:
            response = await self._send("PATCH", f"/payment_links/{link_id}", {"active": False})
        except (HTTPClientError, OSError) as problem:
            raise Unavailable from problem
        _read_data(response, dict)

    async def get_transaction(self, transaction_id: str) -> WompiTransaction:
        """Return a transaction as it is now. Raises NotFound when Wompi does not know it."""
        if not TRANSACTION_ID_PATTERN.fullmatch(transaction_id):
            raise NotFound
        response = await self._get(f"/transactions/{transaction_id}")
        if response.code == 404:
            raise NotFound
        found = parse_transaction(_read_data(response, dict))
        if found.id != transaction_id:
            log.error("wompi_answered_another_transaction", transaction_id=transaction_id)
            raise Unavailable
        return found

    async def search_transactions(self, since: date, until: date) -> list[WompiTransaction]:
        """Return every transaction made from one day to another (UTC), by the documented search, page by page.

        Wompi has no filter by link. The last page is the one with fewer rows than `PAGE_SIZE`.
        """
        found: dict[str, WompiTransaction] = {}
        page = 1
        while True:
            rows = await self._search_page(since, until, page)
            new = {one.id: one for one in map(parse_search_row, rows) if one is not None and one.id not in found}
            if len(rows) < PAGE_SIZE:
                return [*found.values(), *new.values()]
            if not new:
                log.error("wompi_search_has_no_end", page=page)
                raise Unavailable
            found |= new
            page += 1

    async def _search_page(self, since: date, until: date, page: int) -> list[object]:
        query = {
            "from_date": since.isoformat(),
            "until_date": until.isoformat(),
            "page": page,
            "page_size": PAGE_SIZE,
            "order_by": "created_at",
            "order": "ASC",
        }
        return _read_data(await self._get(f"/transactions?{urlencode(query)}"), list)

    async def get_merchant(self) -> MerchantInfo:
        """Return the merchant of our public key."""
        headers = {"x-merchant-public-key": self._settings.wompi_public_key}
        try:
            response = await self._fetch("GET", "/merchants/info", headers)
        except (HTTPClientError, OSError) as problem:
            raise Unavailable from problem
        data = _read_data(response, dict)
        currencies = data.get("accepted_currencies")
        return MerchantInfo(
            name=str(data.get("name", "")),
            is_active=data.get("active") is True,
            currencies=tuple(str(one) for one in currencies) if isinstance(currencies, list) else (),
        )

    def _validated_link_id(self, order: PaymentLinkRequest, response: HTTPResponse) -> str:
        """Return the id of a new link, if it matches the request. Raises LinkStatusUnknown."""
        try:
            data = _read_data(response, dict)
        except Unavailable as problem:
            raise LinkStatusUnknown("unreadable answer") from problem
        link_id = data.get("id")
        if not (isinstance(link_id, str) and LINK_ID_PATTERN.fullmatch(link_id)):
            raise LinkStatusUnknown("no link id")
        expected = {"amount_in_cents": pesos_to_cents(order.amount), "currency": COP, "sku": order.payment_id}
        if any(data.get(name, value) != value for name, value in expected.items()):
            raise LinkStatusUnknown("another link", link_id)
        if data.get("merchant_public_key", self._settings.wompi_public_key) != self._settings.wompi_public_key:
            raise LinkStatusUnknown("another merchant", link_id)
        return link_id

    async def _get(self, path: str) -> HTTPResponse:
        try:
            return await self._send("GET", path)
        except (HTTPClientError, OSError) as problem:
            log.warning("wompi_unreachable", problem=_failure_reason(problem))
            raise Unavailable from problem

    async def _send(self, method: str, path: str, body: dict[str, object] | None = None) -> HTTPResponse:
        if not self._settings.takes_payments:
            raise NotConfigured
        return await self._fetch(method, path, {"Authorization": f"Bearer {self._settings.wompi_private_key}"}, body)

    async def _fetch(
        self, method: str, path: str, headers: dict[str, str], body: dict[str, object] | None = None
    ) -> HTTPResponse:
        try:
            return await self._http.fetch(
                self._settings.wompi_api + path,
                method=method,
                headers={**headers, "Accept": "application/json", "Content-Type": "application/json"},
                body=None if body is None else json.dumps(body),
                follow_redirects=False,
                raise_error=False,
                connect_timeout=CONNECT_TIMEOUT_S,
                request_timeout=REQUEST_TIMEOUT_S,
            )
        except HTTPClientError as problem:
            if "in request queue" in str(problem):
                raise _RequestNotSent from problem
            raise


class _RequestNotSent(OSError):
    """The request timed out in our own queue."""


NOT_SENT_ERRORS = (ConnectionRefusedError, socket.gaierror, _RequestNotSent)
"""The request never left, so Wompi cannot have acted on it."""


def _read_data(response: HTTPResponse, kind: type[T]) -> T:
    """Return the `data` of a successful response, a `kind`. Raises Unavailable."""
    if not 200 <= response.code < 300:
        log.warning("wompi_refused", status=response.code, complaint=_error_summary(response))
        raise Unavailable
    try:
        data = json.loads(response.body, parse_float=str)["data"]
    except (ValueError, RecursionError, KeyError, TypeError) as problem:
        log.warning("wompi_unreadable", status=response.code)
        raise Unavailable from problem
    if not isinstance(data, kind):
        log.warning("wompi_unreadable", status=response.code)
        raise Unavailable
    return data


def _error_summary(response: HTTPResponse) -> str:
    """Return the type of an error and the fields that it names; never its `reason`, which may repeat a key."""
    try:
        error = json.loads(response.body)["error"]
        fields = ", ".join(sorted(error.get("messages", {})))
        return f"{str(error['type'])[:40]} {fields}".strip()
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return ""


def _failure_reason(problem: Exception) -> str:
    return "timeout" if getattr(problem, "code", 0) == 599 else type(problem).__name__
