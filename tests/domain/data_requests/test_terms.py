"""Terms in working days, compared with a count day by day."""

from datetime import date, timedelta

import pytest
from holidays import country_holidays
from hypothesis import given
from hypothesis import strategies as st

from beneficiate.domain.data_requests.terms import (
    CLAIM,
    QUERY,
    TERMS,
    add_working_days,
    count_working_days,
    day_before_term,
    find_completion_day,
    find_due_day,
    find_latest_day,
    find_warning_day,
    find_withdrawal_day,
    is_working_day,
)

DAY = timedelta(days=1)
DAYS = st.dates(date(2020, 1, 1), date(2045, 12, 31))
COUNTS = st.integers(0, 60)
HOLIDAYS = country_holidays("CO", years=range(2019, 2048))


def walk(day, count):
    """The working day so many after a day, by looking at each day."""
    while count:
        day += DAY
        if day.strftime("%a") not in ("Sat", "Sun") and day not in HOLIDAYS:
            count -= 1
    return day


@given(DAYS, COUNTS)
def test_adding_is_walking_day_by_day(day, count):
    assert add_working_days(day, count) == walk(day, count)


@given(DAYS, COUNTS)
def test_counting_is_the_reverse_of_adding(day, count):
    end = add_working_days(day, count)
    assert count_working_days(day, end) == count
    assert count_working_days(end, day) == 0 or end == day


@given(DAYS, st.sampled_from([QUERY, CLAIM]))
def test_term_ends_on_a_working_day_and_has_as_many_as_the_law_says(received_on, kind):
    due_on = find_due_day(kind, received_on)
    days = [received_on + index * DAY for index in range((due_on - received_on).days + 1)]
    counted = [day for day in days if day.weekday() < 5 and day not in HOLIDAYS]
    if kind == CLAIM and is_working_day(received_on):
        counted = counted[1:]
    assert counted[-1] == due_on
    assert len(counted) == TERMS[kind].days
    assert walk(due_on, TERMS[kind].extra) == find_latest_day(kind, due_on)
    assert count_working_days(day_before_term(kind, received_on), due_on) == TERMS[kind].days


@given(DAYS)
def test_a_later_receipt_never_ends_earlier(received_on):
    for kind in (QUERY, CLAIM):
        assert find_due_day(kind, received_on) <= find_due_day(kind, received_on + DAY)


@given(DAYS)
def test_two_months_end_on_that_day_of_the_month_or_the_next_working_day(asked_on):
    exact = (asked_on.replace(day=1) + 62 * DAY).replace(day=1)
    exact += min(asked_on.day, ((exact + 31 * DAY).replace(day=1) - exact).days) * DAY - DAY
    while exact.weekday() > 4 or exact in HOLIDAYS:
        exact += DAY
    assert find_withdrawal_day(asked_on) == exact


# 7 and 17 August 2026 are holidays, a Friday and a Monday.
@pytest.mark.parametrize(
    ("kind", "received_on", "due_on", "latest"),
    [
        (CLAIM, date(2026, 8, 5), date(2026, 8, 28), date(2026, 9, 9)),
        (CLAIM, date(2026, 8, 8), date(2026, 8, 31), date(2026, 9, 10)),
        (QUERY, date(2026, 8, 10), date(2026, 8, 24), date(2026, 8, 31)),
        (QUERY, date(2026, 8, 8), date(2026, 8, 24), date(2026, 8, 31)),
        (QUERY, date(2026, 8, 7), date(2026, 8, 24), date(2026, 8, 31)),
        # Over the end of a year: 25 December and 1 January are Fridays, 11 January the moved Epiphany.
        (CLAIM, date(2026, 12, 21), date(2027, 1, 14), date(2027, 1, 26)),
    ],
)
def test_known_terms(kind, received_on, due_on, latest):
    assert find_due_day(kind, received_on) == due_on
    assert find_latest_day(kind, due_on) == latest


def test_five_days_to_find_a_claim_incomplete_and_two_of_warning():
    assert find_completion_day(date(2026, 8, 5)) == date(2026, 8, 13)
    assert find_warning_day(date(2026, 8, 14)) == date(2026, 8, 19)


@pytest.mark.parametrize(
    ("asked_on", "end"),
    [
        (date(2026, 8, 13), date(2026, 10, 13)),
        # 31 October is a Saturday; 2 November is a holiday.
        (date(2026, 8, 31), date(2026, 11, 3)),
        # There is no 31 February: its last day, a Sunday in 2027.
        (date(2026, 12, 31), date(2027, 3, 1)),
        (date(2027, 12, 30), date(2028, 2, 29)),
    ],
)
def test_two_months_go_by_the_calendar_and_then_to_a_working_day(asked_on, end):
    assert find_withdrawal_day(asked_on) == end
