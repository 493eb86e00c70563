"""The figures about answers and ratings."""

from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.metrics.metric import Tally


def test_first_response_leaves_later_replies_out():
    tallies = [*(Tally("first_reply", "", 1, "", s) for s in (10, 20, 90)), Tally("reply", "", 1, "", 600)]
    codes = ("first_response", "first_response_median", "first_response_p90", "first_response_max", "next_response")
    assert [METRICS[code].compute(tallies).value for code in codes] == [40, 20, 90, 90, 600]


def test_four_and_five_are_satisfied():
    tallies = [Tally("rated", "", 1, "", score) for score in (1, 3, 4, 5)]
    assert METRICS["satisfied_share"].compute(tallies).value == 0.5
    assert METRICS["satisfaction"].compute(tallies).value == 3.25
    assert METRICS["ratings"].compute(tallies).value == 4
