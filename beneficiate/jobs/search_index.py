"""What was said becomes findable a moment later."""

import asyncio
import time

from beneficiate.actions import search_index
from beneficiate.context import AppContext
from beneficiate.queries.search import has_unindexed_messages

INDEXING_INTERVAL_S = 2.0
IDLE_FACTOR = 9
"""For as many times as long as a part took, the thread that writes is left to those who write lines."""


async def index_new_messages(context: AppContext) -> None:
    """Put new lines into the index, some at a time, so that whoever sends one meanwhile hardly waits."""
    while not context.is_stopping and await context.store.read(has_unindexed_messages):
        started = time.monotonic()
        await context.store.run(search_index.index_messages)
        await asyncio.sleep(IDLE_FACTOR * (time.monotonic() - started))
