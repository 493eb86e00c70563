"""Which facts a metric counts."""

from dataclasses import replace

from beneficiate.domain.metrics.folds import count_facts
from beneficiate.domain.metrics.metric import Figure, Metric, Tally, Unit

CLOSED = Metric("closed", "Cerrados", Unit.CHATS, "¿Cuántos?", "Los cerrados.", ("closed",), count_facts)
TALLIES = [
    Tally("closed", "answered", 1, "", 60, 3),
    Tally("closed", "missed", None, "", None),
    Tally("opened", "", None, "", None, 9),
]


def test_metric_counts_the_facts_of_its_kinds():
    assert CLOSED.compute(TALLIES) == Figure(4, 4)


def test_details_narrow_what_is_counted():
    assert replace(CLOSED, details=("missed",)).compute(TALLIES) == Figure(1, 1)
