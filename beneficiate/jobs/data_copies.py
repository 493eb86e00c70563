"""Copies of their data for members: written one after another, and deleted when their time is over."""

import structlog

from beneficiate.actions.data_copies import claim_copy
from beneficiate.context import AppContext

log = structlog.get_logger(__name__)


async def write_requested_copies(context: AppContext) -> None:
    """Write the copies that were asked for, the oldest first. What fails is tried again when its claim is old."""
    while not context.is_stopping:
        claimed = await context.store.run(claim_copy)
        if claimed is None:
            return
        if await context.data_copies.write_copy(claimed, lambda: context.is_stopping):
            log.info("data_copy_written", copy_id=claimed.copy_id)


async def delete_expired_copies(context: AppContext) -> None:
    """Delete the files of copies that can no longer be downloaded."""
    if deleted := await context.data_copies.delete_expired():
        log.info("data_copies_deleted", files=deleted)
