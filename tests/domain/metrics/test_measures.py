"""Buckets of measures: in order, without gaps, at most 0.8 % wide."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from beneficiate.domain.metrics.measures import Measures, bucket_of, merge_measures, upper_bound

measures_ = st.integers(0, 2**31 - 1)


def test_small_measures_have_buckets_of_their_own():
    assert [upper_bound(bucket_of(measure)) for measure in range(256)] == list(range(256))


def test_buckets_follow_each_other():
    found = [bucket_of(measure) for measure in range(5000)]
    assert all(following - one in (0, 1) for one, following in itertools.pairwise(found))


@given(measures_)
def test_bucket_holds_its_measure_and_is_narrow(measure):
    bucket = bucket_of(measure)
    assert measure <= upper_bound(bucket) <= measure * (1 + 1 / 128)
    assert bucket_of(upper_bound(bucket)) == bucket
    assert bucket_of(upper_bound(bucket) + 1) == bucket + 1


@given(st.lists(st.one_of(st.none(), measures_), max_size=40), st.integers(0, 40))
def test_measures_are_the_same_in_parts(every, cut):
    def collect(some):
        measures = Measures()
        for one in some:
            measures.add(one)
        return measures

    assert merge_measures([collect(every[:cut]), collect(every[cut:])]) == collect(every)


def test_rank_is_never_more_than_the_greatest():
    measures = Measures()
    measures.add(1000)
    assert measures.nearest_rank(0.5) == 1000
    assert Measures().nearest_rank(0.5) is None
