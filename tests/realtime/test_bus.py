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


class Ear:
    """A started bus and what its listener heard."""

    def __init__(self, bus):
        self.bus = bus
        self.heard = []
        self.gaps = 0

    async def start(self):
        await self.bus.start(self.heard.append, self._on_gap)
        return self

    def _on_gap(self):
        self.gaps += 1

    async def hear(self, count, patience_s=10):
        await wait_until(lambda: len(self.heard) >= count, patience_s)
        return self.heard


@pytest.fixture
def listen(io_loop):
    """Start a bus with an ear to it; it stops when the test is over."""
    ears = []

    async def listen_to(bus):
        ears.append(Ear(bus))
        return await ears[-1].start()

    yield listen_to
    for ear in ears:
        io_loop.run_sync(ear.bus.stop)


@pytest.fixture(params=["memory", "redis"])
def two_ears(request, io_loop, listen):
    """The ear of the process that publishes, and the other one: with memory the same, since there is one process."""
    if request.param == "memory":
        own = io_loop.run_sync(lambda: listen(MemoryBus()))
        return own, own
    url = request.getfixturevalue("redis_url")
    return io_loop.run_sync(lambda: listen(RedisBus(url))), io_loop.run_sync(lambda: listen(RedisBus(url)))


def parcel(number=1):
    return BusMessage(("user:31", "agent:7"), f'{{"event":"typing","chat_id":{number}}}'.encode())


@pytest.mark.gen_test
async def test_what_is_published_reaches_the_listener_of_every_process_as_it_was(two_ears):
    own, other = two_ears
    said = [
        parcel(),
        BusMessage(("user:31",), "«Buenos días» \u2028".encode(), MARK),
        BusMessage(("connection:3",), b"too many", None, 4409),
    ]

    own.bus.publish(said)

    assert await own.hear(3) == said
    assert await other.hear(3) == said
    assert isinstance(other.heard[1].mark, MessageMark)


@pytest.mark.gen_test
async def test_the_listener_of_the_same_process_hears_at_once(two_ears):
    own, _ = two_ears

    own.bus.publish([parcel()])

    assert own.heard == [parcel()]


@pytest.mark.gen_test
async def test_nobody_hears_anything_twice(two_ears):
    own, other = two_ears
    own.bus.publish([parcel(1)])
    other.bus.publish([parcel(2)])
    await own.hear(2)
    await other.hear(2)

    await asyncio.sleep(0.2)

    assert len(own.heard) == 2
    assert len(other.heard) == 2


@pytest.mark.gen_test
async def test_the_order_of_one_process_is_kept(two_ears):
    own, other = two_ears
    said = [parcel(number) for number in range(1, 301)]

    for start in range(0, 300, 3):
        own.bus.publish(said[start : start + 3])
        if start % 30 == 0:
            await asyncio.sleep(0)

    assert await own.hear(300) == said
    assert await other.hear(300) == said


@pytest.mark.gen_test
async def test_a_burst_of_five_thousand_parcels_arrives_whole_and_in_order(two_ears):
    own, other = two_ears
    said = [parcel(number) for number in range(1, 5001)]
    began = time.monotonic()

    for one in said:
        own.bus.publish([one])

    assert own.heard == said
    assert await other.hear(5000) == said
    assert time.monotonic() - began < 10


@pytest.mark.gen_test
async def test_after_the_stop_nothing_is_heard_and_publishing_does_no_harm(two_ears):
    own, other = two_ears
    await own.bus.stop()

    own.bus.publish([parcel(1)])
    if other is not own:
        other.bus.publish([parcel(2)])
        await asyncio.sleep(0.2)

    assert own.heard == []


@pytest.mark.gen_test
async def test_what_waits_is_sent_before_the_stop(two_ears):
    own, other = two_ears
    for number in range(1, 501):
        own.bus.publish([parcel(number)])

    await own.bus.stop()

    assert len(await other.hear(500)) == 500


@pytest.mark.gen_test
async def test_a_bus_that_nobody_interrupted_reports_no_gap(two_ears):
    own, other = two_ears

    own.bus.publish([parcel()])
    await other.hear(1)
    await own.bus.ping()

    assert (own.gaps, other.gaps) == (0, 0)


@pytest.mark.slow
@pytest.mark.gen_test
async def test_while_redis_is_away_ones_own_hear_and_afterwards_both_processes_hear_each_other_and_of_the_gap(listen):
    port = servers.free_port()
    with servers.redis_server(port) as url:
        own, other = await listen(RedisBus(url)), await listen(RedisBus(url))
    own.bus.publish([parcel(1)])
    assert own.heard == [parcel(1)]
    with pytest.raises(Unavailable):
        await own.bus.ping()

    with servers.redis_server(port):
        await wait_until(lambda: own.gaps and other.gaps)
        own.bus.publish([parcel(2)])
        other.bus.publish([parcel(3)])
        await wait_until(lambda: parcel(2) in other.heard)
        await wait_until(lambda: own.heard[-1:] == [parcel(3)])


@pytest.mark.slow
@pytest.mark.gen_test
async def test_a_redis_that_was_gone_for_the_blink_of_an_eye_is_a_gap_too(listen):
    port = servers.free_port()
    with servers.redis_server(port) as url:
        ear = await listen(RedisBus(url))

    with servers.redis_server(port):
        await wait_until(lambda: ear.gaps)


@pytest.mark.slow
@pytest.mark.gen_test
async def test_a_process_that_began_without_redis_hears_of_the_gap_once_redis_is_there(listen):
    port = servers.free_port()
    ear = await listen(RedisBus(f"redis://127.0.0.1:{port}/0"))

    with servers.redis_server(port) as url:
        await wait_until(lambda: ear.gaps)
        other = await listen(RedisBus(url))
        other.bus.publish([parcel()])
        assert await ear.hear(1) == [parcel()]


@pytest.mark.gen_test
async def test_a_stranger_on_the_channel_does_not_deafen_a_process(listen, redis_url):
    ear, other = await listen(RedisBus(redis_url)), await listen(RedisBus(redis_url))
    stranger = redis.asyncio.Redis.from_url(redis_url)
    for nonsense in (b"\xc1 not msgpack", b"\x93\x01\x02\x03", b""):
        await stranger.publish(REDIS_CHANNEL, nonsense)
    await stranger.aclose()

    other.bus.publish([parcel()])

    assert await ear.hear(1, 3) == [parcel()]
