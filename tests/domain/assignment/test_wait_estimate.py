"""The estimate of the wait: neither absurd nor shorter than it takes to read."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiate.domain.assignment.wait_estimate import (
    DEFAULT_CHAT_DURATION,
    MAX_WAIT_ESTIMATE,
    MIN_WAIT_ESTIMATE,
    estimate_wait,
)

MINUTE = timedelta(minutes=1)
durations = st.lists(st.timedeltas(timedelta(seconds=1), timedelta(days=1)), max_size=50)


@pytest.mark.parametrize(
    ("position", "minutes", "places", "expected"),
    [
        (1, [10], 1, 10),
        (3, [10], 1, 30),
        (3, [10], 5, 6),
        (4, [2, 10, 600], 2, 20),
        (2, [4, 8], 1, 12),
    ],
)
def test_one_place_becomes_free_every_typical_chat_divided_by_the_places(position, minutes, places, expected):
    assert estimate_wait(position, [one * MINUTE for one in minutes], places) == expected * MINUTE


def test_while_no_chat_has_ended_a_usual_one_is_assumed():
    assert estimate_wait(2, [], 4) == DEFAULT_CHAT_DURATION / 2


def test_where_nobody_works_nobody_knows():
    assert estimate_wait(1, [MINUTE], 0) is None


def test_it_is_never_too_short_and_never_too_long():
    assert estimate_wait(1, [MINUTE], 100) == MIN_WAIT_ESTIMATE
    assert estimate_wait(900, [60 * MINUTE], 1) == MAX_WAIT_ESTIMATE


@given(st.integers(1, 2000), durations, st.integers(1, 500))
def test_whoever_stands_further_back_waits_at_least_as_long(position, took, places):
    here, behind = estimate_wait(position, took, places), estimate_wait(position + 1, took, places)
    assert MIN_WAIT_ESTIMATE <= here <= behind <= MAX_WAIT_ESTIMATE
    assert estimate_wait(position, took, places + 1) <= here
