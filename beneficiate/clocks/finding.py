"""What was said becomes findable a moment later."""

import asyncio
import time

from beneficiate.actions import indexing
from beneficiate.house import House

EVERY_S = 2.0
REST = 9
"""For as many times as long as a part took, the thread that writes is left to those who write lines."""


async def index(house: House) -> None:
    """Put new lines into the index, some at a time, so that whoever sends one meanwhile hardly waits."""
    while not house.is_stopping and await house.store.read(indexing.has_missing):
        began = time.monotonic()
        await house.store.run(indexing.index_lines)
        await asyncio.sleep(REST * (time.monotonic() - began))
