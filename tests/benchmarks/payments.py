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

from beneficiate.billing.money import to_cents
from beneficiate.billing.signature import checksum
from beneficiate.models.base import transaction
from beneficiate.models.payments import Payment, Plan, Subscription
from beneficiate.sandbox.behaviour import Behaviour
from beneficiate.sandbox.server import Sandbox
from tests.benchmarks.booking import cpu_s
from tests.benchmarks.ground import asked, ground
from tests.calls import fetch
from tests.people import member
from tests.processes import Process

SENDERS, PAYMENTS, RATE = 50, 2400, 300
PATH = "/api/v1/payments/webhook/wompi"
SIGNED = ["transaction.id", "transaction.status", "transaction.amount_in_cents"]


class Sender:
    """One connection that sends events, one after the other."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def connect(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    async def send(self, body: bytes) -> float:
        """The seconds until the answer, which must be 200."""
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


async def as_fast_as_they_can(senders: list[Sender], bodies: list[bytes]) -> list[float]:
    waiting = iter(bodies)

    async def work(sender: Sender) -> list[float]:
        return [await sender.send(body) for body in waiting]

    return [took for one in await asyncio.gather(*(work(sender) for sender in senders)) for took in one]


async def evenly(senders: list[Sender], bodies: list[bytes]) -> list[float]:
    """Each event at its time, whatever became of the one before; the wait for a free sender counts too."""
    began, took = time.perf_counter(), []

    async def work(number: int, sender: Sender) -> None:
        for place in range(number, len(bodies), len(senders)):
            due = began + place / RATE
            await asyncio.sleep(max(0, due - time.perf_counter()))
            await sender.send(bodies[place])
            took.append(time.perf_counter() - due)

    await asyncio.gather(*(work(number, sender) for number, sender in enumerate(senders)))
    return took


def fill() -> dict[str, str]:
    """Payments of as many members, waiting for their money; the ids by the number of their link."""
    now = datetime.now(UTC)
    with transaction():
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


async def approve(sandbox: Sandbox, ids: dict[str, str]) -> list[bytes]:
    """A link and an approved transaction for each payment at Wompi; the events, which nobody has sent yet."""
    sandbox.behaviour = Behaviour(lose_events=True)
    bodies, links = [], []
    for payment_id in ids:
        link = await _ask(sandbox, "/v1/payment_links", _link(payment_id), sandbox.keys.private_key)
        links.append((link["id"], payment_id))
        paid = await _ask(sandbox, "/_sandbox/transactions", {"link_id": link["id"], "status": "APPROVED"})
        bodies.append(_event(paid, sandbox.keys.events_secret))
    with transaction():
        for link_id, payment_id in links:
            Payment.update(link_id=link_id).where(Payment.id == payment_id).execute()
    return bodies


async def run(folder: Path, database_url: str) -> Iterator[tuple[str, dict[str, float]]]:
    sandbox = Sandbox("http://127.0.0.1:1/")
    await sandbox.start()
    bodies = await approve(sandbox, fill())
    keys = sandbox.keys
    server = Process(
        folder, database_url, WOMPI_BASE_URL=sandbox.api_url, WOMPI_CHECKOUT_URL=sandbox.url,
        WOMPI_PUBLIC_KEY=keys.public_key, WOMPI_PRIVATE_KEY=keys.private_key,
        WOMPI_EVENTS_SECRET=keys.events_secret, WOMPI_INTEGRITY_SECRET=keys.integrity_secret,
    )  # fmt: skip
    figures = []
    try:
        await server.start(_on_first_core)
        senders = [Sender(server.port) for _ in range(SENDERS)]
        for sender in senders:
            await sender.connect()
        half = len(bodies) // 2
        await as_fast_as_they_can(senders, bodies[:100])
        for name, send, some in (
            ("as fast as they can", as_fast_as_they_can, bodies[100:half]),
            (f"{RATE} a second", evenly, bodies[half:]),
            ("copies", as_fast_as_they_can, bodies),
        ):
            figures.append((name, await measure(server, send, senders, some)))
        for sender in senders:
            sender.close()
    finally:
        server.kill()
        await sandbox.stop()
    activations = Subscription.select().where(Subscription.payment.is_null(False)).count()
    if activations != len(bodies):
        raise AssertionError(f"{activations} plans were started for {len(bodies)} payments")
    return iter(figures)


async def measure(
    server: Process,
    send: Callable[[list[Sender], list[bytes]], Awaitable[list[float]]],
    senders: list[Sender],
    bodies: list[bytes],
) -> dict[str, float]:
    began, worked = time.perf_counter(), cpu_s(server.pid)
    took = sorted(await send(senders, bodies))
    seconds, worked = time.perf_counter() - began, cpu_s(server.pid) - worked
    return {
        "events_per_s": len(bodies) / seconds,
        "median_ms": 1000 * took[len(took) // 2],
        "p99_ms": 1000 * took[len(took) * 99 // 100],
        "cpu_ms_per_event": 1000 * worked / len(bodies),
    }


def benchmark(backend: str) -> None:
    with ground(backend) as (folder, url):
        for name, figures in asyncio.run(run(folder, url)):
            print(f"{backend:<11}{name:<22}" + "".join(f"{what:>18} {value:>7.1f}" for what, value in figures.items()))


def _link(payment_id: str) -> dict[str, object]:
    return {
        "name": "Plan", "description": "Plan", "single_use": True, "collect_shipping": False, "currency": "COP",
        "amount_in_cents": to_cents(250_000), "sku": payment_id,
    }  # fmt: skip


def _event(paid: dict[str, object], secret: str) -> bytes:
    data, timestamp = {"transaction": paid}, int(time.time())
    signature = {"properties": SIGNED, "checksum": checksum(data, SIGNED, timestamp, secret)}
    event = {
        "event": "transaction.updated", "data": data, "environment": "test", "signature": signature,
        "timestamp": timestamp,
    }  # fmt: skip
    return json.dumps(event).encode()


async def _ask(sandbox: Sandbox, path: str, body: dict[str, object], key: str = "") -> dict[str, object]:
    answer = await fetch(sandbox.port, path, "POST", json.dumps(body), Authorization=f"Bearer {key}")
    return dict(answer.data)


def _on_first_core() -> None:
    os.sched_setaffinity(0, {0})


if __name__ == "__main__":
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    print(f"Python {platform.python_version()}; {PAYMENTS} payments, {SENDERS} senders")
    for backend in asked():
        benchmark(backend)
