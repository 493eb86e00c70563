"""What a figure counts of a fact."""

from datetime import UTC, datetime

import pytest

from beneficiate.domain.metrics.metric import Tally
from beneficiate.views.facts import FactRow

NOW = datetime(2026, 11, 25, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("measure_s", "value", "expected"), [(0, None, 0), (7, None, 7), (None, 5, 5), (None, None, None)]
)
def test_measure_of_a_fact_is_its_duration_or_its_value(measure_s, value, expected):
    row = FactRow(NOW, "rated", "", 1, None, None, 7, "Yuliana Gil", "AG-1", "citas", measure_s, value, None)
    assert row.tally == Tally("rated", "", 7, "citas", expected)
