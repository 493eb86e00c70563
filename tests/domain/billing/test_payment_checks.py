"""When a payment is checked again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiate.domain.billing.payment_checks import schedule_next_check

CREATED = datetime(2026, 1, 12, 13, 0, tzinfo=UTC)
LINK = timedelta(minutes=30)
INSTANT = timedelta(microseconds=1)


def wait(age, link=LINK, *, is_settled=False):
    """Return how long until the next check of a payment of this age; None when there is none."""
    now = CREATED + age
    found = schedule_next_check(now, CREATED, CREATED + link, is_settled=is_settled)
    return found and found - now


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(), timedelta(seconds=45)),
        (timedelta(minutes=29), timedelta(seconds=45)),
        (timedelta(minutes=40) - INSTANT, timedelta(seconds=45)),
        (timedelta(minutes=40), timedelta(minutes=15)),
        (timedelta(days=1) - INSTANT, timedelta(minutes=15)),
        (timedelta(days=1), timedelta(hours=6)),
        (timedelta(days=7), timedelta(hours=6)),
        (timedelta(days=7) + INSTANT, None),
        (timedelta(days=400), None),
    ],
    ids=["new", "open", "just-ended", "ended", "a-day", "days", "a-week", "over", "long-over"],
)
def test_older_payments_are_checked_less_often(age, expected):
    assert wait(age) == expected


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(), timedelta(hours=6)),
        (timedelta(minutes=5), timedelta(hours=6)),
        (timedelta(days=7), timedelta(hours=6)),
        (timedelta(days=7) + INSTANT, None),
    ],
)
def test_settled_payment_is_checked_rarely_since_it_may_be_voided_or_paid_twice(age, expected):
    assert wait(age, is_settled=True) == expected


def test_link_that_stays_open_long_is_checked_often_to_its_end():
    assert wait(timedelta(days=2), timedelta(days=3)) == timedelta(seconds=45)
    assert wait(timedelta(days=8), timedelta(days=30)) is None


def test_lost_event_is_noticed_within_two_minutes():
    assert wait(timedelta()) + timedelta(seconds=30) < timedelta(minutes=2)


@given(st.timedeltas(timedelta(), timedelta(days=8)), st.timedeltas(timedelta(), timedelta(days=2)), st.booleans())
def test_next_look_is_ahead_until_a_week_has_passed(age, link, is_settled):
    found = wait(age, link, is_settled=is_settled)
    assert (found is None) is (age > timedelta(days=7))
    assert found is None or timedelta(seconds=45) <= found <= timedelta(hours=6)


def test_payment_is_checked_some_hundred_times_at_most():
    now, checks = CREATED, 0
    while now is not None:
        now, checks = schedule_next_check(now, CREATED, CREATED + LINK, is_settled=False), checks + 1
    assert 100 < checks < 250
