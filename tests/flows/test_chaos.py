"""The short form of `make chaos`: two workers, 20 pairs, and each fault that takes few seconds."""

import pytest

from tests.benchmarks.chaos.plan import short_plan
from tests.benchmarks.chaos.report import ALL_RIGHT, render_figures
from tests.benchmarks.chaos.run import run_chaos

pytestmark = pytest.mark.slow
SEED = 13


@pytest.mark.gen_test(timeout=400)
async def test_nothing_that_was_acknowledged_is_lost_or_doubled_under_faults(tmp_path):
    plan = short_plan(SEED)
    figures = await run_chaos(plan, tmp_path)
    assert figures.violations.counts == {}, render_figures(plan, figures)
    assert ALL_RIGHT in render_figures(plan, figures)
    assert {fault.name for fault in figures.faults} == {
        "worker killed",
        "PostgreSQL restarted",
        "Redis restarted",
        "worker stopped",
        "Redis half open",
        "PostgreSQL half open",
    }
    # On a busy machine hardly anything is paid in half a minute.
    assert min(figures.acked, figures.booked) > 0
