"""The figures of the supervisors' board and of service levels: from roll-ups, and the facts that are not in them yet.

They are those of `queries/metrics.py`, which would read all facts for each. Who asks more than once, in a
`read_snapshot`, gives what is rolled up.
"""

from collections.abc import Iterable

from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.metrics.metric import Figure, Scope
from beneficiate.domain.metrics.rollups import NOBODY
from beneficiate.queries.metrics import FactSelection, compute_figures, compute_metric
from beneficiate.queries.report_tallies import load_rolled_tallies
from beneficiate.queries.rollup_plans import Group
from beneficiate.queries.rollups import RolledFacts


def load_figures(
    selection: FactSelection, codes: Iterable[str], rolled: RolledFacts | None = None
) -> dict[str, Figure]:
    """Return the figures of these metrics by their codes."""
    metrics = [METRICS[code] for code in codes]
    now = compute_figures(selection, [metric.code for metric in metrics if metric.scope is Scope.INSTANT])
    tallies = load_rolled_tallies(selection, metrics, rolled=rolled).get("", {})
    return {metric.code: now.get(metric.code) or compute_metric(metric, tallies) for metric in metrics}


def load_figures_by_agent(
    selection: FactSelection, codes: Iterable[str], rolled: RolledFacts | None = None
) -> dict[int, dict[str, Figure]]:
    """Return the figures of these metrics of a period by agent id and code; agents without any fact are left out."""
    metrics = [METRICS[code] for code in codes]
    return {
        agent_id: {metric.code: compute_metric(metric, tallies) for metric in metrics}
        for agent_id, tallies in load_rolled_tallies(selection, metrics, Group.AGENT, rolled).items()
        if isinstance(agent_id, int) and agent_id != NOBODY
    }
