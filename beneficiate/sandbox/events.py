"""Events: what became of a transaction, signed and posted to the merchant (docs.wompi.co/docs/colombia/eventos/)."""

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import msgspec
from tornado.httpclient import AsyncHTTPClient, HTTPError

from beneficiate.billing.signature import TRANSACTION_UPDATED, checksum
from beneficiate.sandbox.account import Account
from beneficiate.sandbox.errands import Errands
from beneficiate.sandbox.objects import Transaction, now_text

PROPERTIES = ("transaction.id", "transaction.status", "transaction.amount_in_cents")
ENVIRONMENT = "test"
DELIVERED = 200
NO_ANSWER = 599
KEPT = 10_000
HELD, HOLD_S = 2, 0.5
TIMEOUT_S = 10.0


@dataclass(slots=True)
class Event:
    """One notification, and the statuses that its deliveries were answered with. 599 stands for no answer at all."""

    transaction_id: str
    body: dict[str, Any]
    is_lost: bool = False
    statuses: list[int] = field(default_factory=list)


class Events:
    """Signs, sends and, until HTTP 200 comes back, sends again after each of `retry_s`; then the event is dropped."""

    def __init__(self, account: Account, errands: Errands, retry_s: tuple[float, ...]) -> None:
        self.log: deque[Event] = deque(maxlen=KEPT)
        self._account = account
        self._errands = errands
        self._retry_s = retry_s
        self._last: dict[str, Event] = {}
        self._held: list[Event] = []
        self._timer: asyncio.TimerHandle | None = None
        self._client: AsyncHTTPClient | None = None

    def start(self) -> None:
        self._client = AsyncHTTPClient(force_instance=True, max_clients=100)

    def stop(self) -> None:
        self._end_timer()
        if self._client is not None:
            self._client.close()
            self._client = None

    def announce(self, transaction: Transaction) -> None:
        """Tell the merchant of a status, as the behaviour has it: once, several times, in disorder or never."""
        behaviour = self._account.behaviour
        event = Event(transaction.id, self._compose(transaction), behaviour.lose_events)
        self.log.append(event)
        self._last[transaction.id] = event
        if event.is_lost:
            return
        for _ in range(behaviour.repeat_events):
            if behaviour.reorder_events:
                self._hold(event)
            else:
                self._errands.spawn(self._deliver(event))

    def repeat(self, transaction: Transaction) -> Event:
        """Send the last event of a transaction again, to the letter, whatever the behaviour is."""
        event = self._last.get(transaction.id)
        if event is None:
            event = self._last[transaction.id] = Event(transaction.id, self._compose(transaction))
            self.log.append(event)
        event.is_lost = False
        self._errands.spawn(self._deliver(event))
        return event

    def _compose(self, transaction: Transaction) -> dict[str, Any]:
        data = msgspec.to_builtins({"transaction": transaction})
        timestamp = int(time.time())
        return {
            "event": TRANSACTION_UPDATED,
            "data": data,
            "environment": ENVIRONMENT,
            "signature": {
                "properties": list(PROPERTIES),
                "checksum": checksum(data, PROPERTIES, timestamp, self._account.keys.events_secret),
            },
            "timestamp": timestamp,
            "sent_at": now_text(),
        }

    def _hold(self, event: Event) -> None:
        self._held.append(event)
        if len(self._held) >= HELD:
            self._release()
        else:
            self._timer = asyncio.get_running_loop().call_later(HOLD_S, self._release)

    def _release(self) -> None:
        self._end_timer()
        held, self._held = self._held, []
        self._errands.spawn(self._deliver_in_reverse(held))

    def _end_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def _deliver_in_reverse(self, events: list[Event]) -> None:
        for event in reversed(events):
            if not await self._post(event):
                self._errands.spawn(self._retry(event))

    async def _deliver(self, event: Event) -> None:
        if not await self._post(event):
            await self._retry(event)

    async def _retry(self, event: Event) -> None:
        for pause_s in self._retry_s:
            await asyncio.sleep(pause_s)
            if await self._post(event):
                return

    async def _post(self, event: Event) -> bool:
        """Whether it was delivered: HTTP 200, no other 2xx."""
        assert self._client is not None  # noqa: S101  nothing happens before the start
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
                request_timeout=TIMEOUT_S,
            )
            status = response.code
        except (OSError, HTTPError, ValueError):
            status = NO_ANSWER
        event.statuses.append(status)
        return status == DELIVERED
