"""The bus over Redis reports gaps, keeps working locally without Redis, and skips unreadable messages."""

import asyncio
import time

import msgspec
import pytest
import redis.asyncio
from structlog.testing import capture_logs

from beneficiate.errors import Unavailable
from beneficiate.realtime import redis_bus
from beneficiate.realtime.bus import BusMessage
from beneficiate.realtime.redis_bus import HEARTBEAT_S, MAX_SILENCE_S, RedisBus, cancel_until_done
from tests import servers
from tests.realtime.fakes import make_bus_message
from tests.silent_proxy import SilentProxy
from tests.ws_client import wait_until


async def wait_until_ping(bus, *, expected):
    """Wait until the bus says that it receives from other processes, or that it does not."""
    async with asyncio.timeout(15):
        while True:
            try:
                await bus.ping()
                is_receiving = True
            except Unavailable:
                is_receiving = False
            if is_receiving == expected:
                return
            await asyncio.sleep(0.005)


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
    await wait_until_ping(own.bus, expected=False)

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
        await stranger.publish(bus_client.bus.inbox, nonsense)
    await stranger.aclose()

    other.bus.publish([make_bus_message()])

    assert await bus_client.receive(1, 3) == [make_bus_message()]


@pytest.mark.gen_test
async def test_a_loop_that_ends_for_an_unforeseen_reason_is_started_again(listen, redis_url):
    bus_client, other = await listen(RedisBus(redis_url)), await listen(RedisBus(redis_url))
    bus_client.is_gap_failing = True
    with capture_logs() as logs:
        async with redis.asyncio.Redis.from_url(redis_url) as admin:
            await admin.client_kill_filter(_type="pubsub")
        await wait_until(lambda: bus_client.gaps)
    assert ("bus_loop_failed", "_listen") in [(one["event"], one.get("loop")) for one in logs]

    bus_client.is_gap_failing = False
    await wait_until(lambda: bus_client.gaps > 1 and other.gaps)
    other.bus.publish([make_bus_message()])
    assert await bus_client.receive(1) == [make_bus_message()]
    await wait_until_ping(bus_client.bus, expected=True)


@pytest.mark.gen_test
async def test_a_batch_that_fails_for_an_unforeseen_reason_stops_neither_the_next_ones_nor_the_stop(
    listen, redis_url, monkeypatch
):
    sender, other = await listen(RedisBus(redis_url, heartbeat_s=60)), await listen(RedisBus(redis_url))
    publish_batches = sender.bus._publish_batches

    async def fail_once(batch):
        monkeypatch.setattr(sender.bus, "_publish_batches", publish_batches)
        raise ZeroDivisionError

    monkeypatch.setattr(sender.bus, "_publish_batches", fail_once)
    with capture_logs() as logs:
        sender.bus.publish([make_bus_message(1)])
        await asyncio.sleep(0)
        await sender.bus._pending.join()
        sender.bus.publish([make_bus_message(2)])
        assert await other.receive(1) == [make_bus_message(2)]
    assert [(one["event"], one["loop"]) for one in logs] == [("bus_loop_failed", "_send_pending")]


@pytest.mark.gen_test
async def test_what_is_published_in_one_iteration_of_the_loop_travels_together(listen, redis_url):
    bus, other = (await listen(RedisBus(redis_url))).bus, (await listen(RedisBus(redis_url, heartbeat_s=60))).bus
    async with redis.asyncio.Redis.from_url(redis_url) as client, client.pubsub(ignore_subscribe_messages=True) as spy:
        await spy.subscribe(other.inbox)
        await spy.get_message(timeout=5)
        for number in (1, 2, 3):
            bus.publish([make_bus_message(number)])
            bus.publish([])
        await bus.stop()
        batches = [await spy.get_message(ignore_subscribe_messages=True, timeout=5)]
        await client.publish(other.inbox, b"end")
        batches.append(await spy.get_message(ignore_subscribe_messages=True, timeout=5))
    _, messages = msgspec.msgpack.decode(batches[0]["data"])
    assert msgspec.convert(messages, list[BusMessage]) == [make_bus_message(number) for number in (1, 2, 3)]
    assert batches[1]["data"] == b"end"


@pytest.mark.slow
@pytest.mark.gen_test
async def test_a_subscription_that_falls_silent_is_replaced_and_reported_as_a_gap(listen, redis_url):
    proxy = await SilentProxy(redis_url).start()
    silent = await listen(RedisBus(proxy.url, heartbeat_s=0.05, max_silence_s=0.4))
    other = await listen(RedisBus(redis_url))
    await silent.bus.ping()

    proxy.silence()
    await wait_until_ping(silent.bus, expected=False)
    await wait_until(lambda: silent.gaps)
    other.bus.publish([make_bus_message(1)])
    assert await silent.receive(1) == [make_bus_message(1)]
    await wait_until_ping(silent.bus, expected=True)

    await silent.bus.stop()
    await proxy.stop()


@pytest.mark.slow
@pytest.mark.gen_test
async def test_silent_subscription_is_noticed_after_three_seconds(listen, redis_url):
    proxy = await SilentProxy(redis_url).start()
    silent = await listen(RedisBus(proxy.url))
    proxy.silence()
    began = asyncio.get_running_loop().time()
    await wait_until(lambda: silent.gaps)
    assert asyncio.get_running_loop().time() - began > MAX_SILENCE_S - HEARTBEAT_S
    assert MAX_SILENCE_S == 3
    await silent.bus.stop()
    await proxy.stop()


@pytest.mark.gen_test
async def test_process_that_was_stopped_for_long_is_not_silent(listen, redis_url, monkeypatch):
    loop, stopped_s = asyncio.get_running_loop(), 0
    monkeypatch.setattr(loop, "time", lambda: time.monotonic() + stopped_s)
    # What has arrived is read at once; on a busy machine Redis itself may take longer than 50 ms to send it.
    monkeypatch.setattr(redis_bus, "DRAIN_S", 10)
    own, other = await listen(RedisBus(redis_url)), await listen(RedisBus(redis_url))
    # It is stopped while a heartbeat is on its way.
    own.bus._enqueue([])
    own.bus._beat_sent_at = loop.time()
    stopped_s = MAX_SILENCE_S + 1
    other.bus.publish([make_bus_message(1)])
    await own.receive(1)
    await wait_until(lambda: own.bus._beat_sent_at is None)
    assert own.gaps == 0


@pytest.mark.gen_test
async def test_lag_is_measured_from_the_queueing_of_a_heartbeat(listen, redis_url):
    lags = []
    await listen(RedisBus(redis_url, heartbeat_s=0.02, observe_lag=lags.append))
    await wait_until(lambda: len(lags) > 2)
    assert all(0 < lag < 5 for lag in lags)


@pytest.mark.gen_test
async def test_what_emits_nothing_is_not_published(listen, redis_url):
    bus_client, other = await listen(RedisBus(redis_url, heartbeat_s=60)), await listen(RedisBus(redis_url))
    bus_client.bus.publish([])
    assert bus_client.bus._pending.empty()
    assert not bus_client.bus._gathered
    bus_client.bus.publish([make_bus_message(1)])
    assert await other.receive(1) == [make_bus_message(1)]


@pytest.mark.gen_test
async def test_a_hung_redis_delays_the_stop_by_seconds_only(listen, redis_url):
    proxy = await SilentProxy(redis_url).start()
    bus_client = await listen(RedisBus(proxy.url))
    proxy.silence()
    proxy.is_silent_for_new = True
    bus_client.bus.publish([make_bus_message(1)])
    async with asyncio.timeout(10):
        await bus_client.bus.stop()
    await proxy.stop()


@pytest.mark.gen_test
async def test_task_that_takes_its_cancellation_for_a_timeout_is_cancelled_again():
    cancelled = []

    async def go_on_once():
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.append(True)
                if len(cancelled) > 1:
                    raise

    task = asyncio.create_task(go_on_once())
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await cancel_until_done([task])
    assert (task.cancelled(), len(cancelled)) == (True, 2)
