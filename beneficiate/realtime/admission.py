"""Who may connect now, so that a herd that connects leaves time for those who write."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from beneficiate.errors import RateLimited

CONNECTING_AT_ONCE = 16
"""Connections that are identified, or whose state is loaded, at once. While 1,500 connected at once, the 99th
percentile of others' messages was 0.35 to 1.07 s without a limit, 0.18 and 0.20 s with 16, 0.17 and 0.24 s with 4."""
MAX_WAITING = 4_000
ADMITTED_PER_S = 400
"""What a process admits in a second, by which those who cannot wait are told when to return."""
LONGEST_WAIT_S = 20.0


class Admission:
    """Lets so many in at once, in the order in which they came; the others wait, each for a limited time."""

    def __init__(
        self, at_once: int = CONNECTING_AT_ONCE, max_waiting: int = MAX_WAITING, longest_wait_s: float = LONGEST_WAIT_S
    ) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._max_waiting = max_waiting
        self._longest_wait_s = longest_wait_s
        self._waiting = 0

    @asynccontextmanager
    async def admit(self) -> AsyncIterator[None]:
        """Wait for one's turn and hold it. Raises RateLimited with the seconds until one should return."""
        if self._waiting >= self._max_waiting:
            raise self._refusal()
        self._waiting += 1
        try:
            async with asyncio.timeout(self._longest_wait_s):
                await self._free.acquire()
        except TimeoutError:
            raise self._refusal() from None
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._free.release()

    def _refusal(self) -> RateLimited:
        return RateLimited(max(1, self._waiting // ADMITTED_PER_S))
