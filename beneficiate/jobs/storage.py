"""Maintenance of stored data: files without a row, and the search index."""

import asyncio
import time
from datetime import UTC, datetime

import structlog

from beneficiate.actions import search_index
from beneficiate.context import AppContext
from beneficiate.queries.message_index import build_next_segment, has_unindexed_messages
from beneficiate.services.attachments import ORPHAN_GRACE

log = structlog.get_logger(__name__)

IDLE_FACTOR = 3
"""After each part, the database is left to others for as many times as long as the part took."""


async def delete_orphaned_files(context: AppContext) -> None:
    """Delete files that have had no row for a day: interrupted uploads, and files of deleted chats."""
    if deleted := await context.attachments.delete_orphans(datetime.now(UTC) - ORPHAN_GRACE):
        log.info("orphaned_files_deleted", files=deleted)


async def index_new_messages(context: AppContext) -> None:
    """Add new messages to the search index, in parts, so that senders hardly wait meanwhile.

    On PostgreSQL 1,000,000 messages take some minutes. Those that will not change any more are put into segments.
    """
    while not context.is_stopping and await context.store.read(has_unindexed_messages):
        started = time.monotonic()
        await context.store.run_in_background(search_index.index_messages)
        await asyncio.sleep(IDLE_FACTOR * (time.monotonic() - started))
    while not context.is_stopping:
        started = time.monotonic()
        segment = await context.store.read(build_next_segment)
        if segment is None:
            return
        await context.store.run_in_background(search_index.store_segment, segment)
        await asyncio.sleep(IDLE_FACTOR * (time.monotonic() - started))
