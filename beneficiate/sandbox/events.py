"""Events about the status of a transaction, signed and posted to the merchant.

Source: https://docs.wompi.co/docs/colombia/eventos/
"""

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TypedDict

import msgspec
from tornado.httpclient import AsyncHTTPClient, HTTPError

from beneficiate.domain.billing.signature import TRANSACTION_UPDATED, compute_event_checksum
from beneficiate.sandbox.account import MerchantAccount
from beneficiate.sandbox.background_tasks import BackgroundTasks
from beneficiate.sandbox.objects import SandboxTransaction, now_iso

PROPERTIES = ("transaction.id", "transaction.status", "transaction.amount_in_cents")
ENVIRONMENT = "test"
DELIVERED_STATUS = 200
NO_ANSWER_STATUS = 599
MAX_LOGGED_EVENTS = 10_000
REORDER_BATCH_SIZE, REORDER_WAIT_S = 2, 0.5
DELIVERY_TIMEOUT_S = 10.0


class EventSignature(TypedDict):
    """The paths of the signed values inside of `data`, and the checksum."""

    properties: list[str]
    checksum: str


class EventBody(TypedDict):
    """The JSON body of an event. `timestamp` is in seconds since 1970, `sent_at` ISO 8601."""

    event: str
    data: dict[str, object]
    environment: str
    signature: EventSignature
    timestamp: int
    sent_at: str


@dataclass(slots=True)
class SandboxEvent:
    """One event and the HTTP statuses of its deliveries; 599 stands for no response."""

    transaction_id: str
    body: EventBody
    is_lost: bool = False
    statuses: list[int] = field(default_factory=list)


class EventSender:
    """Signs and posts events; without HTTP 200 it retries after each pause of `retry_s` seconds, then drops them."""

    def __init__(self, account: MerchantAccount, background_tasks: BackgroundTasks, retry_s: tuple[float, ...]) -> None:
        self.log: deque[SandboxEvent] = deque(maxlen=MAX_LOGGED_EVENTS)
        self._account = account
        self._background_tasks = background_tasks
        self._retry_s = retry_s
        self._last_by_transaction: dict[str, SandboxEvent] = {}
        self._held_events: list[SandboxEvent] = []
        self._timer: asyncio.TimerHandle | None = None
        self._client: AsyncHTTPClient | None = None

    def start(self) -> None:
        self._client = AsyncHTTPClient(force_instance=True, max_clients=100)

    def stop(self) -> None:
        self._end_timer()
        if self._client is not None:
            self._client.close()
            self._client = None

    def send_event(self, transaction: SandboxTransaction, *, is_lost: bool = False) -> None:
        """Send the status to the merchant, as the behaviour says: once, several times, out of order or never.

        `is_lost`: never, until it is sent again.
        """
        behaviour = self._account.behaviour
        event = SandboxEvent(transaction.id, self._build_body(transaction), behaviour.lose_events or is_lost)
        self.log.append(event)
        self._last_by_transaction[transaction.id] = event
        if event.is_lost:
            return
        for _ in range(behaviour.repeat_events):
            if behaviour.reorder_events:
                self._hold_event(event)
            else:
                self._background_tasks.spawn(self._deliver(event))

    def resend_event(self, transaction: SandboxTransaction) -> SandboxEvent:
        """Send the last event of a transaction again, byte for byte, whatever the behaviour is."""
        event = self._last_by_transaction.get(transaction.id)
        if event is None:
            event = self._last_by_transaction[transaction.id] = SandboxEvent(
                transaction.id, self._build_body(transaction)
            )
            self.log.append(event)
        event.is_lost = False
        self._background_tasks.spawn(self._deliver(event))
        return event

    def _build_body(self, transaction: SandboxTransaction) -> EventBody:
        data = msgspec.to_builtins({"transaction": transaction})
        timestamp = int(time.time())
        return {
            "event": TRANSACTION_UPDATED,
            "data": data,
            "environment": ENVIRONMENT,
            "signature": {
                "properties": list(PROPERTIES),
                "checksum": compute_event_checksum(data, PROPERTIES, timestamp, self._account.keys.events_secret),
            },
            "timestamp": timestamp,
            "sent_at": now_iso(),
        }

    def _hold_event(self, event: SandboxEvent) -> None:
        self._held_events.append(event)
        if len(self._held_events) >= REORDER_BATCH_SIZE:
            self._release_held()
        else:
            self._timer = asyncio.get_running_loop().call_later(REORDER_WAIT_S, self._release_held)

    def _release_held(self) -> None:
        self._end_timer()
        held, self._held_events = self._held_events, []
        self._background_tasks.spawn(self._deliver_in_reverse(held))

    def _end_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def _deliver_in_reverse(self, events: list[SandboxEvent]) -> None:
        for event in reversed(events):
            if not await self._post(event):
                self._background_tasks.spawn(self._retry(event))

    async def _deliver(self, event: SandboxEvent) -> None:
        if not await self._post(event):
            await self._retry(event)

    async def _retry(self, event: SandboxEvent) -> None:
        for pause_s in self._retry_s:
            await asyncio.sleep(pause_s)
            if await self._post(event):
                return

    async def _post(self, event: SandboxEvent) -> bool:
        """Post an event; return whether it was delivered: HTTP 200, no other 2xx."""
        assert self._client is not None  # noqa: S101  no event before `start`
        try:
            response = await self._client.fetch(
                self._account.events_url,
                method="POST",
                headers={
                    "Content-Type": "application/json",
                    "X-Event-Checksum": event.body["signature"]["checksum"],
                },
                body=msgspec.json.encode(event.body),
                follow_redirects=False,
                raise_error=False,
                request_timeout=DELIVERY_TIMEOUT_S,
            )
            status = response.code
        except (OSError, HTTPError, ValueError):
            status = NO_ANSWER_STATUS
        event.statuses.append(status)
        return status == DELIVERED_STATUS
