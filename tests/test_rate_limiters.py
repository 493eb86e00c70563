"""The table of rate limiters in one process, without Redis; `realtime/test_redis_buckets.py` has those of many."""

import contextlib

import pytest

from beneficiate.errors import RateLimited
from beneficiate.limits import REFUSALS_KEPT_S
from beneficiate.rate_limiters import RateLimiters
from beneficiate.settings import Settings
from tests.test_limits import Clock


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def limiters(clock):
    return RateLimiters.from_settings(Settings(uploads_per_minute=2, messages_burst=2, messages_per_s=1), clock=clock)


async def upload(limiters, times, key=7):
    for _ in range(times):
        await limiters.uploads.acquire(key)


@pytest.mark.gen_test
async def test_limit_of_a_minute_says_how_long_to_wait(limiters, clock):
    await upload(limiters, 2)
    with pytest.raises(RateLimited) as limited:
        await upload(limiters, 1)
    assert limited.value.retry_after_s == 30
    clock.now += 30
    await upload(limiters, 1)


@pytest.mark.gen_test
async def test_what_was_refused_is_listed_for_a_minute_and_can_be_lifted(limiters, clock):
    for key in (7, 8):
        with pytest.raises(RateLimited):
            await upload(limiters, 3, key)
    for _ in range(2):
        limiters.messages.acquire(7)
    with pytest.raises(RateLimited):
        limiters.messages.acquire(7)
    refusals = await limiters.list_refusals()
    assert {(one.limit, one.key, one.wait_s) for one in refusals} == {
        ("messages", "7", 1.0),
        ("uploads", "7", 30.0),
        ("uploads", "8", 30.0),
    }
    await limiters.lift("uploads", "7")
    await upload(limiters, 2)
    clock.now += REFUSALS_KEPT_S + 1
    assert await limiters.list_refusals() == []
    await limiters.close()


@pytest.mark.gen_test
async def test_every_limit_that_is_shared_can_be_listed(limiters):
    names = {"handshakes", "uploads", "lookups", "slots", "links", "webhook_failures", "reports"}
    for name in names:
        limiter = getattr(limiters, name)
        assert limiter.name == name
        with contextlib.suppress(RateLimited):
            while True:
                await limiter.acquire("203.0.113.0/24")
    assert {one.limit for one in await limiters.list_refusals()} == names
