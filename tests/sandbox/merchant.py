"""The merchant's side: calls the gateway, takes its events, and fills in the payer's forms."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from beneficiate.domain.billing.signature import SignedEvent, verify_event
from beneficiate.sandbox.server import Sandbox
from tests.http_client import HttpAnswer, fetch
from tests.ws_client import wait_until

APPROVED_CARD = {"number": "4242 4242 4242 4242", "expiry": "12/49", "cvc": "123", "holder": "Ana Prueba"}
DECLINED_CARD = {**APPROVED_CARD, "number": "4111111111111111"}
LINK_BODY = {
    "name": "Plan Familiar",
    "description": "Membresía de 30 días",
    "single_use": True,
    "collect_shipping": False,
    "currency": "COP",
    "amount_in_cents": 48_000_000,
    "redirect_url": "http://comercio.test/pagos/7",
    "sku": "6f1c0c5e-7d0e-4f57-9a4b-0c3f2f6f9a11",
}
OWN_PRIVATE_KEY = object()
"""Stands for the merchant's own private key."""


@dataclass
class ReceivedEvent:
    """An event as it came."""

    body: bytes
    checksum: str
    at: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def transaction(self) -> Any:
        return self.json["data"]["transaction"]


@dataclass
class FakeMerchant:
    """`statuses` are what the next events are answered with; 200 when they run out."""

    sandbox: Sandbox
    statuses: list[int] = field(default_factory=list)
    received: list[ReceivedEvent] = field(default_factory=list)
    http: HTTPServer | None = None

    async def listen(self) -> None:
        application = Application([("/events", _EventsHandler, {"merchant": self})], log_function=lambda handler: None)
        sockets = bind_sockets(0, "127.0.0.1")
        self.http = HTTPServer(application)
        self.http.add_sockets(sockets)
        self.sandbox.events_url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}/events"

    async def stop(self) -> None:
        assert self.http is not None
        self.http.stop()
        await self.http.close_all_connections()

    async def call(
        self, path: str, body: Any = None, method: str = "", key: Any = OWN_PRIVATE_KEY, **headers: str
    ) -> HttpAnswer:
        """One call of the API."""
        key = self.sandbox.keys.private_key if key is OWN_PRIVATE_KEY else key
        if key:
            headers["Authorization"] = f"Bearer {key}"
        text = None if body is None else body if isinstance(body, str) else json.dumps(body)
        return await fetch(
            self.sandbox.port, f"/v1{path}", method or ("GET" if body is None else "POST"), text, **headers
        )

    async def post_with_timeout(self, path: str, patience_s: float) -> None:
        """A POST of the API that is given up soon. Raises HTTPError then."""
        headers = {"Authorization": f"Bearer {self.sandbox.keys.private_key}"}
        url = f"{self.sandbox.api_url}{path}"
        await AsyncHTTPClient().fetch(url, method="POST", body="", headers=headers, request_timeout=patience_s)

    async def call_tool(self, path: str, body: Any = None, method: str = "") -> HttpAnswer:
        text = None if body is None else json.dumps(body)
        return await fetch(self.sandbox.port, f"/_sandbox/{path}", method or ("GET" if body is None else "POST"), text)

    async def create_link(self, **changes: Any) -> Any:
        answer = await self.call("/payment_links", {**LINK_BODY, **changes})
        assert answer.status == 201, answer.text
        return answer.data

    async def create_transaction(self, status: str = "APPROVED", **more: Any) -> Any:
        """A transaction in this status over a new link."""
        answer = await self.call_tool(
            "transactions", {"link_id": (await self.create_link())["id"], "status": status, **more}
        )
        assert answer.status == 201, answer.text
        return answer.data

    async def transaction(self, id_: str) -> Any:
        return (await self.call(f"/transactions/{id_}")).data

    async def page(self, path: str) -> HttpAnswer:
        return await fetch(self.sandbox.port, path)

    async def pay(self, link: Any, method: str = "card", **form: str) -> HttpAnswer:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return await fetch(self.sandbox.port, f"/l/{link['id']}/{method}", "POST", urlencode(form), **headers)

    async def wait_for_events(self, count: int) -> list[ReceivedEvent]:
        """Wait for so many events, and until the gateway has nothing more to send or to settle: no others come."""
        await wait_until(lambda: len(self.received) >= count, 3)
        while tasks := self.sandbox._background_tasks._tasks:
            await asyncio.wait(set(tasks), timeout=3)
        assert len(self.received) == count
        return self.received

    def verify_event(self, taken: ReceivedEvent) -> SignedEvent:
        return verify_event(taken.body, taken.checksum, "test", self.sandbox.keys.events_secret)


class _EventsHandler(RequestHandler):
    def initialize(self, merchant: FakeMerchant) -> None:
        self.merchant = merchant

    def post(self) -> None:
        now = asyncio.get_running_loop().time()
        self.merchant.received.append(ReceivedEvent(self.request.body, self.request.headers["X-Event-Checksum"], now))
        self.set_status(self.merchant.statuses.pop(0) if self.merchant.statuses else 200)
