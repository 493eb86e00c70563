"""One contract for both buses: two subscribers of one channel, be it memory or Redis."""

import asyncio

import pytest
from structlog.testing import capture_logs

from beneficiate.realtime.bus import BusMessage, MemoryBus
from beneficiate.realtime.redis_bus import RedisBus
from beneficiate.unit_of_work import MessageMark
from tests.realtime.conftest import UNREADABLE
from tests.realtime.fakes import make_bus_message

MARK = MessageMark(12, 41, 9041, "user:31")


@pytest.fixture(params=["memory", "redis"])
def two_buses(request, io_loop, listen):
    """The subscriber of the process that publishes, and the other one; with memory they are the same."""
    if request.param == "memory":
        own = io_loop.run_sync(lambda: listen(MemoryBus()))
        return own, own
    url = request.getfixturevalue("redis_url")
    return io_loop.run_sync(lambda: listen(RedisBus(url))), io_loop.run_sync(lambda: listen(RedisBus(url)))


@pytest.mark.gen_test
async def test_published_messages_reach_the_listener_of_every_process_unchanged(two_buses):
    own, other = two_buses
    sent = [
        make_bus_message(),
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

    own.bus.publish([make_bus_message()])

    assert own.received == [make_bus_message()]


@pytest.mark.gen_test
async def test_message_that_the_listener_cannot_handle_holds_up_no_other(two_buses):
    own, other = two_buses

    with capture_logs() as logs:
        own.bus.publish([UNREADABLE, make_bus_message(1)])
        own.bus.publish([make_bus_message(2)])
        assert own.received == [make_bus_message(1), make_bus_message(2)]
        assert await other.receive(2) == own.received
        await other.bus.ping()

    assert [one["event"] for one in logs] == ["bus_message_failed"]
    assert "secret" not in repr({key: value for key, value in logs[0].items() if key != "exc_info"})


@pytest.mark.gen_test
async def test_no_message_is_received_twice(two_buses):
    own, other = two_buses
    own.bus.publish([make_bus_message(1)])
    other.bus.publish([make_bus_message(2)])
    await own.receive(2)
    await other.receive(2)

    # A copy of what was published before arrives before what is published now.
    own.bus.publish([make_bus_message(3)])
    other.bus.publish([make_bus_message(4)])
    everything = sorted(make_bus_message(number).payload for number in range(1, 5))

    for one in two_buses:
        assert sorted(message.payload for message in await one.receive(4)) == everything
        assert len(one.received) == 4


@pytest.mark.gen_test
async def test_order_of_one_process_is_kept(two_buses):
    own, other = two_buses
    sent = [make_bus_message(number) for number in range(1, 301)]

    for start in range(0, 300, 3):
        own.bus.publish(sent[start : start + 3])
        if start % 30 == 0:
            await asyncio.sleep(0)

    assert await own.receive(300) == sent
    assert await other.receive(300) == sent


@pytest.mark.gen_test
async def test_burst_of_five_thousand_messages_arrives_complete_and_in_order(two_buses):
    own, other = two_buses
    sent = [make_bus_message(number) for number in range(1, 5001)]

    for one in sent:
        own.bus.publish([one])

    assert own.received == sent
    assert await other.receive(5000) == sent


@pytest.mark.gen_test
async def test_stopped_bus_receives_nothing_and_may_still_publish(two_buses, listen, request):
    own, other = two_buses
    await own.bus.stop()

    own.bus.publish([make_bus_message(1)])
    if other is not own:
        last = await listen(RedisBus(request.getfixturevalue("redis_url")))
        other.bus.publish([make_bus_message(2)])
        await last.receive(1)  # Redis sends a message to the listener that came last at last

    assert own.received == []


@pytest.mark.gen_test
async def test_pending_messages_are_sent_before_the_stop(two_buses):
    own, other = two_buses
    for number in range(1, 501):
        own.bus.publish([make_bus_message(number)])

    await own.bus.stop()

    assert len(await other.receive(500)) == 500


@pytest.mark.gen_test
async def test_uninterrupted_bus_reports_no_gap(two_buses):
    own, other = two_buses

    own.bus.publish([make_bus_message()])
    await other.receive(1)
    await own.bus.ping()

    assert (own.gaps, other.gaps) == (0, 0)
