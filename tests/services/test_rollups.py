"""All committed facts are rolled up, also by two at once, and the roll-ups are made again."""

import asyncio
from datetime import UTC, datetime

import pytest

from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.metrics.metric import Scope
from beneficiate.errors import Unavailable
from beneficiate.models.base import read_snapshot
from beneficiate.models.facts import Fact
from beneficiate.models.rollups import FactRollup
from beneficiate.queries.metrics import FactSelection, start_of_day
from beneficiate.queries.report_tallies import load_rolled_tallies
from beneficiate.queries.rollups import FoldBound, load_rolled_facts
from beneficiate.services import rollups
from beneficiate.services.rollups import fold_committed_facts, rebuild_rollups


def add_facts(count):
    common = {"at": datetime.now(UTC), "kind": "opened", "actor_role": "member", "chat_id": 1}
    Fact.insert_many([common] * count).execute()


def never():
    return False


@pytest.mark.gen_test
async def test_two_processes_add_each_fact_once(start):
    first, second = await start(), await start()
    add_facts(300)
    folded = await asyncio.gather(
        *(fold_committed_facts(one.context.store, never, 20) for one in (first, second, first, second))
    )
    assert sum(folded) == 300
    assert {row.times for row in FactRollup.select()} == {300}


@pytest.mark.gen_test
async def test_rebuilt_roll_ups_are_the_same(server):
    store = server.context.store
    add_facts(30)
    assert await fold_committed_facts(store, never) == 30
    assert await rebuild_rollups(store) == 30
    assert {row.times for row in FactRollup.select()} == {30}


@pytest.mark.gen_test
async def test_transaction_that_goes_on_is_left_to_the_next_run(server, monkeypatch):
    monkeypatch.setattr(rollups, "WRITER_PAUSE_S", 0)
    monkeypatch.setattr(rollups, "find_fold_bound", lambda uow: FoldBound(5, frozenset({"1/2"})))
    monkeypatch.setattr(rollups, "list_remaining_writers", lambda uow, bound: bound.writers)
    with pytest.raises(Unavailable):
        await fold_committed_facts(server.context.store, never)


@pytest.mark.gen_test
async def test_stop_leaves_the_rest(server):
    add_facts(3)
    assert await fold_committed_facts(server.context.store, lambda: True) == 0


@pytest.mark.gen_test
async def test_report_does_not_notice_what_is_rolled_up_meanwhile(server):
    add_facts(3)
    now, metric = datetime.now(UTC), METRICS["opened"]
    selection = FactSelection(start_of_day(now), now)

    def count(rolled):
        (tally,) = load_rolled_tallies(selection, [metric], rolled=rolled)[""][Scope.PERIOD, metric.code]
        return tally.times

    with read_snapshot():
        rolled = load_rolled_facts()
        assert (rolled.folded_id, count(rolled)) == (0, 3)
        # By a thread of the server, on a connection of its own.
        assert await fold_committed_facts(server.context.store, never) == 3
        assert count(rolled) == 3
    assert load_rolled_facts().folded_id > 0
    assert count(None) == 3
