"""Whoever joined a channel and waited misses nothing of it."""

import asyncio

import pytest
import redis.asyncio

from beneficiate.realtime.bus import BusMessage
from beneficiate.realtime.redis_bus import RedisBus
from beneficiate.realtime.redis_directory import PREFIX
from tests import servers
from tests.realtime.fakes import make_bus_message
from tests.realtime.test_redis_directory import name_of
from tests.ws_client import wait_until


@pytest.mark.gen_test(timeout=30)
async def test_nothing_is_lost_between_joining_a_channel_and_reading_what_there_is(listen, redis_url):
    bus_client, other = await listen(RedisBus(redis_url)), await listen(RedisBus(redis_url))
    stored = []
    is_done = False

    async def write():
        while not is_done:
            stored.append(make_bus_message(len(stored)))
            for number in range(20):
                other.bus.publish([BusMessage((f"chat:{number}",), b"%d" % len(stored))])
            await asyncio.sleep(0)

    writer = asyncio.create_task(write())
    seen = {}
    for number in range(20):
        await bus_client.join(f"chat:{number}")
        seen[f"chat:{number}"] = at = len(stored)
        await wait_until(lambda at=at: len(stored) > at + 2)
    is_done = True
    await writer
    for channel in seen:
        last = BusMessage((channel,), b"%d" % len(stored))
        await wait_until(lambda last=last: last in bus_client.received)
    for channel, first in seen.items():
        live = [int(one.payload) for one in bus_client.received if one.channels == (channel,)]
        # What arrives live begins with what the state may have already, and has no gap.
        assert live == list(range(live[0], len(stored) + 1))
        assert live[0] <= first + 1


@pytest.mark.gen_test
async def test_joining_waits_for_nothing_while_redis_is_down(listen):
    bus_client = await listen(RedisBus(f"redis://127.0.0.1:{servers.free_port()}/0"))
    async with asyncio.timeout(0.5):
        await bus_client.join("user:32")
    assert not bus_client.bus.is_joining


@pytest.mark.gen_test
async def test_channels_that_redis_has_lost_are_registered_again_and_reported_as_a_gap(listen, redis_url):
    bus_client, other = await listen(RedisBus(redis_url, heartbeat_s=0.05)), await listen(RedisBus(redis_url))
    async with redis.asyncio.Redis.from_url(redis_url) as client:
        await client.delete(f"{PREFIX}:channels:{name_of(bus_client)}")
    await wait_until(lambda: bus_client.gaps)
    other.bus.publish([make_bus_message(1)])
    assert await bus_client.receive(1) == [make_bus_message(1)]
    assert other.gaps == 0


@pytest.mark.gen_test
async def test_channel_that_is_left_and_joined_again_at_once_stays_joined(listen, redis_url):
    beats = []
    bus_client = await listen(RedisBus(redis_url, heartbeat_s=0.05, observe_lag=beats.append))
    other = await listen(RedisBus(redis_url))
    for _ in range(3):
        bus_client.bus.leave("user:31")
        await bus_client.join("user:31")
        bus_client.bus.leave("user:99")
        bus_client.bus.join("user:99")
        bus_client.bus.leave("user:99")
        before = len(beats)
        await wait_until(lambda before=before: len(beats) > before + 1)
    other.bus.publish([BusMessage(("user:99",), b"{}"), make_bus_message(1)])
    assert await bus_client.receive(1) == [make_bus_message(1)]
    assert bus_client.gaps == 0
