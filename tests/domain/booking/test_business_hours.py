"""Working hours: over weekends, holidays and the turn of the year, then against a count of every minute."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beneficiate.domain.booking.business_hours import (
    DEFAULT_BUSINESS_HOURS,
    BusinessHours,
    add_working_hours,
    find_next_opening,
    is_open_at,
    open_spans_of_day,
)
from beneficiate.domain.booking.holidays import is_holiday
from beneficiate.domain.booking.slots import BOGOTA, DayException, WeeklyBlock
from tests.domain.booking.moments import as_bogota_texts, at

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-02-02 08:00", 2, "2026-02-02 10:00"),
        ("2026-02-06 18:00", 1, "2026-02-06 19:00"),
        ("2026-02-06 18:00", 2, "2026-02-07 09:00"),
        ("2026-02-07 12:30", 1, "2026-02-09 07:30"),
        ("2026-02-08 03:00", 0, "2026-02-08 03:00"),
        ("2026-02-08 03:00", 0.5, "2026-02-09 07:30"),
        ("2026-02-02 07:00", 72, "2026-02-09 14:00"),
        ("2026-01-10 12:00", 2, "2026-01-13 08:00"),
        ("2025-12-31 18:30", 1, "2026-01-02 07:30"),
    ],
    ids=["a-day", "till-closing", "saturday", "sunday", "none", "half", "a-week", "moved-monday", "new-year"],
)
def test_hours_count_while_the_call_centre_is_open(start, hours, end):
    found = add_working_hours(at(start), hours, DEFAULT_BUSINESS_HOURS)
    assert as_bogota_texts([found]) == [end]
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-02-06 19:00", "2026-02-07 08:00"),
        ("2026-02-06 18:59", "2026-02-06 18:59"),
        ("2026-02-09 06:59", "2026-02-09 07:00"),
        ("2026-02-09 07:00", "2026-02-09 07:00"),
        ("2026-01-10 13:00", "2026-01-13 07:00"),
        ("2026-04-01 20:00", "2026-04-04 08:00"),
        ("2026-12-31 23:00", "2027-01-02 08:00"),
    ],
    ids=["closing", "open", "before", "opening", "moved-monday", "holy-week", "new-year"],
)
def test_next_opening(now, opens):
    assert as_bogota_texts([find_next_opening(at(now), DEFAULT_BUSINESS_HOURS)]) == [opens]
    assert is_open_at(at(now), DEFAULT_BUSINESS_HOURS) is (now == opens)


def test_dated_exceptions_close_and_open():
    hours = BusinessHours(
        DEFAULT_BUSINESS_HOURS.blocks,
        [
            DayException(date(2026, 2, 2), 12 * 60, 14 * 60, is_open=False),
            DayException(date(2026, 1, 12), 9 * 60, 11 * 60, is_open=True),
        ],
    )
    assert not is_open_at(at("2026-02-02 12:00"), hours)
    assert is_open_at(at("2026-02-02 14:00"), hours)
    assert as_bogota_texts([find_next_opening(at("2026-01-10 13:00"), hours)]) == ["2026-01-12 09:00"]


def test_call_centre_without_hours_never_opens():
    never = BusinessHours([])
    assert find_next_opening(at("2026-02-02 08:00"), never) is None
    assert not is_open_at(at("2026-02-02 08:00"), never)
    with pytest.raises(ValueError, match="does not open"):
        add_working_hours(at("2026-02-02 08:00"), 1, never)


def test_hours_are_not_counted_backwards():
    with pytest.raises(ValueError, match="forwards"):
        add_working_hours(at("2026-02-02 08:00"), -1, DEFAULT_BUSINESS_HOURS)


@pytest.mark.parametrize("hours", [0, 1])
def test_naive_moment_is_refused(hours):
    with pytest.raises(TypeError):
        add_working_hours(datetime(2026, 2, 2, 8), hours, DEFAULT_BUSINESS_HOURS)  # noqa: DTZ001


def moments():
    """Moments around the turn of the year and its moved Monday."""
    return st.integers(0, 20 * 1440).map(lambda n: at("2025-12-24 00:00") + n * MINUTE)


@st.composite
def openings(draw):
    spans = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda pair: pair[0] < pair[1])
    blocks = draw(st.lists(st.builds(lambda day, span: WeeklyBlock(day, *span), st.integers(0, 6), spans), max_size=6))
    days = st.integers(0, 20).map(lambda n: date(2025, 12, 24) + timedelta(days=n))
    exceptions = draw(
        st.lists(
            st.builds(lambda day, span, is_open: DayException(day, *span, is_open), days, spans, st.booleans()),
            max_size=4,
        )
    )
    return BusinessHours([WeeklyBlock(2, 8 * 60, 9 * 60), *blocks], exceptions)


def open_at(moment, opening):
    """Return whether this minute is open, from the definition."""
    local = moment.astimezone(BOGOTA)
    minute, day = local.hour * 60 + local.minute, local.date()
    dated = [one for one in opening.exceptions if one.day == day and one.starts <= minute < one.ends]
    if dated and any(one.is_open for one in dated):
        return True
    weekly = any(one.weekday == day.weekday() and one.starts <= minute < one.ends for one in opening.blocks)
    return weekly and not dated and not is_holiday(day)


def add_slowly(start, minutes, opening):
    now = start
    while minutes:
        minutes -= open_at(now, opening)
        now += MINUTE
    return now


@settings(max_examples=60, deadline=None)
@given(moments(), st.integers(0, 90), openings())
def test_counting_is_the_same_minute_by_minute(start, minutes, opening):
    assert add_working_hours(start, minutes / 60, opening) == add_slowly(start, minutes, opening)


@settings(max_examples=100, deadline=None)
@given(moments(), openings())
def test_open_is_the_same_minute_by_minute(now, opening):
    assert is_open_at(now, opening) is open_at(now, opening)
    opens = find_next_opening(now, opening)
    assert opens >= now
    assert open_at(opens, opening)
    assert opens == now or not open_at(opens - MINUTE, opening)


@settings(max_examples=100, deadline=None)
@given(moments(), moments(), st.floats(0, 100), st.floats(0, 100), openings())
def test_later_and_longer_never_end_earlier(one, other, short, long, opening):
    (one, other), (short, long) = sorted((one, other)), sorted((short, long))
    end = add_working_hours(one, short, opening)
    assert one <= end <= add_working_hours(one, long, opening)
    assert end <= add_working_hours(other, short, opening)


def test_opening_after_midnight_goes_on_from_the_day_before():
    night = BusinessHours([WeeklyBlock(0, 22 * 60, 24 * 60), WeeklyBlock(1, 0, 6 * 60)])
    assert as_bogota_texts([add_working_hours(at("2026-02-02 23:00"), 3, night)]) == ["2026-02-03 02:00"]


def test_spans_of_a_day_follow_week_exceptions_and_holidays():
    day = date(2026, 12, 5)
    hours = BusinessHours(DEFAULT_BUSINESS_HOURS.blocks, [DayException(day, 600, 660, is_open=False)])
    assert open_spans_of_day(day, hours) == [(480, 600), (660, 780)]
    assert open_spans_of_day(date(2026, 12, 6), hours) == []
    assert open_spans_of_day(date(2026, 12, 8), hours) == []
