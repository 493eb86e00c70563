"""Ticks: two appointments share one exactly when they overlap."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiate.domain.booking.ticks import appointment_ticks
from tests.domain.booking.moments import at

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
starts = st.integers(0, 20_000_000).map(lambda n: EPOCH + timedelta(minutes=5 * n))
lengths = st.integers(1, 48).map(lambda n: 5 * n)


def test_half_an_hour_is_six_ticks():
    assert len(appointment_ticks(at("2026-01-12 08:00"), 30)) == 6
    assert appointment_ticks(EPOCH, 10) == range(2)


def test_tick_that_is_begun_is_taken():
    assert appointment_ticks(EPOCH, 22) == range(5)


@given(starts, starts, lengths, lengths)
def test_ticks_are_shared_only_by_those_that_overlap(one, other, length, other_length):
    overlap = one < other + timedelta(minutes=other_length) and other < one + timedelta(minutes=length)
    assert bool(set(appointment_ticks(one, length)) & set(appointment_ticks(other, other_length))) is overlap


@given(starts, st.integers(-60, 60), lengths, lengths)
def test_neighbours_too(one, steps, length, other_length):
    other = one + timedelta(minutes=5 * abs(steps))
    overlap = other < one + timedelta(minutes=length)
    assert bool(set(appointment_ticks(one, length)) & set(appointment_ticks(other, other_length))) is overlap


@given(starts, starts, lengths)
def test_different_starts_have_different_ticks(one, other, length):
    assert (appointment_ticks(one, length) == appointment_ticks(other, length)) is (one == other)


def test_they_fit_in_an_integer_column():
    last = appointment_ticks(datetime(9999, 12, 31, 23, 55, tzinfo=UTC), 24 * 60)
    assert last[-1] < 2**31


@pytest.mark.parametrize(
    "start", ["2026-01-12 08:01", "2026-01-12 08:00:01", "2026-01-12 08:00:00.000001", "1969-01-01 08:00"]
)
def test_start_off_the_boundary_is_refused(start):
    with pytest.raises(ValueError, match=start[:4]):
        appointment_ticks(at(start), 30)


@pytest.mark.parametrize("minutes", [0, -5])
def test_appointment_takes_time(minutes):
    with pytest.raises(ValueError, match="at least"):
        appointment_ticks(EPOCH, minutes)


def test_naive_start_is_refused():
    with pytest.raises(TypeError):
        appointment_ticks(datetime(2026, 1, 12, 8), 30)  # noqa: DTZ001
