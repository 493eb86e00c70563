"""Dependencies shared by all handlers of the gateway, composed once by the server."""

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

import jinja2

from beneficiate.sandbox.account import MerchantAccount
from beneficiate.sandbox.events import EventSender
from beneficiate.sandbox.payments import PaymentProcessor


@dataclass(slots=True)
class LocalWompi:
    """One gateway. `requests` counts the API requests by path, `stopping` is set when the server stops."""

    account: MerchantAccount
    events: EventSender
    payments: PaymentProcessor
    templates: jinja2.Environment
    url: str
    requests: Counter[str] = field(default_factory=Counter)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def pause(self, seconds: float) -> None:
        """Sleep, but not after the server stops."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.stopping.wait()
