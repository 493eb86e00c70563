"""What a door of the gateway finds: composed once by the server, handed to every handler."""

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
    """One gateway. `requests` counts what was asked of the API, `over` is set when the server stops."""

    account: MerchantAccount
    events: EventSender
    payments: PaymentProcessor
    templates: jinja2.Environment
    url: str
    requests: Counter[str] = field(default_factory=Counter)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def pause(self, seconds: float) -> None:
        """Sleep, but not past the end of the server."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.stopping.wait()
