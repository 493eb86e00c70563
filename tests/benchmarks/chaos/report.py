"""The table that a run prints."""

from collections import defaultdict
from collections.abc import Sequence

from tests.benchmarks.chaos.plan import ChaosPlan
from tests.benchmarks.chaos.run import ChaosFigures, FaultFigures

FIRST_WRITE_GOAL_S = 3.0
ALL_RIGHT = "0 lost, 0 doubled, 0 out of order, 0 booked or activated twice; presence and queue are right."


def render_figures(plan: ChaosPlan, figures: ChaosFigures) -> str:
    """Return the table of a run: its faults, what was counted, and what was wrong."""
    lines = [
        f"{plan.workers} workers, {plan.pairs} pairs, seed {plan.seed}",
        "",
        "| fault | times | first write after it, s | everybody has written after, s |",
        "| --- | --- | --- | --- |",
        *_fault_rows(figures.faults),
        "",
        "| what | figure |",
        "| --- | --- |",
        *(f"| {what} | {figure} |" for what, figure in _count_rows(figures)),
        "",
    ]
    if not figures.violations.counts:
        lines.append(ALL_RIGHT)
    for kind, count in figures.violations.counts.items():
        lines.append(f"VIOLATION: {kind}: {count}, for example {figures.violations.examples[kind]}")
    return "\n".join(lines)


def _fault_rows(faults: Sequence[FaultFigures]) -> list[str]:
    by_name: dict[str, list[FaultFigures]] = defaultdict(list)
    for fault in faults:
        by_name[fault.name].append(fault)
    rows = []
    for name, some in by_name.items():
        first = [one.first_write_s for one in some]
        goal = ""
        if some[0].is_of_database:
            goal = (
                " (goal met)"
                if all(one is not None and one <= FIRST_WRITE_GOAL_S for one in first)
                else " (goal missed)"
            )
        everybody = _join([one.everybody_s for one in some])
        rows.append(f"| {name} | {len(some)} | {_join(first)}{goal} | {everybody} |")
    return rows


def _join(seconds: Sequence[float | None]) -> str:
    return " ".join("never" if one is None else f"{one:.1f}" for one in seconds[:8])


def _count_rows(figures: ChaosFigures) -> list[tuple[str, object]]:
    return [
        ("messages acknowledged", figures.acked),
        ("messages refused, because the chat was another agent's by then", figures.refused),
        ("told that the service is not available", figures.told_unavailable),
        ("messages that came again after a reconnection", figures.repeats),
        ("connections cut at random bytes", figures.cuts),
        ("reconnections", len(figures.absences_s)),
        ("seconds without a connection, p50 / p99 / longest", _percentiles(figures.absences_s)),
        ("slots booked / refused as taken", f"{figures.booked} / {figures.slots_taken}"),
        ("plans paid", figures.paid),
        ("purchases in doubt, since a process ended while Wompi made the link", figures.in_doubt),
        ("seconds until everything was delivered and settled at the end", f"{figures.settled_s:.1f}"),
        ("seconds until presence was right", f"{figures.presence_s:.1f}"),
    ]


def _percentiles(ordered: Sequence[float]) -> str:
    if not ordered:
        return "-"
    return " / ".join(f"{ordered[min(len(ordered) - 1, int(len(ordered) * part))]:.2f}" for part in (0.5, 0.99, 1.0))
