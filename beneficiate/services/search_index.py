"""Fills the full-text index in parts, so that senders hardly wait meanwhile, and takes out of it what was erased."""

import asyncio
import time
from collections.abc import Callable

from beneficiate.actions import search_index
from beneficiate.queries.message_index import build_next_segment, has_unindexed_messages
from beneficiate.store import Store

IDLE_FACTOR = 3
"""After each part, the database is left to others for as many times as long as the part took."""


async def fill_search_index(store: Store, is_stopping: Callable[[], bool]) -> None:
    """Add new messages to the index, then put those that will not change any more into segments.

    On PostgreSQL 1,000,000 messages take some minutes.
    """
    while not is_stopping() and await store.read(has_unindexed_messages):
        started = time.monotonic()
        await store.run_in_background(search_index.index_messages)
        await _rest(started)
    while not is_stopping():
        started = time.monotonic()
        segment = await store.read(build_next_segment)
        if segment is None:
            return
        await store.run_in_background(search_index.store_segment, segment)
        await _rest(started)


async def merge_deleted_words(store: Store, is_stopping: Callable[[], bool]) -> None:
    """Let SQLite forget the words of messages that are in its index no more: until then they are only marked."""
    is_begun = False
    while not is_stopping():
        started = time.monotonic()
        is_merging = await store.run_in_background(search_index.merge_words, is_begun)
        if is_begun and not is_merging:
            return
        is_begun = True
        await _rest(started)


async def _rest(started: float) -> None:
    await asyncio.sleep(IDLE_FACTOR * (time.monotonic() - started))
