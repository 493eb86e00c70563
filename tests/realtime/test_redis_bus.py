"""The bus over Redis reports gaps, keeps working locally without Redis, and skips unreadable messages."""

import msgspec
import pytest
import redis.asyncio

from beneficiate.errors import Unavailable
from beneficiate.realtime.bus import BusMessage
from beneficiate.realtime.redis_bus import REDIS_CHANNEL, RedisBus
from tests import servers
from tests.realtime.fakes import make_bus_message
from tests.ws_client import wait_until


@pytest.mark.slow
@pytest.mark.gen_test
async def test_bus_works_locally_while_redis_is_down_and_reports_the_gap_afterwards(
    listen,
):
    port = servers.free_port()
    with servers.redis_server(port) as url:
        own, other = await listen(RedisBus(url)), await listen(RedisBus(url))
    own.bus.publish([make_bus_message(1)])
    assert own.received == [make_bus_message(1)]
    with pytest.raises(Unavailable):
        await own.bus.ping()

    with servers.redis_server(port):
        await wait_until(lambda: own.gaps and other.gaps)
        own.bus.publish([make_bus_message(2)])
        other.bus.publish([make_bus_message(3)])
        await wait_until(lambda: make_bus_message(2) in other.received)
        await wait_until(lambda: own.received[-1:] == [make_bus_message(3)])


@pytest.mark.slow
@pytest.mark.gen_test
async def test_short_restart_of_redis_is_reported_as_a_gap(listen):
    port = servers.free_port()
    with servers.redis_server(port) as url:
        bus_client = await listen(RedisBus(url))

    with servers.redis_server(port):
        await wait_until(lambda: bus_client.gaps)


@pytest.mark.slow
@pytest.mark.gen_test
async def test_start_without_redis_is_reported_as_a_gap_once_redis_is_up(listen):
    port = servers.free_port()
    bus_client = await listen(RedisBus(f"redis://127.0.0.1:{port}/0"))

    with servers.redis_server(port) as url:
        await wait_until(lambda: bus_client.gaps)
        other = await listen(RedisBus(url))
        other.bus.publish([make_bus_message()])
        assert await bus_client.receive(1) == [make_bus_message()]


@pytest.mark.gen_test
async def test_unreadable_message_does_not_stop_the_bus(listen, redis_url):
    bus_client, other = await listen(RedisBus(redis_url)), await listen(RedisBus(redis_url))
    stranger = redis.asyncio.Redis.from_url(redis_url)
    for nonsense in (b"\xc1 not msgpack", b"\x93\x01\x02\x03", b""):
        await stranger.publish(REDIS_CHANNEL, nonsense)
    await stranger.aclose()

    other.bus.publish([make_bus_message()])

    assert await bus_client.receive(1, 3) == [make_bus_message()]


@pytest.mark.gen_test
async def test_what_is_published_in_one_iteration_of_the_loop_travels_together(listen, redis_url):
    bus = (await listen(RedisBus(redis_url))).bus
    async with redis.asyncio.Redis.from_url(redis_url) as client, client.pubsub(ignore_subscribe_messages=True) as spy:
        await spy.subscribe(REDIS_CHANNEL)
        await spy.get_message(timeout=5)
        for number in (1, 2, 3):
            bus.publish([make_bus_message(number)])
            bus.publish([])
        await bus.stop()
        batches = [await spy.get_message(ignore_subscribe_messages=True, timeout=5)]
        await client.publish(REDIS_CHANNEL, b"end")
        batches.append(await spy.get_message(ignore_subscribe_messages=True, timeout=5))
    _, messages = msgspec.msgpack.decode(batches[0]["data"])
    assert msgspec.convert(messages, list[BusMessage]) == [make_bus_message(number) for number in (1, 2, 3)]
    assert batches[1]["data"] == b"end"
