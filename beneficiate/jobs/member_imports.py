"""Imports the members of confirmed files, part by part."""

import structlog

from beneficiate.actions.member_import_files import discard_old_imports, import_next_part
from beneficiate.context import AppContext

log = structlog.get_logger(__name__)


async def import_confirmed_members(context: AppContext) -> None:
    """Import the files that were confirmed, the oldest first. Another process goes on when this one stops."""
    parts = 0
    while not context.is_stopping and await context.store.run(import_next_part):
        parts += 1
    if parts:
        log.info("member_import_parts_done", parts=parts)


async def discard_unconfirmed_imports(context: AppContext) -> None:
    """Delete the rows of files that nobody confirmed."""
    await context.store.run(discard_old_imports)
