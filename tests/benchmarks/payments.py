"""Figures of payments: `python -m tests.benchmarks.payments [sqlite|postgresql]`.

Signed events a second, each of another payment whose plan it starts: the event is committed, its transaction read
from a local Wompi over HTTP, the payment settled, the answer 200. First as fast as 50 senders can, then 300 a second
spread evenly. Then the same events once more: copies of what is settled. The server has one core; the senders and
Wompi share the other one.
"""

import asyncio
import json
import os
import platform
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from beneficiate.domain.billing.money import pesos_to_cents
from beneficiate.domain.billing.signature import compute_event_checksum
from beneficiate.models.base import write_transaction
from beneficiate.models.payments import Payment, Plan, Subscription
from beneficiate.sandbox.behaviour import Behaviour
from beneficiate.sandbox.server import Sandbox
from tests.benchmarks.bench_env import bench_database, requested_backends
from tests.benchmarks.booking import process_cpu_s
from tests.factories import member
from tests.http_client import fetch
from tests.server_process import AppProcess

SENDERS, PAYMENTS, RATE = 50, 2400, 300
PATH = "/api/v1/payments/webhook/wompi"
SIGNED_PROPERTIES = ["transaction.id", "transaction.status", "transaction.amount_in_cents"]


class EventSender:
    """One connection that sends events, one after the other."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def connect(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    async def send(self, body: bytes) -> float:
        """Return the seconds until the response, which must be 200."""
        began = time.perf_counter()
        self._writer.write(
            b"POST %b HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
            % (PATH.encode(), len(body), body)
        )
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
        await self._reader.readexactly(int(length.split(b":")[1]))
        if b" 200 " not in head.split(b"\r\n")[0]:
            raise AssertionError(head.decode())
        return time.perf_counter() - began

    def close(self) -> None:
        self._writer.close()


async def send_closed_loop(senders: list[EventSender], bodies: list[bytes]) -> list[float]:
    waiting = iter(bodies)

    async def uow(sender: EventSender) -> list[float]:
        return [await sender.send(body) for body in waiting]

    return [took for one in await asyncio.gather(*(uow(sender) for sender in senders)) for took in one]


async def send_at_fixed_rate(senders: list[EventSender], bodies: list[bytes]) -> list[float]:
    """Send each event at its time, whatever the result of the one before; waiting for a free sender counts too."""
    began, took = time.perf_counter(), []

    async def uow(number: int, sender: EventSender) -> None:
        for place in range(number, len(bodies), len(senders)):
            due = began + place / RATE
            await asyncio.sleep(max(0, due - time.perf_counter()))
            await sender.send(bodies[place])
            took.append(time.perf_counter() - due)

    await asyncio.gather(*(uow(number, sender) for number, sender in enumerate(senders)))
    return took


def create_payments() -> dict[str, str]:
    """Create pending payments of as many members; return the ids by the number of their link."""
    now = datetime.now(UTC)
    with write_transaction():
        plan = Plan.create(
            code="INDIVIDUAL", name="Individual", description="", price=250_000, duration_days=365, max_beneficiaries=0
        )
        ids = {}
        for _ in range(PAYMENTS):
            payment = Payment.create(
                id=str(uuid4()), user=member().id, plan=plan, amount=plan.price, currency="COP", duration_days=365,
                environment="test", status="PENDING", is_open=True, link_expires_at=now + timedelta(hours=1),
                created_at=now, updated_at=now, force_insert=True,
            )  # fmt: skip
            ids[payment.id] = ""
    return ids


async def create_events(sandbox: Sandbox, ids: dict[str, str]) -> list[bytes]:
    """Create a link and an approved transaction at Wompi for each payment; return their unsent events."""
    sandbox.behaviour = Behaviour(lose_events=True)
    bodies, links = [], []
    for payment_id in ids:
        link = await _post_json(sandbox, "/v1/payment_links", _link_body(payment_id), sandbox.keys.private_key)
        links.append((link["id"], payment_id))
        paid = await _post_json(sandbox, "/_sandbox/transactions", {"link_id": link["id"], "status": "APPROVED"})
        bodies.append(_event_body(paid, sandbox.keys.events_secret))
    with write_transaction():
        for link_id, payment_id in links:
            Payment.update(link_id=link_id).where(Payment.id == payment_id).execute()
    return bodies


async def run_scenarios(folder: Path, database_url: str) -> Iterator[tuple[str, dict[str, float]]]:
    sandbox = Sandbox("http://127.0.0.1:1/")
    await sandbox.start()
    bodies = await create_events(sandbox, create_payments())
    keys = sandbox.keys
    server = AppProcess(
        folder, database_url, WOMPI_BASE_URL=sandbox.api_url, WOMPI_CHECKOUT_URL=sandbox.url,
        WOMPI_PUBLIC_KEY=keys.public_key, WOMPI_PRIVATE_KEY=keys.private_key,
        WOMPI_EVENTS_SECRET=keys.events_secret, WOMPI_INTEGRITY_SECRET=keys.integrity_secret,
    )  # fmt: skip
    figures = []
    try:
        await server.start(_on_first_core)
        senders = [EventSender(server.port) for _ in range(SENDERS)]
        for sender in senders:
            await sender.connect()
        half = len(bodies) // 2
        await send_closed_loop(senders, bodies[:100])
        for name, send, some in (
            ("as fast as they can", send_closed_loop, bodies[100:half]),
            (f"{RATE} a second", send_at_fixed_rate, bodies[half:]),
            ("copies", send_closed_loop, bodies),
        ):
            figures.append((name, await measure_run(server, send, senders, some)))
        for sender in senders:
            sender.close()
    finally:
        server.kill()
        await sandbox.stop()
    activations = Subscription.select().where(Subscription.payment.is_null(False)).count()
    if activations != len(bodies):
        raise AssertionError(f"{activations} plans were started for {len(bodies)} payments")
    return iter(figures)


async def measure_run(
    server: AppProcess,
    send: Callable[[list[EventSender], list[bytes]], Awaitable[list[float]]],
    senders: list[EventSender],
    bodies: list[bytes],
) -> dict[str, float]:
    began, worked = time.perf_counter(), process_cpu_s(server.pid)
    took = sorted(await send(senders, bodies))
    seconds, worked = time.perf_counter() - began, process_cpu_s(server.pid) - worked
    return {
        "events_per_s": len(bodies) / seconds,
        "median_ms": 1000 * took[len(took) // 2],
        "p99_ms": 1000 * took[len(took) * 99 // 100],
        "cpu_ms_per_event": 1000 * worked / len(bodies),
    }


def run_benchmark(backend: str) -> None:
    with bench_database(backend) as (folder, url):
        for name, figures in asyncio.run(run_scenarios(folder, url)):
            print(f"{backend:<11}{name:<22}" + "".join(f"{what:>18} {value:>7.1f}" for what, value in figures.items()))


def _link_body(payment_id: str) -> dict[str, object]:
    return {
        "name": "Plan", "description": "Plan", "single_use": True, "collect_shipping": False, "currency": "COP",
        "amount_in_cents": pesos_to_cents(250_000), "sku": payment_id,
    }  # fmt: skip


def _event_body(paid: dict[str, object], secret: str) -> bytes:
    data, timestamp = {"transaction": paid}, int(time.time())
    signature = {
        "properties": SIGNED_PROPERTIES,
        "checksum": compute_event_checksum(data, SIGNED_PROPERTIES, timestamp, secret),
    }
    event = {
        "event": "transaction.updated", "data": data, "environment": "test", "signature": signature,
        "timestamp": timestamp,
    }  # fmt: skip
    return json.dumps(event).encode()


async def _post_json(sandbox: Sandbox, path: str, body: dict[str, object], key: str = "") -> dict[str, object]:
    answer = await fetch(sandbox.port, path, "POST", json.dumps(body), Authorization=f"Bearer {key}")
    return dict(answer.data)


def _on_first_core() -> None:
    os.sched_setaffinity(0, {0})


if __name__ == "__main__":
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    print(f"Python {platform.python_version()}; {PAYMENTS} payments, {SENDERS} senders")
    for backend in requested_backends():
        run_benchmark(backend)
