"""Adds committed facts to the roll-ups of the reports, and makes them again."""

import asyncio
from collections.abc import Callable

from beneficiate.actions.rollup_rebuilds import rebuild_next_day
from beneficiate.actions.rollups import FACTS_PER_FOLD, FoldFacts, fold_facts
from beneficiate.errors import Unavailable
from beneficiate.queries.rollups import FoldBound, find_fold_bound, list_remaining_writers
from beneficiate.store import Store

WRITER_CHECKS = 20
WRITER_PAUSE_S = 0.05
"""A transaction takes milliseconds; who asks tries again later."""
FACTS_PER_LARGE_FOLD = 20_000
"""How many are added at once where there are millions: each row is written once for them."""


async def fold_committed_facts(store: Store, is_stopping: Callable[[], bool], limit: int = FACTS_PER_FOLD) -> int:
    """Add all facts that are committed by now to the roll-ups, in parts beside what else is written; return how many.

    Raises Unavailable while a transaction that may have one of them goes on.
    """
    bound = await _find_settled_bound(store)
    folded = 0
    while bound and not is_stopping():
        added = await store.run_in_background(fold_facts, FoldFacts(bound, limit))
        folded += added
        if added < limit:
            break
    return folded


async def rebuild_rollups(store: Store) -> int:
    """Make all roll-ups again, or go on with it where it was interrupted; return over how many facts.

    Reports stay right and fast meanwhile: each day replaces what there was. What is in no roll-up yet is added.
    """
    facts, is_last = 0, False
    while not is_last:
        day = await store.run_in_background(rebuild_next_day)
        facts, is_last = facts + day.facts, day.is_last
    return facts + await fold_committed_facts(store, lambda: False, FACTS_PER_LARGE_FOLD)


async def _find_settled_bound(store: Store) -> int:
    bound = await store.read(find_fold_bound)
    for _ in range(WRITER_CHECKS):
        if not bound.writers:
            return bound.fact_id
        await asyncio.sleep(WRITER_PAUSE_S)
        bound = FoldBound(bound.fact_id, await store.read(list_remaining_writers, bound))
    raise Unavailable
