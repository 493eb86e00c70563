"""Time and timers of the event loop, behind a protocol so that tests can advance them."""

import asyncio
from collections.abc import Callable
from typing import Protocol


class Scheduler(Protocol):
    """What notifiers need of an event loop."""

    def time(self) -> float:
        """Return the current time in seconds, from any start."""

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> object:
        """Call `callback` once, after `delay_s` seconds."""


class LoopScheduler:
    """The scheduler of the running event loop."""

    def time(self) -> float:
        """Return the monotonic time of the event loop in seconds."""
        return asyncio.get_running_loop().time()

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> object:
        """Call back after `delay_s` seconds on the event loop."""
        return asyncio.get_running_loop().call_later(delay_s, callback)
