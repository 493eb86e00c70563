"""Maintenance of stored data: files without a row, and the search index."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import structlog

from beneficiate.actions import search_index
from beneficiate.context import AppContext
from beneficiate.queries.search import has_unindexed_messages

log = structlog.get_logger(__name__)

ORPHAN_GRACE = timedelta(days=1)
IDLE_FACTOR = 9
"""After each part, the writer's thread is left to other commands for as many times as long as the part took."""


async def delete_orphaned_files(context: AppContext) -> None:
    """Delete files that have had no row for a day: interrupted uploads, and files of deleted chats."""
    if deleted := await context.attachments.delete_orphans(datetime.now(UTC) - ORPHAN_GRACE):
        log.info("orphaned_files_deleted", files=deleted)


async def index_new_messages(context: AppContext) -> None:
    """Add new messages to the search index, in parts, so that senders hardly wait meanwhile."""
    while not context.is_stopping and await context.store.read(has_unindexed_messages):
        started = time.monotonic()
        await context.store.run(search_index.index_messages)
        await asyncio.sleep(IDLE_FACTOR * (time.monotonic() - started))
