"""Days, weeks from Monday and months in Bogotá, and the same number of days before."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiate.domain.reports.periods import (
    MICROSECOND,
    Period,
    Preset,
    TimeStep,
    cut_before,
    default_step,
    find_neighbour,
    find_period,
    is_unfinished,
    name_period,
)
from tests.domain.booking.moments import at

TODAY = date(2026, 8, 25)
"""A Tuesday."""
dates = st.dates(date(2024, 1, 1), date(2028, 12, 31))


@pytest.mark.parametrize(
    ("preset", "day", "first", "last"),
    [
        (Preset.TODAY, TODAY, TODAY, TODAY),
        (Preset.WEEK, TODAY, date(2026, 8, 24), TODAY),
        (Preset.WEEK, date(2026, 8, 23), date(2026, 8, 17), date(2026, 8, 23)),
        (Preset.MONTH, TODAY, date(2026, 8, 1), TODAY),
        (Preset.MONTH, date(2024, 2, 10), date(2024, 2, 1), date(2024, 2, 29)),
    ],
)
def test_period_of_a_day_ends_today_at_most(preset, day, first, last):
    assert find_period(preset, day, TODAY) == Period(first, last)


def test_neighbours_are_whole_periods_that_have_begun():
    august = find_period(Preset.MONTH, TODAY, TODAY)
    assert find_neighbour(Preset.MONTH, august, TODAY, is_later=True) is None
    july = find_period(Preset.MONTH, find_neighbour(Preset.MONTH, august, TODAY, is_later=False), TODAY)
    assert july == Period(date(2026, 7, 1), date(2026, 7, 31))
    assert find_period(Preset.MONTH, find_neighbour(Preset.MONTH, july, TODAY, is_later=True), TODAY) == august


@given(dates, st.integers(0, 500), st.sampled_from(TimeStep))
def test_parts_are_the_period_without_gaps(first, days, step):
    period = Period(first, first + timedelta(days=days))
    parts = list(period.split(step))
    assert (parts[0].first, parts[-1].last) == (period.first, period.last)
    assert sum(part.days for part in parts) == period.days
    for part, following in itertools.pairwise(parts):
        assert following.first == part.last + timedelta(days=1)
        assert following.first.weekday() == 0 or step is not TimeStep.WEEK
        assert following.first.day == 1 or step is not TimeStep.MONTH


@given(dates, st.integers(0, 500))
def test_period_before_has_as_many_days_and_ends_where_this_begins(first, days):
    period = Period(first, first + timedelta(days=days))
    assert period.previous().days == period.days
    assert period.previous().last + timedelta(days=1) == period.first


def test_bounds_end_with_the_day_or_with_the_cut():
    period, cut_at = Period(date(2026, 8, 24), TODAY), at("2026-08-25 10:47")
    assert period.bounds(cut_at) == (at("2026-08-24 00:00"), cut_at)
    assert period.previous().bounds(cut_before(cut_at, period))[1] == at("2026-08-23 10:47")
    assert period.previous().bounds(cut_at)[1] == at("2026-08-24 00:00") - MICROSECOND
    assert is_unfinished(period, cut_at)
    assert not is_unfinished(period.previous(), cut_at)


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        (TODAY, TODAY, "25 de agosto de 2026"),
        (date(2026, 8, 1), TODAY, "1 al 25 de agosto de 2026"),
        (date(2026, 7, 1), TODAY, "1 de julio al 25 de agosto de 2026"),
        (date(2025, 7, 1), TODAY, "1 de julio de 2025 al 25 de agosto de 2026"),
    ],
)
def test_days_in_words(first, last, text):
    assert Period(first, last).text == text
    assert name_period(Preset.RANGE, Period(first, last)) == text


def test_month_has_a_name():
    assert name_period(Preset.MONTH, find_period(Preset.MONTH, TODAY, TODAY)) == "Agosto de 2026"


def test_long_periods_are_told_by_longer_parts():
    steps = [default_step(Period(TODAY, TODAY + timedelta(days=days))) for days in (0, 61, 62, 199, 200, 1000)]
    assert steps == [TimeStep.DAY, TimeStep.DAY, TimeStep.WEEK, TimeStep.WEEK, TimeStep.MONTH, TimeStep.MONTH]
