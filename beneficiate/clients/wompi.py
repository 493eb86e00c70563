"""Wompi's API, its words into ours. Source: https://docs.wompi.co/docs/colombia/inicio-rapido/.

Keys go out in the headers of requests and nowhere else: not into logs, not into problems, and redirects, which would
carry them to another host, are not followed. Answers are read with their numbers as they were written.
"""

import json
import re
import socket
from dataclasses import dataclass
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import structlog
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPResponse

from beneficiate.clients.wompi_answers import parse_search_row, parse_transaction
from beneficiate.domain.billing.money import COP, pesos_to_cents
from beneficiate.domain.billing.signature import TRANSACTION_ID_PATTERN
from beneficiate.domain.billing.wompi import PaymentLinkRequest, WompiTransaction
from beneficiate.errors import NotConfigured, NotFound, Unavailable
from beneficiate.settings import Settings

log = structlog.get_logger(__name__)

CONNECT_TIMEOUT_S, REQUEST_TIMEOUT_S = 5.0, 12.0
MAX_CONCURRENT_REQUESTS = 100
"""Tornado's own limit is ten requests at once: a flood of events would wait in a line."""
LINK_ID_PATTERN = re.compile(r"[0-9A-Za-z_-]{1,64}")
PAGE_SIZE = 50
MAX_RESPONSE_BYTES = 4 * 1024 * 1024


class LinkStatusUnknown(Exception):
    """Nobody knows whether the link was made: a timeout, a 5xx, or an answer that is not about what was asked."""

    def __init__(self, reason: str, link_id: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.link_id = link_id


class LinkRefused(Exception):
    """The link was certainly not made: Wompi refused the request, or was never reached."""


@dataclass(frozen=True, slots=True)
class MerchantInfo:
    """Who the public key belongs to."""

    name: str
    is_active: bool
    currencies: tuple[str, ...]


class WompiClient:
    """One merchant at Wompi. Raises Unavailable whenever there is no answer that can be used."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._http = AsyncHTTPClient(
            force_instance=True, max_clients=MAX_CONCURRENT_REQUESTS, max_body_size=MAX_RESPONSE_BYTES
        )

    def close(self) -> None:
        self._http.close()

    async def create_link(self, order: PaymentLinkRequest) -> str:
        """Make a single-use link over a fixed amount and return its id. Raises LinkInDoubt or LinkRefused.

        There is no idempotency key: whoever does not know whether a link was made must not ask for another one.
        """
        body = {
            "name": order.name,
            "description": order.description,
            "single_use": True,
            "collect_shipping": False,
            "currency": COP,
            "amount_in_cents": pesos_to_cents(order.amount),
            "expires_at": _format_instant(order.expires_at),
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
        """The `sku` that a link was made with: the id of our payment; None when there is no such link."""
        if not LINK_ID_PATTERN.fullmatch(link_id):
            return None
        response = await self._get(f"/payment_links/{link_id}")
        if response.code == 404:
            return None
        sku = _read_data(response, dict).get("sku")
        return sku if isinstance(sku, str) else None

    async def link_exists(self, link_id: str) -> bool:
        """Whether there is such a link, open or closed."""
        return (await self._get(f"/payment_links/{link_id}")).code != HTTPStatus.NOT_FOUND

    async def close_link(self, link_id: str) -> None:
        """Let nobody pay a link any more. A payment that is under way is not undone by it."""
        try:
            response = await self._send("PATCH", f"/payment_links/{link_id}", {"active": False})
        except (HTTPClientError, OSError) as problem:
            raise Unavailable from problem
        _read_data(response, dict)

    async def get_transaction(self, transaction_id: str) -> WompiTransaction:
        """A transaction as it is now. Raises NotFound when Wompi does not know it."""
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
        """Every transaction that was made from one day to another (UTC), by the documented search, page by page.

        There is no filter by link. The last page is the one with fewer rows than were asked for.
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

    async def _search_page(self, since: date, until: date, page: int) -> list[Any]:
        query = {
            "from_date": since.isoformat(),
            "until_date": until.isoformat(),
            "page": page,
            "page_size": PAGE_SIZE,
            "order_by": "created_at",
            "order": "ASC",
        }
        rows: list[Any] = _read_data(await self._get(f"/transactions?{urlencode(query)}"), list)
        return rows

    async def get_merchant(self) -> MerchantInfo:
        """Who we are at Wompi."""
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
        """The id of a new link that is the one which was asked for. Raises LinkInDoubt."""
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

    async def _send(self, method: str, path: str, body: Any = None) -> HTTPResponse:
        if not self._settings.takes_payments:
            raise NotConfigured
        return await self._fetch(method, path, {"Authorization": f"Bearer {self._settings.wompi_private_key}"}, body)

    async def _fetch(self, method: str, path: str, headers: dict[str, str], body: Any = None) -> HTTPResponse:
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
    """We are too busy ourselves to have asked."""


NOT_SENT_ERRORS = (ConnectionRefusedError, socket.gaierror, _RequestNotSent)
"""The request never left, so Wompi cannot have done anything."""


def _read_data(response: HTTPResponse, kind: type) -> Any:
    """The `data` of an answer that is a success of this kind. Raises Unavailable."""
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
    """The kind of an error and the fields that it names; never its `reason`, which may repeat a key."""
    try:
        error = json.loads(response.body)["error"]
        fields = ", ".join(sorted(error.get("messages", {})))
        return f"{str(error['type'])[:40]} {fields}".strip()
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return ""


def _failure_reason(problem: Exception) -> str:
    return "timeout" if getattr(problem, "code", 0) == 599 else type(problem).__name__


def _format_instant(instant: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and Z, the form that Wompi's own examples have."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
