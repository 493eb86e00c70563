"""Sign-ins end after a longest life, and earlier when they are not used."""

from datetime import UTC, datetime, timedelta

from beneficiate.domain.sign_in_lifetimes import SignInLifetimes
from beneficiate.settings import Settings

NOW = datetime(2026, 8, 25, 15, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LIFETIMES = SignInLifetimes(api=30 * DAY, api_unused=14 * DAY, session=12 * HOUR, page_unused=2 * HOUR)


def test_lifetimes_are_those_of_the_settings():
    assert SignInLifetimes.from_settings(Settings()) == LIFETIMES
    settings = Settings(sign_in_days=2, sign_in_max_days=3, staff_session_hours=4, page_idle_minutes=5)
    assert SignInLifetimes.from_settings(settings) == SignInLifetimes(3 * DAY, 2 * DAY, 4 * HOUR, HOUR / 12)


def test_unused_sign_in_ends_first_and_a_used_one_at_its_longest_life():
    assert LIFETIMES.find_api_end(NOW, NOW + 10 * DAY, is_member=True) == NOW + 24 * DAY
    assert LIFETIMES.find_api_end(NOW, NOW + 20 * DAY, is_member=True) == NOW + 30 * DAY
    assert LIFETIMES.find_api_end(NOW, NOW + HOUR, is_member=False) == NOW + 12 * HOUR
    assert LIFETIMES.find_page_end(NOW, NOW + HOUR) == NOW + 3 * HOUR
    assert LIFETIMES.find_page_end(NOW, NOW + 11 * HOUR) == NOW + 12 * HOUR


def test_session_is_extended_when_that_is_worth_a_write():
    minute = HOUR / 60
    assert LIFETIMES.find_extension(NOW, NOW + 2 * HOUR, NOW + 11 * minute) is None
    assert LIFETIMES.find_extension(NOW, NOW + 2 * HOUR, NOW + 12 * minute) == NOW + 2 * HOUR + 12 * minute
    assert LIFETIMES.find_extension(NOW, NOW + 12 * HOUR, NOW + 11 * HOUR) is None
