"""Token buckets: so many at once, so many a second after that."""

import pytest

from beneficiate import limits
from beneficiate.errors import RateLimited
from beneficiate.limits import CombinedLimiter, Quotas, RateLimiter, network_of
from beneficiate.settings import Settings


class Clock:
    """A clock that the test moves."""

    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def wait_of(take, key="ana"):
    with pytest.raises(RateLimited) as limited:
        take(key)
    return limited.value.retry_after_s


def test_burst_is_allowed_and_then_the_rate_counts(clock):
    buckets = RateLimiter(2, 5, clock)
    for _ in range(5):
        buckets.acquire("ana")
    assert wait_of(buckets.acquire) == 1
    clock.now += 0.5
    buckets.acquire("ana")
    assert wait_of(buckets.acquire) == 1


def test_the_wait_is_as_long_as_one_token_takes(clock):
    buckets = RateLimiter(0.1, 1, clock)
    buckets.acquire("ana")
    assert wait_of(buckets.acquire) == 10
    clock.now += 4
    assert wait_of(buckets.acquire) == 6
    clock.now += 6
    buckets.acquire("ana")


def test_a_bucket_never_holds_more_than_its_burst(clock):
    buckets = RateLimiter(10, 3, clock)
    clock.now += 3600
    for _ in range(3):
        buckets.acquire("ana")
    assert wait_of(buckets.acquire) == 1


def test_each_key_has_its_own_bucket(clock):
    buckets = RateLimiter(1, 1, clock)
    buckets.acquire("ana")
    buckets.acquire("beto")
    assert wait_of(buckets.acquire) == 1


def test_check_takes_no_token(clock):
    buckets = RateLimiter(1, 1, clock)
    for _ in range(5):
        buckets.check("ana")
    buckets.acquire("ana")
    assert wait_of(buckets.check) == 1
    clock.now += 1
    buckets.check("ana")


def test_full_buckets_are_dropped_and_others_kept(clock):
    buckets = RateLimiter(1, 5, clock)
    for _ in range(5):
        buckets.acquire("ana")
    for number in range(limits.MAX_BUCKETS - 1):
        buckets.acquire(number)
    clock.now += 1.5
    buckets.acquire("beto")
    assert len(buckets._buckets) == 2
    buckets.acquire("ana")
    assert wait_of(buckets.acquire) == 1


def test_combined_limiter_needs_a_token_of_each_and_takes_none_in_vain(clock):
    burst, hour = RateLimiter(1, 2, clock), RateLimiter(0.001, 3, clock)
    both = CombinedLimiter(burst, hour)
    both.acquire("ana")
    both.acquire("ana")
    assert wait_of(both.acquire) == 1
    clock.now += 5
    both.acquire("ana")
    assert wait_of(both.acquire) > 900
    burst.acquire("ana")
    both.acquire("beto")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.0/24"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unknown", "unknown"),
    ],
)
def test_network_of_an_address(address, network):
    assert network_of(address) == network


def test_quotas_are_those_of_the_settings():
    quotas = Quotas.from_settings(Settings(bookings_per_hour=3, upload_bytes_per_day=7, open_appointments=2))
    assert (quotas.bookings.amount, quotas.bookings.staff_amount) == (3, 3 * limits.STAFF_FACTOR)
    assert (quotas.upload_bytes.amount, quotas.open_appointments, quotas.open_per_specialty) == (7, 2, 1)
    assert len({quota.name for quota in (quotas.bookings, quotas.appointment_changes, quotas.sign_ins)}) == 3


def test_wait_is_stated_in_seconds():
    assert RateLimited(1).sentence.endswith("Intente de nuevo en 1 segundo.")
    assert RateLimited(30).sentence.endswith("Intente de nuevo en 30 segundos.")
