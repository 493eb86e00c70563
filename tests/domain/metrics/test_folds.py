"""Folds over facts that are grouped, compared with the same over each fact alone."""

import math
import statistics
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiate.domain.metrics import folds
from beneficiate.domain.metrics.measures import Measures, merge_measures
from beneficiate.domain.metrics.metric import Figure, Tally

measures_ = st.lists(st.integers(0, 4000), max_size=60)


def tally(measure, times=1, detail=""):
    return Tally("first_reply", detail, None, "", measure, times)


def grouped(measures):
    return [tally(measure, measures.count(measure)) for measure in set(measures)]


@given(measures_)
def test_grouped_facts_give_the_figure_of_each_alone(measures):
    for fold in (
        folds.count_facts,
        folds.sum_measures,
        folds.average_measure,
        folds.median_measure,
        folds.ninth_decile,
        folds.maximum_measure,
    ):
        assert fold(grouped(measures)) == fold([tally(measure) for measure in measures])


@given(measures_.filter(bool))
def test_figures_are_those_of_their_definitions(measures):
    one_by_one, ordered = grouped(measures), sorted(measures)
    assert folds.average_measure(one_by_one).value == pytest.approx(statistics.fmean(measures))
    assert folds.maximum_measure(one_by_one).value == ordered[-1]
    for fold, tenths in ((folds.median_measure, 5), (folds.ninth_decile, 9)):
        # Integers, so that the rank is exact: the least measure that so many tenths do not exceed.
        rank = -(-tenths * len(ordered) // 10)
        assert ordered[rank - 1] <= fold(one_by_one).value <= ordered[rank - 1] * (1 + 1 / 128)


@given(st.lists(st.lists(st.integers(0, 90_000), max_size=20), max_size=5))
def test_roll_up_gives_the_figure_of_its_facts(parts):
    every = [measure for part in parts for measure in part]
    rolled_up = [
        Tally("first_reply", "", None, "", None, len(part), merge_measures(tally(one).measures for one in part))
        for part in parts
    ]
    for fold in (folds.average_measure, folds.median_measure, folds.ninth_decile, folds.maximum_measure):
        assert fold(rolled_up) == fold([tally(measure) for measure in every])


@given(st.lists(st.integers(1, 5), min_size=2, max_size=60))
def test_interval_of_a_score_is_that_of_its_mean(scores):
    figure = folds.average_score(grouped(scores))
    half = folds.WILSON_Z * statistics.stdev(scores) / math.sqrt(len(scores))
    assert (figure.low, figure.high) == pytest.approx((max(1, figure.value - half), min(5, figure.value + half)))


def test_single_score_has_no_interval():
    assert folds.average_score([tally(5)]) == Figure(5, 1)
    assert folds.average_score([]) == Figure(None, 0)


def test_rate_is_never_more_than_all():
    """A chat of yesterday may be rated today."""
    closed, rated = Tally("closed", "", 1, "", 60, 2), Tally("rated", "", 1, "", 5, 3)
    assert folds.rate_of("rated", "closed")([closed, rated]).value == 1
    assert folds.rate_of("rated", "closed")([rated]) == Figure(None, 0)
    assert folds.rate_of("rated", "closed")([closed, rated._replace(times=1)]).value == 0.5


def test_share_of_measures_counts_those_that_were_measured():
    assert folds.share_of_measures(lambda one: one > 3)([tally(4), tally(2, 3), tally(None, 9)]).value == 0.25


def test_ninth_decile_of_ten_is_the_ninth():
    assert folds.ninth_decile([tally(measure) for measure in range(1, 11)]) == Figure(9, 10)


@pytest.mark.parametrize(
    ("fold", "expected"),
    [
        (folds.count_facts, Figure(0, 0)),
        (folds.sum_measures, Figure(0, 0)),
        (folds.average_measure, Figure(None, 0)),
        (folds.median_measure, Figure(None, 0)),
        (folds.ninth_decile, Figure(None, 0)),
        (folds.maximum_measure, Figure(None, 0)),
        (folds.share_of(lambda _: True), Figure(None, 0)),
    ],
)
def test_nothing_is_no_time_and_no_share(fold, expected):
    assert fold([]) == expected


def test_fact_without_a_measure_has_no_part_in_the_average():
    assert folds.average_measure([tally(10), tally(None, 5)]) == Figure(10, 1)


def test_share_has_its_wilson_interval():
    """Two of ten: 0.2 with (0.0567, 0.5098), as in Newcombe's tables of the score method."""
    figure = folds.share_of(lambda one: one.detail == "missed")([tally(None, 8), tally(None, 2, "missed")])
    assert (figure.value, figure.count) == (0.2, 10)
    assert (round(figure.low, 4), round(figure.high, 4)) == (0.0567, 0.5098)


@pytest.mark.parametrize("count", range(1, 200))
def test_interval_of_none_begins_at_0_and_that_of_all_ends_at_1(count):
    """Exactly: of 4 of 4, floating point makes 0.9999999999999999."""
    share = folds.share_of(lambda one: one.detail == "missed")
    assert share([tally(None, count)]).low == 0
    assert share([tally(None, count, "missed")]).high == 1


@given(st.integers(0, 50), st.integers(0, 50))
def test_interval_contains_the_share_and_stays_between_0_and_1(hits, others):
    tallies = [one for one in (tally(None, hits, "missed"), tally(None, others)) if one.times]
    figure = folds.share_of(lambda one: one.detail == "missed")(tallies)
    if tallies:
        assert 0 <= figure.low <= figure.value + 1e-12 <= figure.high + 2e-12 <= 1 + 3e-12
        assert not math.isclose(figure.low, figure.high)


def test_fold_that_needs_no_buckets_gives_the_same_without_them():
    """In one test: a set has another order in each process, and all workers have to find the same tests in it."""
    for measures in (Measures(3, 60, 30, {10: 1, 20: 1, 30: 1}), Measures()):
        own = [Tally(kind, "missed", None, "", None, 4, measures) for kind in ("rated", "closed")]
        bare = [one._replace(spread=replace(measures, buckets={})) for one in own]
        assert [fold(own) for fold in folds.WITHOUT_BUCKETS] == [fold(bare) for fold in folds.WITHOUT_BUCKETS]
