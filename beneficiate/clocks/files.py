"""What is tidied up among the files of chats."""

from datetime import UTC, datetime, timedelta

import structlog

from beneficiate.house import House

log = structlog.get_logger(__name__)

SWEEP_S = 6 * 3600.0
"""A process that is replaced every day would never get to a daily one."""
GRACE = timedelta(days=1)


async def sweep(house: House) -> None:
    """Delete files that have had no row for a day: uploads that were cut off, and those of chats that were deleted."""
    if swept := await house.archive.sweep(datetime.now(UTC) - GRACE):
        log.info("files_swept", files=swept)
