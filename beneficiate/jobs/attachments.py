"""What is tidied up among the files of chats."""

from datetime import UTC, datetime, timedelta

import structlog

from beneficiate.context import AppContext

log = structlog.get_logger(__name__)

ORPHAN_SWEEP_INTERVAL_S = 6 * 3600.0
"""A process that is replaced every day would never get to a daily one."""
ORPHAN_GRACE = timedelta(days=1)


async def delete_orphaned_files(context: AppContext) -> None:
    """Delete files that have had no row for a day: uploads that were cut off, and those of chats that were deleted."""
    if deleted := await context.attachments.delete_orphans(datetime.now(UTC) - ORPHAN_GRACE):
        log.info("files_swept", files=deleted)
