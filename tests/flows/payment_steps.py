"""Payments from outside: a member buys, a local Wompi is paid and tells, and what is in the database afterwards."""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from beneficiate.app import WEBHOOK_PATH, Server
from beneficiate.domain.billing.signature import compute_event_checksum
from beneficiate.models.payments import Payment, PaymentReview, Plan, Subscription, WompiEvent
from beneficiate.sandbox.keys import WompiKeys
from beneficiate.sandbox.server import Sandbox
from tests.factories import Person, member
from tests.http_client import HttpAnswer, call_api, fetch

PRICE, DAYS = 250_000, 365
CENTS = 25_000_000
OWN_URL = "http://beneficiate.test"
SHOP_KEYS = WompiKeys(
    public_key="pub_test_de_la_tienda",
    private_key="prv_test_que_nadie_debe_ver",
    events_secret="test_events_unit_test_secret",
    integrity_secret="test_integrity_unit_test_secret",
)
SIGNED_PROPERTIES = ("transaction.id", "transaction.status", "transaction.amount_in_cents")
CREATE_LINK, GET_LINK = "POST /v1/payment_links", "GET /v1/payment_links/{id}"
CLOSE_LINK = "PATCH /v1/payment_links/{id}"
ON_SQLITE = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
"""For what the database has no part in, or where each run takes seconds; the rest runs on both."""
GET_TRANSACTION, SEARCH_TRANSACTIONS = "GET /v1/transactions/{id}", "GET /v1/transactions"


@dataclass
class Shop:
    """A server with a Wompi of its own, a member and a plan."""

    server: Server
    sandbox: Sandbox
    member: Person
    plan: Plan

    @property
    def port(self) -> int:
        return self.server.port

    @property
    def payments(self) -> Any:
        return self.server.context.payments

    def lose_events(self) -> None:
        """Wompi's own events are lost from now on: only those of the test come."""
        self.sandbox.behaviour.lose_events = True


def create_plan(code: str = "PRUEBA", price: int = PRICE, **columns: Any) -> Plan:
    given = {"name": "De prueba", "description": "", "duration_days": DAYS, "max_beneficiaries": 4, **columns}
    return Plan.create(code=code, price=price, **given)


def settings_over(wompi: Any, **changes: Any) -> dict[str, Any]:
    """Settings of a server whose Wompi is at `wompi.api_url`."""
    return {
        "public_url": OWN_URL,
        "reconcile_s": 3600.0,
        "wompi_base_url": wompi.api_url,
        "wompi_public_key": SHOP_KEYS.public_key,
        "wompi_private_key": SHOP_KEYS.private_key,
        "wompi_events_secret": SHOP_KEYS.events_secret,
        "wompi_integrity_secret": SHOP_KEYS.integrity_secret,
        **changes,
    }


# ---- What people and Wompi do ---------------------------------------------------------------------


async def create_payment(port: int, who: Person | None, plan: Plan | int) -> HttpAnswer:
    return await call_api(port, "payments/create", who, {"planId": getattr(plan, "id", plan)})


async def open_payment_and_link(port: int, who: Person, plan: Plan) -> tuple[str, str]:
    """The ids of an open payment and of its link."""
    answer = await create_payment(port, who, plan)
    assert answer.status == 201, answer.text
    return answer.data["transactionId"], urlsplit(answer.data["redirectUrl"]).path.rsplit("/", 1)[1]


async def create_transaction(sandbox: Sandbox, link_id: str, status: str = "APPROVED", **more: Any) -> dict[str, Any]:
    """A transaction over a link; Wompi sends its event on its own."""
    return await _tool(sandbox, "transactions", "POST", {"link_id": link_id, "status": status, **more})


async def change_status_at_wompi(sandbox: Sandbox, transaction: dict[str, Any], status: str) -> dict[str, Any]:
    """The transaction's state changes at Wompi."""
    return await _tool(sandbox, f"transactions/{transaction['id']}", "PATCH", {"status": status})


async def _tool(sandbox: Sandbox, path: str, method: str, body: Any) -> dict[str, Any]:
    answer = await fetch(sandbox.port, f"/_sandbox/{path}", method, json.dumps(body))
    assert answer.status < 300, answer.text
    found: dict[str, Any] = answer.data
    return found


def signed_event_body(
    transaction: dict[str, Any], properties: tuple[str, ...] = SIGNED_PROPERTIES, **changes: Any
) -> dict[str, Any]:
    """An event about a transaction, signed as Wompi signs; `changes` replace its fields before that."""
    changes = dict(changes)
    secret = changes.pop("secret", SHOP_KEYS.events_secret)
    body = {
        "event": "transaction.updated",
        "data": {"transaction": transaction},
        "environment": "test",
        "timestamp": 1767225660,
        "sent_at": "2026-01-01T00:01:00.000Z",
        **changes,
    }
    signed = compute_event_checksum(body["data"], properties, body["timestamp"], secret)
    return {**body, "signature": {"properties": list(properties), "checksum": signed}}


async def post_event(port: int, body: Any, header: str | None = None) -> HttpAnswer:
    """Post an event as Wompi does; without `header` the checksum of its body goes along."""
    text = body if isinstance(body, str) else json.dumps(body)
    if header is None and isinstance(body, dict):
        header = str(body.get("signature", {}).get("checksum", ""))
    headers = {"X_Event_Checksum": header} if header else {}
    return await fetch(port, WEBHOOK_PATH, "POST", text, Content_Type="application/json", **headers)


async def post_events_at_once(port: int, bodies: list[dict[str, Any]]) -> list[int]:
    """Post events over as many connections; the statuses of the answers."""
    client = AsyncHTTPClient(force_instance=True, max_clients=len(bodies))
    try:
        posted = [
            client.fetch(
                f"http://127.0.0.1:{port}{WEBHOOK_PATH}",
                method="POST",
                body=json.dumps(body),
                headers={"X-Event-Checksum": body["signature"]["checksum"]},
                raise_error=False,
                request_timeout=25,
            )
            for body in bodies
        ]
        return [response.code for response in await asyncio.gather(*posted)]
    finally:
        client.close()


# ---- What is stored -------------------------------------------------------------------------------


def load_stored_payment(payment_id: str) -> Payment:
    return Payment.get_by_id(payment_id)


def plan_periods(payment_id: str) -> list[Subscription]:
    return list(Subscription.select().where(Subscription.payment == payment_id))


def activations(payment_id: str) -> int:
    """How often the plan of a payment was given time."""
    return len(plan_periods(payment_id))


def is_plan_running(payment_id: str) -> bool:
    """Whether a plan runs that this payment paid for."""
    now = datetime.now(UTC)
    return any(one.starts_at <= now < one.ends_at for one in plan_periods(payment_id))


def open_reviews(payment_id: str) -> dict[tuple[str, str], bool]:
    """What people must look at, by kind and transaction: whether that is still so."""
    rows = PaymentReview.select().where(PaymentReview.payment == payment_id)
    return {(row.kind, row.transaction_id): row.resolved_at is None for row in rows}


def payment_state(payment_id: str) -> tuple[str, bool, list[str]]:
    """Its state, whether its plan runs, and the kinds of what people must look at."""
    kinds = sorted(kind for (kind, _), is_open in open_reviews(payment_id).items() if is_open)
    return load_stored_payment(payment_id).status, is_plan_running(payment_id), kinds


def stored_events() -> list[tuple[str, str, str]]:
    """State, outcome and status of every stored event, in the order in which they came."""
    rows = WompiEvent.select().order_by(WompiEvent.id)
    return [(row.state, row.outcome, row.transaction_status) for row in rows]


def make_check_due(payment_id: str) -> None:
    """Its next look at Wompi is due."""
    Payment.update(check_at=datetime.now(UTC) - timedelta(seconds=1)).where(Payment.id == payment_id).execute()


def make_events_due() -> None:
    due = datetime.now(UTC) - timedelta(seconds=1)
    WompiEvent.update(next_try_at=due).where(WompiEvent.next_try_at.is_null(False)).execute()


def expire_link(payment_id: str, ago: timedelta = timedelta(hours=1)) -> None:
    """Its link has ended, by our clock."""
    Payment.update(link_expires_at=datetime.now(UTC) - ago).where(Payment.id == payment_id).execute()


def other_member() -> Person:
    return member("Luis")


# ---- A Wompi that answers strangely ---------------------------------------------------------------


@dataclass
class MisbehavingWompi:
    """Answers every request of the API with the same: a status, headers and a body, text or JSON.

    `body` may be a function of the request's own JSON.
    """

    status: int = 200
    body: Any = ""
    headers: dict[str, str] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    http: HTTPServer | None = None
    port: int = 0

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def count_requests(self, method: str) -> int:
        """How many requests came, without the question at the start who we are."""
        return sum(1 for one, path in self.requests if one == method and not path.startswith("/v1/merchants/"))

    def answer_with(self, status: int, body: Any = "", **headers: str) -> None:
        self.status, self.body = status, body
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    async def start(self) -> None:
        sockets = bind_sockets(0, "127.0.0.1")
        self.port = sockets[0].getsockname()[1]
        application = Application(
            [(".*", _MisbehavingHandler, {"misbehaving": self})], log_function=lambda handler: None
        )
        self.http = HTTPServer(application)
        self.http.add_sockets(sockets)

    async def stop(self) -> None:
        assert self.http is not None
        self.http.stop()
        await self.http.close_all_connections()


class _MisbehavingHandler(RequestHandler):
    def initialize(self, misbehaving: MisbehavingWompi) -> None:
        self.misbehaving = misbehaving

    async def prepare(self) -> None:
        misbehaving = self.misbehaving
        misbehaving.requests.append((self.request.method or "", self.request.uri or ""))
        asked = json.loads(self.request.body) if self.request.body else {}
        body = misbehaving.body(asked) if callable(misbehaving.body) else misbehaving.body
        self.set_status(misbehaving.status)
        for name, value in misbehaving.headers.items():
            self.set_header(name, value)
        await self.finish(body if isinstance(body, str | bytes) else json.dumps(body))
