"""Redis sends a message to the processes that joined one of its channels, once, and forgets those that are gone."""

import asyncio

import msgspec
import pytest
import redis.asyncio

from beneficiate.realtime.bus import BusMessage
from beneficiate.realtime.redis_bus import RedisBus
from beneficiate.realtime.redis_directory import (
    LEASE_S,
    MAX_NAMES_PER_COMMAND,
    PREFIX,
    PROCESSES,
    ChannelDirectory,
    RoutedMessage,
)


def name_of(bus_client):
    return bus_client.bus.inbox.rsplit(":", 1)[1]


async def wait_until_no_member(client, key, member):
    """Wait until a set in Redis does not have this member."""
    async with asyncio.timeout(15):
        while await client.sismember(key, member):  # noqa: ASYNC110  Redis tells nobody
            await asyncio.sleep(0.01)


@pytest.mark.gen_test
async def test_process_receives_only_what_it_joined_and_only_as_long(listen, redis_url):
    bus_client, other = await listen(RedisBus(redis_url, heartbeat_s=0.05)), await listen(RedisBus(redis_url))
    await bus_client.join("viewers:1", "viewers:2")
    bus_client.bus.leave("viewers:1")
    async with redis.asyncio.Redis.from_url(redis_url) as client:
        await wait_until_no_member(client, f"{PREFIX}:channels:{name_of(bus_client)}", "viewers:1")
        async with client.pubsub(ignore_subscribe_messages=True) as spy:
            await spy.subscribe(bus_client.bus.inbox)
            await spy.get_message(timeout=5)
            other.bus.publish([BusMessage((channel,), b"{}") for channel in ("viewers:1", "user:32", "agents")])
            other.bus.publish([BusMessage(("user:32", "viewers:2"), b"{}")])
            assert await bus_client.receive(1) == [BusMessage(("user:32", "viewers:2"), b"{}")]
            batches = []
            while not any(batches):
                message = await spy.get_message(timeout=5)
                batches += [] if message is None else [msgspec.msgpack.decode(message["data"])[1]]
    assert [len(batch) for batch in batches if batch] == [1]


@pytest.mark.gen_test
async def test_killed_process_is_forgotten_and_a_stopped_one_leaves_nothing(listen, redis_url):
    bus_client, stopped = await listen(RedisBus(redis_url, heartbeat_s=0.05)), await listen(RedisBus(redis_url))
    name = name_of(stopped)
    async with redis.asyncio.Redis.from_url(redis_url) as client:
        await stopped.bus.stop()
        assert not await client.exists(f"{PREFIX}:channels:{name}")
        assert not await client.sismember(PROCESSES, name)
        await client.sadd(PROCESSES, "killed")
        await wait_until_no_member(client, PROCESSES, "killed")
        assert await client.sismember(PROCESSES, name_of(bus_client))


@pytest.mark.gen_test
async def test_batch_of_very_many_channels_reaches_a_process_that_joined_very_many(redis_url):
    async with (
        redis.asyncio.Redis.from_url(redis_url) as client,
        client.pubsub(ignore_subscribe_messages=True) as inbox,
    ):
        receiver, sender = ChannelDirectory(client, "receiver"), ChannelDirectory(client, "sender")
        names = [f"user:{number}" for number in range(2 * MAX_NAMES_PER_COMMAND + 1)]
        await receiver.register(names)
        await receiver.add(["agent:1", "agent:2"])
        await receiver.remove(["agent:1"])
        assert await receiver.renew() == len(names) + 1
        await inbox.subscribe(receiver.inbox)
        await inbox.get_message(timeout=5)
        others = tuple(f"watched:{number}" for number in range(9_000))
        messages = [RoutedMessage((*others, names[-1]), msgspec.msgpack.encode("first"))]
        messages += [RoutedMessage(("agent:1",), msgspec.msgpack.encode("none")) for _ in range(70_000)]
        await sender.send([*messages, RoutedMessage(("agent:2",), msgspec.msgpack.encode("last"))], with_echo=True)
        received = await inbox.get_message(timeout=5)
        assert msgspec.msgpack.decode(received["data"]) == ["sender", ["first", "last"]]
        await receiver.unregister()
        assert await receiver.renew() == 0


@pytest.mark.gen_test
async def test_channels_that_are_added_after_the_lease_has_ended_end_too(redis_url):
    async with redis.asyncio.Redis.from_url(redis_url) as client:
        paused = ChannelDirectory(client, "paused")
        await paused.add(["user:1"])
        assert 0 < await client.ttl(f"{PREFIX}:channels:paused") <= LEASE_S
        await paused.unregister()
