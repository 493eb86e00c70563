"""A change is said where there is one to say."""

import pytest

from beneficiate.domain.metrics.metric import Figure
from beneficiate.domain.reports.comparisons import Change, compare_figures


@pytest.mark.parametrize(
    ("figure", "before", "change"),
    [
        (Figure(3, 3), Figure(2, 2), Change.MORE),
        (Figure(2, 2), Figure(3, 3), Change.LESS),
        (Figure(2, 2), Figure(2, 2), Change.SAME),
        (Figure(None, 0), Figure(2, 2), Change.NO_DATA),
        (Figure(0.5, 9, 0.3, 0.7), Figure(0.6, 9, 0.4, 0.8), Change.UNCLEAR),
        (Figure(0.5, 999, 0.45, 0.55), Figure(0.6, 999, 0.56, 0.64), Change.LESS),
        (Figure(4.9, 99, 4.8, 5.0), Figure(4.5, 1), Change.MORE),
    ],
)
def test_intervals_that_overlap_say_nothing(figure, before, change):
    assert compare_figures(figure, before).change is change
