"""One contract for both buses: two ears on one channel, be it memory or Redis."""

import asyncio
import time

import pytest
import redis.asyncio

from beneficiate.errors import Unavailable
from beneficiate.realtime.bus import BusMessage, MemoryBus
from beneficiate.realtime.redis_bus import REDIS_CHANNEL, RedisBus
from beneficiate.unit_of_work import MessageMark
from tests import servers
from tests.ws_client import wait_until

MARK = MessageMark(12, 41, 9041, "user:31")


class BusClient:
    """A started bus and what its listener received."""

    def __init__(self, bus):
        self.bus = bus
        self.received = []
        self.gaps = 0

    async def start(self):
        await self.bus.start(self.received.append, self._on_gap)
        return self

    def _on_gap(self):
        self.gaps += 1

    async def receive(self, count, timeout_s=10):
        await wait_until(lambda: len(self.received) >= count, timeout_s)
        return self.received


@pytest.fixture
def listen(io_loop):
    """Start a bus with an ear to it; it stops when the test is over."""
    bus_clients = []

    async def listen_to(bus):
        bus_clients.append(BusClient(bus))
        return await bus_clients[-1].start()

    yield listen_to
    for bus_client in bus_clients:
        io_loop.run_sync(bus_client.bus.stop)


@pytest.fixture(params=["memory", "redis"])
def two_buses(request, io_loop, listen):
    """The ear of the process that publishes, and the other one: with memory the same, since there is one process."""
    if request.param == "memory":
        own = io_loop.run_sync(lambda: listen(MemoryBus()))
        return own, own
    url = request.getfixturevalue("redis_url")
    return io_loop.run_sync(lambda: listen(RedisBus(url))), io_loop.run_sync(lambda: listen(RedisBus(url)))


def bus_message(number=1):
    return BusMessage(("user:31", "agent:7"), f'{{"event":"typing","chat_id":{number}}}'.encode())


@pytest.mark.gen_test
async def test_published_messages_reach_the_listener_of_every_process_unchanged(two_buses):
    own, other = two_buses
    sent = [
        bus_message(),
        BusMessage(("user:31",), "«Buenos días» \u2028".encode(), MARK),
        BusMessage(("connection:3",), b"too many", None, 4409),
    ]

    own.bus.publish(sent)

    assert await own.receive(3) == sent
    assert await other.receive(3) == sent
    assert isinstance(other.received[1].mark, MessageMark)


@pytest.mark.gen_test
async def test_listener_of_the_same_process_receives_at_once(two_buses):
    own, _ = two_buses

    own.bus.publish([bus_message()])

    assert own.received == [bus_message()]


@pytest.mark.gen_test
async def test_no_message_is_received_twice(two_buses):
    own, other = two_buses
    own.bus.publish([bus_message(1)])
    other.bus.publish([bus_message(2)])
    await own.receive(2)
    await other.receive(2)

    await asyncio.sleep(0.2)

    assert len(own.received) == 2
    assert len(other.received) == 2


@pytest.mark.gen_test
async def test_order_of_one_process_is_kept(two_buses):
    own, other = two_buses
    sent = [bus_message(number) for number in range(1, 301)]

    for start in range(0, 300, 3):
        own.bus.publish(sent[start : start + 3])
        if start % 30 == 0:
            await asyncio.sleep(0)

    assert await own.receive(300) == sent
    assert await other.receive(300) == sent


@pytest.mark.gen_test
async def test_burst_of_five_thousand_messages_arrives_complete_and_in_order(two_buses):
    own, other = two_buses
    sent = [bus_message(number) for number in range(1, 5001)]
    began = time.monotonic()

    for one in sent:
        own.bus.publish([one])

    assert own.received == sent
    assert await other.receive(5000) == sent
    assert time.monotonic() - began < 10


@pytest.mark.gen_test
async def test_stopped_bus_receives_nothing_and_may_still_publish(two_buses):
    own, other = two_buses
    await own.bus.stop()

    own.bus.publish([bus_message(1)])
    if other is not own:
        other.bus.publish([bus_message(2)])
        await asyncio.sleep(0.2)

    assert own.received == []


@pytest.mark.gen_test
async def test_pending_messages_are_sent_before_the_stop(two_buses):
    own, other = two_buses
    for number in range(1, 501):
        own.bus.publish([bus_message(number)])

    await own.bus.stop()

    assert len(await other.receive(500)) == 500


@pytest.mark.gen_test
async def test_uninterrupted_bus_reports_no_gap(two_buses):
    own, other = two_buses

    own.bus.publish([bus_message()])
    await other.receive(1)
    await own.bus.ping()

    assert (own.gaps, other.gaps) == (0, 0)


@pytest.mark.slow
@pytest.mark.gen_test
async def test_bus_works_locally_while_redis_is_down_and_reports_the_gap_afterwards(
    listen,
):
    port = servers.free_port()
    with servers.redis_server(port) as url:
        own, other = await listen(RedisBus(url)), await listen(RedisBus(url))
    own.bus.publish([bus_message(1)])
    assert own.received == [bus_message(1)]
    with pytest.raises(Unavailable):
        await own.bus.ping()

    with servers.redis_server(port):
        await wait_until(lambda: own.gaps and other.gaps)
        own.bus.publish([bus_message(2)])
        other.bus.publish([bus_message(3)])
        await wait_until(lambda: bus_message(2) in other.received)
        await wait_until(lambda: own.received[-1:] == [bus_message(3)])


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
        other.bus.publish([bus_message()])
        assert await bus_client.receive(1) == [bus_message()]


@pytest.mark.gen_test
async def test_unreadable_message_does_not_stop_the_bus(listen, redis_url):
    bus_client, other = await listen(RedisBus(redis_url)), await listen(RedisBus(redis_url))
    stranger = redis.asyncio.Redis.from_url(redis_url)
    for nonsense in (b"\xc1 not msgpack", b"\x93\x01\x02\x03", b""):
        await stranger.publish(REDIS_CHANNEL, nonsense)
    await stranger.aclose()

    other.bus.publish([bus_message()])

    assert await bus_client.receive(1, 3) == [bus_message()]
