"""Erases members who asked for it seven days ago."""

import structlog

from beneficiate.actions.erasure_certificates import forget_old_proofs, scrub_late_payment_details
from beneficiate.context import AppContext
from beneficiate.services.erasures import ErasureService, forget_old_pages

log = structlog.get_logger(__name__)


async def carry_out_erasures(context: AppContext) -> None:
    """Carry out the erasures that are due or were interrupted."""
    service = ErasureService(context.store, context.attachments, context.settings, lambda: context.is_stopping)
    if finished := await service.carry_out_due():
        log.info("erasures_finished", erasures=finished)


async def tidy_erasures(context: AppContext) -> None:
    """Erase what Wompi has sent since about who was erased, and forget proofs that nobody needs any more."""
    await context.store.run(scrub_late_payment_details)
    await context.store.run(forget_old_proofs)
    await forget_old_pages(context.settings)
