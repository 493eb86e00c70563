"""Maintenance of stored data: files without a row, the search index, and whether a newer version has migrated."""

from datetime import UTC, datetime, timedelta

import structlog

from beneficiate.context import AppContext
from beneficiate.migrations import NewerDatabase, report_newer_database
from beneficiate.queries.migrations import list_unknown_migrations
from beneficiate.queries.retention import load_retention
from beneficiate.services import search_index

log = structlog.get_logger(__name__)


async def delete_orphaned_files(context: AppContext) -> None:
    """Delete files that have had no row for some days: interrupted uploads, and files of deleted chats."""
    grace = timedelta(days=(await context.store.read(load_retention)).orphan_file_days)
    if deleted := await context.attachments.delete_orphans(datetime.now(UTC) - grace):
        log.info("orphaned_files_deleted", files=deleted)


async def index_new_messages(context: AppContext) -> None:
    """Add new messages to the search index."""
    await search_index.fill_search_index(context.store, lambda: context.is_stopping)


async def watch_migrations(context: AppContext) -> None:
    """Say that a newer version has migrated the database since this process began to serve."""
    if unknown := await context.store.read(list_unknown_migrations):
        try:
            report_newer_database(unknown)
        except NewerDatabase as problem:
            log.error("database_is_too_new", problem=str(problem))  # noqa: TRY400  no traceback helps
