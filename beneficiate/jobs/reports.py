"""Roll-ups for the reports: new facts are added to them, and days of them are compared with their facts.

And the partitions of the facts, which are made ahead.
"""

import random
from datetime import date, timedelta

import structlog

from beneficiate.actions.fact_partitions import make_fact_partitions
from beneficiate.actions.rollups import store_rollup_check
from beneficiate.context import AppContext
from beneficiate.queries.appointment_tallies import appointments_differ
from beneficiate.queries.rollups import differs_from_facts, find_days_to_check
from beneficiate.services.rollups import fold_committed_facts

log = structlog.get_logger(__name__)


async def fold_new_facts(context: AppContext) -> None:
    """Add the facts that are committed to the roll-ups."""
    await fold_committed_facts(context.store, lambda: context.is_stopping)


async def make_partitions(context: AppContext) -> None:
    """Make the partitions of the coming months that are missing."""
    made = await context.store.run_in_background(make_fact_partitions)
    if made.names:
        log.info("fact_partitions_made", partitions=made.names)
    if made.has_unplaced:
        log.error("facts_without_partition")


async def check_rollups(context: AppContext) -> None:
    """Compare the last whole day, and one at random before it, with their facts; once a day, by one process."""
    days = await context.store.read(find_days_to_check)
    if days is None:
        return
    first, last = days
    earlier = first + timedelta(days=random.randrange((last - first).days + 1))  # noqa: S311  no secret
    differing: date | None = None
    for day in sorted({earlier, last}):
        search = context.store.search
        if await search(differs_from_facts, day) or await search(appointments_differ, day):
            differing = day
            log.error("rollups_differ", day=day.isoformat())
    await context.store.run(store_rollup_check, (last, differing))
