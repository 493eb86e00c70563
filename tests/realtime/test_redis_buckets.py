"""Token buckets in Redis: what one process takes, the others do not have; without Redis each has its own."""

import asyncio
import contextlib

import pytest
import redis.asyncio

from beneficiate.errors import RateLimited, Unavailable
from beneficiate.limits import MAX_REFUSALS, RateLimiter
from beneficiate.rate_limiters import RateLimiters, SettledLimiter, SharedLimiter
from beneficiate.realtime import redis_buckets
from beneficiate.realtime.redis_buckets import LIMIT_PREFIX, REFUSALS_KEY, RedisBuckets
from beneficiate.settings import Settings
from tests import servers
from tests.silent_proxy import SilentProxy

SLOW = 0.001
"""Tokens a second: none comes back while a test runs."""


@pytest.fixture
def open_buckets(io_loop):
    opened = []

    def open_one(url):
        opened.append(RedisBuckets(url))
        return opened[-1]

    yield open_one
    for one in opened:
        io_loop.run_sync(one.close)


async def attempt(limiter, key="ana"):
    """Return whether there was a token."""
    try:
        await limiter.acquire(key)
    except RateLimited:
        return False
    return True


def take_all(limiter, key="ana"):
    """Return how many tokens a limiter that waits for nothing gives at once."""
    for number in range(10_000):
        try:
            limiter.acquire(key)
        except RateLimited:
            return number
    raise AssertionError("no limit")


async def wait_until_refused(limiter, key):
    """Wait until a limiter has no token for a key, because of what others have used."""
    async with asyncio.timeout(15):
        with contextlib.suppress(RateLimited):
            while True:
                limiter.check(key)
                await asyncio.sleep(0.02)


@pytest.mark.gen_test
async def test_processes_share_what_each_key_has_at_once(open_buckets, redis_url):
    two = [SharedLimiter("uploads", RateLimiter(SLOW, 5), open_buckets(redis_url)) for _ in range(2)]
    granted = await asyncio.gather(*(attempt(two[number % 2]) for number in range(40)))
    assert sum(granted) == 5
    assert await attempt(two[0], "beto")
    with pytest.raises(RateLimited) as limited:
        await two[1].acquire("ana")
    assert 990 <= limited.value.retry_after_s <= 1000


@pytest.mark.gen_test
async def test_tokens_come_back_with_time(open_buckets, redis_url):
    limiter = SharedLimiter("uploads", RateLimiter(20, 1), open_buckets(redis_url))
    assert await attempt(limiter)
    async with asyncio.timeout(10):
        while not await attempt(limiter):  # noqa: ASYNC110  by the clock of Redis
            await asyncio.sleep(0.01)


@pytest.mark.gen_test
async def test_what_asks_nobody_is_told_and_refused_elsewhere(open_buckets, redis_url):
    here, there = (SettledLimiter("messages", SLOW, 100, open_buckets(redis_url)) for _ in range(2))
    assert take_all(here) == 100
    async with redis.asyncio.Redis.from_url(redis_url) as client, asyncio.timeout(30):
        while not await client.exists(f"{LIMIT_PREFIX}messages:ana"):  # noqa: ASYNC110  told in the background
            await asyncio.sleep(0.02)
        # A tenth before the first exchange; what was given too much becomes a debt.
        for _ in range(10):
            there.acquire("ana")
        await wait_until_refused(there, "ana")
        while not await client.zcard(REFUSALS_KEY):  # noqa: ASYNC110  told in the background
            await asyncio.sleep(0.02)
        assert int(await client.pttl(f"{LIMIT_PREFIX}messages:ana")) > 100_000 * 1000


@pytest.mark.gen_test
async def test_who_writes_little_costs_no_round_trip(open_buckets, redis_url):
    buckets = open_buckets(redis_url)
    limiter = SettledLimiter("messages", 300, 500, buckets)
    for number in range(49 * 40):
        limiter.acquire(number % 40)
    assert not buckets._settled


@pytest.mark.gen_test
async def test_without_redis_each_process_goes_on_with_a_limit_and_shares_again_later(open_buckets, monkeypatch):
    monkeypatch.setattr(redis_buckets, "PAUSE_S", 0.05)
    port = servers.free_port()
    with servers.redis_server(port) as url:
        two = [SharedLimiter("uploads", RateLimiter(SLOW, 3), open_buckets(url)) for _ in range(2)]
        assert await attempt(two[0])
    # The first has used one of its three, the second none.
    assert [sum([await attempt(one) for _ in range(9)]) for one in two] == [2, 3]
    messages = SettledLimiter("messages", SLOW, 20, open_buckets(url))
    assert take_all(messages) == 20
    await asyncio.sleep(0.3)
    assert take_all(messages) == 0
    with servers.redis_server(port):
        async with asyncio.timeout(15):
            # A new Redis knows of nothing.
            while not await attempt(two[0]):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        # What was used meanwhile is told now.
        async with redis.asyncio.Redis.from_url(url) as client, asyncio.timeout(15):
            while not await client.exists(f"{LIMIT_PREFIX}messages:ana"):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert take_all(messages) == 0


@pytest.mark.gen_test
async def test_silent_redis_keeps_nobody_waiting(open_buckets, redis_url, monkeypatch):
    monkeypatch.setattr(redis_buckets, "BUCKET_TIMEOUT_S", 0.1)
    proxy = await SilentProxy(redis_url).start()
    limiter = SharedLimiter("uploads", RateLimiter(SLOW, 40), open_buckets(proxy.url))
    assert await attempt(limiter)
    proxy.silence()
    proxy.is_silent_for_new = True
    async with asyncio.timeout(1.5):
        assert sum(await asyncio.gather(*(attempt(limiter) for _ in range(50)))) == 39
    await proxy.stop()


@pytest.mark.gen_test
async def test_what_was_refused_is_listed_and_lifted_in_all_processes(open_buckets, redis_url):
    settings = Settings(uploads_per_minute=2, messages_burst=10, messages_per_s=1)
    two = [RateLimiters.from_settings(settings, open_buckets(redis_url)) for _ in range(2)]
    here, there = two
    assert [await attempt(here.uploads, 7) for _ in range(3)] == [True, True, False]
    assert [await attempt(there.links, "2001:db8::/64") for _ in range(21)].count(True) == 20
    refusals = {(one.limit, one.key): one.wait_s for one in await there.list_refusals()}
    assert refusals.keys() == {("uploads", "7"), ("links", "2001:db8::/64")}
    assert 0 < refusals["uploads", "7"] <= 30

    await there.lift("uploads", "7")
    await there.lift("nothing", "7")
    assert [one.limit for one in await here.list_refusals()] == ["links"]
    assert [await attempt(here.uploads, 7) for _ in range(3)] == [True, True, False]


@pytest.mark.gen_test
async def test_lifting_reaches_who_asks_nobody(open_buckets, redis_url):
    here, there = (
        RateLimiters.from_settings(
            Settings(messages_burst=10, messages_per_s=1), open_buckets(redis_url), clock=lambda: 0.0
        )
        for _ in range(2)
    )
    burst = here.settled[0]
    assert take_all(burst, 7) == 10
    async with asyncio.timeout(15):
        while not await there.list_refusals():  # noqa: ASYNC110  told in the background
            await asyncio.sleep(0.02)
    await there.lift("messages", "7")
    async with asyncio.timeout(15):
        while not take_all(burst, 7):  # noqa: ASYNC110  by the next exchange
            await asyncio.sleep(0.02)


@pytest.mark.gen_test
async def test_lifting_without_redis_says_so_and_the_list_is_of_this_process(open_buckets):
    limiters = RateLimiters.from_settings(
        Settings(uploads_per_minute=1), open_buckets(f"redis://127.0.0.1:{servers.free_port()}/0")
    )
    assert [await attempt(limiters.uploads, 7) for _ in range(2)] == [True, False]
    assert [(one.limit, one.key) for one in await limiters.list_refusals()] == [("uploads", "7")]
    with pytest.raises(Unavailable):
        await limiters.lift("uploads", "7")


@pytest.mark.gen_test
async def test_list_of_refusals_is_bounded(open_buckets, redis_url):
    limiter = SharedLimiter("links", RateLimiter(SLOW, 1), open_buckets(redis_url))
    await asyncio.gather(*(attempt(limiter, number % 1100) for number in range(2200)))
    async with redis.asyncio.Redis.from_url(redis_url) as client:
        assert await client.zcard(REFUSALS_KEY) == MAX_REFUSALS
        assert await client.ttl(REFUSALS_KEY) > 0
