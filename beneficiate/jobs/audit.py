"""The chain of the audit log: entries of an older version join it, it is verified, and its end is noted in the log."""

import structlog

from beneficiate.actions.audit import CHAINED_PER_RUN, chain_entries
from beneficiate.context import AppContext
from beneficiate.queries.audit_chain import count_unchained_entries, find_last_link
from beneficiate.services.audit_chain import verify_new_entries

log = structlog.get_logger(__name__)


async def chain_older_entries(context: AppContext) -> None:
    """Add the entries that an older version wrote to the chain, in parts.

    It is a warning in the log: without an older version that runs, somebody else has written them.
    """
    while not context.is_stopping and (count := await context.store.read(count_unchained_entries)) > 0:
        log.warning("audit_entries_joined_late", count=count)
        if await context.store.run(chain_entries) < CHAINED_PER_RUN:
            return


async def log_anchor(context: AppContext) -> None:
    """Write the position and the hash of the newest entry to the log, which is kept elsewhere.

    With an anchor, `verify-audit --anchor` also notices a chain that somebody wrote anew with all that is known of it.
    """
    anchor = await context.store.read(find_last_link)
    if anchor.position:
        log.info("audit_anchor", position=anchor.position, hash=anchor.hash)


async def verify_chain_parts(context: AppContext) -> None:
    """Verify the new entries and a part of the older ones; the supervisors' page shows the result."""
    if broken_at := await verify_new_entries(context.store):
        log.error("audit_chain_broken", position=broken_at.position, reason=broken_at.reason)
