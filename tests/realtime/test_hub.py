"""Who receives what: channels, connections and messages, without a network."""

import asyncio
from functools import partial

import pytest
from structlog.testing import capture_logs

from beneficiate.protocol.close_codes import CLOSE_RESTARTING
from beneficiate.realtime.bus import BusMessage
from beneficiate.realtime.connection import Connection
from beneficiate.realtime.encoding import build_text_frame
from beneficiate.realtime.hub import CLOSED_AT_ONCE
from beneficiate.unit_of_work import Actor, MessageMark
from tests.ws_client import wait_until


class FakeTransport:
    """A wire that writes down what it is given."""

    def __init__(self):
        self.written = []
        self.closed = None

    def send(self, data):
        self.written.append(data)

    def pending_bytes(self):
        return 0

    async def drain(self):
        return

    def close(self, code, reason):
        self.closed = (code, reason)


@pytest.fixture
def join(hub):
    """Make a connection of a person that listens to some channels; `(connection, pipe)`."""

    def connect(user_id, *channel_names):
        transport = FakeTransport()
        connection = Connection(
            Actor(user_id, "member"),
            transport,
            (f"user:{user_id}", *channel_names),
            10_000,
            hub.schedule_flush,
            lambda connection: None,
        )
        hub.add_connection(connection)
        return connection, transport

    return connect


def run_in_loop(io_loop, *calls):
    """Make calls within one turn of the loop, and let it end."""

    async def turn():
        for call in calls:
            call()
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    io_loop.run_sync(turn)


TEXT = b'{"event":"typing","chat_id":12,"user_id":31}'


def test_message_is_delivered_to_the_connections_of_its_channels_only(io_loop, hub, join):
    (_, phone), (_, laptop), (_, other) = join(31), join(31), join(32)

    run_in_loop(io_loop, lambda: hub.deliver(BusMessage(("user:31",), TEXT)))

    assert phone.written == laptop.written == [build_text_frame(TEXT)]
    assert other.written == []


def test_connection_on_two_channels_of_a_message_receives_it_once(io_loop, hub, join):
    _, transport = join(31, "agent:7", "agents")

    run_in_loop(io_loop, lambda: hub.deliver(BusMessage(("user:31", "agents", "agent:7", "agents"), TEXT)))

    assert transport.written == [build_text_frame(TEXT)]


def test_same_text_published_twice_is_delivered_twice(io_loop, hub, join):
    _, transport = join(31)

    run_in_loop(
        io_loop,
        lambda: hub.deliver(BusMessage(("user:31",), TEXT)),
        lambda: hub.deliver(BusMessage(("user:31",), TEXT)),
    )

    assert transport.written == [build_text_frame(TEXT) * 2]


def test_messages_of_one_loop_iteration_leave_in_one_write_per_connection(io_loop, hub, join):
    (_, one), (_, other) = join(31), join(32)

    run_in_loop(io_loop, *(lambda n=n: hub.deliver(BusMessage(("user:31", "user:32"), b"%d" % n)) for n in range(50)))

    whole = b"".join(build_text_frame(b"%d" % n) for n in range(50))
    assert one.written == other.written == [whole]


def test_removing_a_connection_removes_no_other(io_loop, hub, join):
    (phone, at_phone), (_, at_laptop) = join(31), join(31)

    hub.remove_connection(phone)
    hub.remove_connection(phone)
    run_in_loop(io_loop, lambda: hub.deliver(BusMessage(("user:31",), TEXT)))

    assert at_phone.written == []
    assert at_laptop.written == [build_text_frame(TEXT)]


def test_nothing_is_kept_of_removed_connections(hub, join):
    connection, _ = join(31, "agents")
    connection.connection_id = 3
    hub.subscribe(connection, ["connection:3"])

    hub.remove_connection(connection)

    assert not hub.connections
    assert not any(map(hub.has_subscribers, ("user:31", "agents", "connection:3")))
    assert hub._connections_by_channel == {}


def test_closed_connection_does_not_disturb_others(io_loop, hub, join):
    (one, at_one), (_, at_other) = join(31), join(31)

    run_in_loop(io_loop, lambda: hub.deliver(BusMessage(("user:31",), TEXT)), lambda: one.close(1013, "outbox full"))

    assert at_one.written == []
    assert at_other.written == [build_text_frame(TEXT)]


def test_connection_that_overflows_is_closed_and_others_receive_everything(io_loop, hub, join):
    (slow, at_slow), (_, at_other) = join(31), join(31)
    at_slow.pending_bytes = lambda: 9_990

    run_in_loop(io_loop, lambda: hub.deliver(BusMessage(("user:31",), TEXT)))

    assert at_slow.closed == (1013, "outbox full")
    assert slow.is_closed
    assert at_other.written == [build_text_frame(TEXT)]


def test_message_with_a_close_code_closes_the_connections_of_its_channel(io_loop, hub, join):
    (connection, transport), (_, other) = join(31), join(31)
    hub.subscribe(connection, ["connection:3"])

    run_in_loop(io_loop, lambda: hub.deliver(BusMessage(("connection:3",), b"too many connections", None, 4409)))
    io_loop.run_sync(lambda: wait_until(lambda: transport.closed))

    assert transport.closed == (4409, "too many connections")
    assert transport.written == []
    assert other.closed is None


def test_connection_is_closed_although_it_joins_its_own_channel_late(io_loop, hub, join):
    connection, transport = join(31)

    run_in_loop(io_loop, lambda: hub.deliver(BusMessage(("connection:3",), b"too many connections", None, 4409)))
    hub.subscribe(connection, ["connection:3"])
    io_loop.run_sync(lambda: wait_until(lambda: transport.closed))

    assert transport.closed == (4409, "too many connections")


def test_intercepted_channel_goes_to_its_handler_and_others_as_usual(io_loop, hub, join):
    _, supervisor_client = join(45, "presence")
    _, member_client = join(31)
    received = []
    hub.intercept("presence", received.append)
    bus_message = BusMessage(("presence", "user:31"), TEXT)

    run_in_loop(io_loop, lambda: hub.deliver(bus_message))

    assert received == [bus_message]
    assert supervisor_client.written == []
    assert member_client.written == [build_text_frame(TEXT)]


def test_a_handler_that_fails_keeps_no_other_channel_from_the_message(io_loop, hub, join):
    def fail(message):
        raise ValueError(message.payload)

    hub.intercept("watched:12", fail)
    _, transport = join(31)
    with capture_logs() as logs:
        run_in_loop(io_loop, lambda: hub.deliver(BusMessage(("watched:12", "user:31"), TEXT)))
    assert transport.written == [build_text_frame(TEXT)]
    assert [(one["event"], one["handler"]) for one in logs] == [("interceptor_failed", "function")]


def test_a_connection_that_cannot_be_written_to_is_closed_and_the_others_get_everything(io_loop, hub, join):
    def fail(*args):
        raise RuntimeError

    broken, transport = join(31)
    _, other = join(32)
    hub.subscribe(broken, ["user:32"])
    with capture_logs() as logs:
        transport.send = fail
        run_in_loop(io_loop, *(partial(hub.deliver, BusMessage((f"user:{id_}",), TEXT)) for id_ in (31, 32)))
    assert (transport.closed, other.written) == ((CLOSE_RESTARTING, "failed"), [build_text_frame(TEXT)])
    assert [one["event"] for one in logs] == ["connection_failed"]


def test_a_connection_that_cannot_be_closed_keeps_no_other_open(hub, join):
    def fail(*args):
        raise RuntimeError

    (_, broken), (_, other) = join(31), join(32)
    broken.close = fail
    hub.close_all()
    assert other.closed[0] == CLOSE_RESTARTING
    assert all(connection.is_closed for connection in hub.connections)


def test_send_to_channel_leaves_out_one_user(io_loop, hub, join):
    (_, herself), (_, colleague) = join(45, "presence"), join(46, "presence")

    run_in_loop(io_loop, lambda: hub.send_to_channel("presence", TEXT, except_user_id=45))

    assert herself.written == []
    assert colleague.written == [build_text_frame(TEXT)]


def test_connections_have_their_turns_one_after_the_other(hub, join):
    first, second, third = (join(number)[0] for number in (31, 32, 33))
    assert hub.take_turns(2) == [first, second]
    fourth, _ = join(34)
    assert hub.take_turns(2) == [third, first]
    hub.remove_connection(second)
    assert hub.take_turns(9) == [fourth, third, first]


def test_close_all_closes_every_connection_with_1012(hub, join):
    transports = [join(number)[1] for number in (31, 32, 33)]

    hub.close_all()

    assert [transport.closed[0] for transport in transports] == [1012] * 3


def test_each_client_is_told_its_own_delay_which_spreads_many_over_seconds(hub, join):
    transports = [join(number)[1] for number in range(1, 601)]

    hub.close_all()

    delays = [int(transport.closed[1].removeprefix("restarting ")) for transport in transports]
    # 200 a second; a client reads at most 9,999.
    assert 2_500 < max(delays) <= 3_000
    assert min(delays) < 500
    assert len(set(delays)) > 300


def test_connections_are_closed_some_at_a_time_after_a_gap(io_loop, hub, join, monkeypatch):
    monkeypatch.setattr("beneficiate.realtime.hub.CLOSE_INTERVAL_S", 0.001)
    transports = [join(user_id)[1] for user_id in range(2 * CLOSED_AT_ONCE + 1)]
    closed = []

    def count():
        closed.append(sum(transport.closed == (CLOSE_RESTARTING, "messages missed") for transport in transports))

    async def close():
        hub.close_after_gap()
        count()
        # Another gap at once begins no second row of closings beside the first.
        hub.close_after_gap()
        count()
        await wait_until(lambda: all(transport.closed for transport in transports))

    io_loop.run_sync(close)
    assert closed == [CLOSED_AT_ONCE, CLOSED_AT_ONCE]
    assert hub._to_close == []


def test_those_who_come_back_are_closed_again_only_after_another_gap(io_loop, hub, join, monkeypatch):
    monkeypatch.setattr("beneficiate.realtime.hub.CLOSE_INTERVAL_S", 0.001)
    for user_id in range(CLOSED_AT_ONCE + 1):
        join(user_id)

    async def close():
        hub.close_after_gap()
        _, back = join(99)
        await wait_until(lambda: not hub._to_close)
        return back

    assert io_loop.run_sync(close).closed is None


def test_close_and_wait_gives_up_after_its_timeout(io_loop, hub, join):
    join(31)

    async def hang_up():
        began = asyncio.get_running_loop().time()
        await hub.close_and_wait(0.2)
        return asyncio.get_running_loop().time() - began

    assert io_loop.run_sync(hang_up) > 0.15


def test_mark_is_tracked_for_receivers_and_not_for_the_author(io_loop, hub):
    marked = []
    readers = [
        Connection(Actor(id_, "member"), FakeTransport(), (f"user:{id_}",), 10_000, hub.schedule_flush, marked.append)
        for id_ in (31, 32)
    ]
    for reader in readers:
        hub.add_connection(reader)

    run_in_loop(
        io_loop, lambda: hub.deliver(BusMessage(("user:31", "user:32"), TEXT, MessageMark(12, 1, 9001, "user:31")))
    )

    assert marked == [readers[1]]
