"""An outbox with a limit: it overflows, it stays high, it goes high and recovers."""

import asyncio

import pytest

from beneficiate.protocol.close_codes import CLOSE_TOO_SLOW
from beneficiate.realtime.connection import EARLY_FLUSH_BYTES, Connection
from beneficiate.unit_of_work import Actor, MessageMark

LIMIT = 1000
FRAME = b"x" * 100


class FakeTransport:
    """A wire whose network takes only what it is told to take."""

    def __init__(self):
        self.written = []
        self.stuck = 0
        self.closed = None
        self.room = asyncio.Event()

    def send(self, data):
        self.written.append(data)
        self.stuck += len(data)

    def take(self, count):
        self.stuck = max(0, self.stuck - count)
        if not self.stuck:
            self.room.set()

    def pending_bytes(self):
        return self.stuck

    async def drain(self):
        if self.stuck:
            self.room.clear()
            await self.room.wait()

    def close(self, code, reason):
        self.closed = (code, reason)


@pytest.fixture
def transport():
    return FakeTransport()


@pytest.fixture
def flushes():
    return []


@pytest.fixture
def marked():
    return []


@pytest.fixture
def connection(transport, flushes, marked):
    return Connection(Actor(31, "member"), transport, ("user:31",), LIMIT, flushes.append, marked.append)


def mark(seq, chat_id=12, author="agent:7"):
    return MessageMark(chat_id, seq, 9000 + seq, author)


def test_frames_of_one_loop_iteration_leave_in_one_write_and_in_order(connection, transport, flushes):
    for frame in (b"a", b"b", b"c"):
        connection.send(frame)
    assert transport.written == []

    connection.flush()

    assert transport.written == [b"abc"]
    assert flushes == [connection]


def test_next_frame_after_a_flush_schedules_another_flush(connection, transport, flushes):
    connection.send(b"a")
    connection.flush()
    connection.send(b"b")
    connection.flush()

    assert transport.written == [b"a", b"b"]
    assert flushes == [connection, connection]


def test_a_flush_without_frames_writes_nothing(connection, transport):
    connection.flush()

    assert transport.written == []


def test_outbox_overflow_with_pending_bytes_closes_the_connection(connection, transport):
    connection.send(FRAME)
    connection.flush()
    for _ in range(10):
        connection.send(FRAME)
    connection.flush()

    assert transport.closed == (CLOSE_TOO_SLOW, "outbox full")
    assert transport.written == [FRAME]
    assert connection.is_closed


def test_outbox_may_exceed_its_limit_when_nothing_is_pending(connection, transport):
    for _ in range(11):
        connection.send(FRAME)
    connection.flush()

    assert transport.closed is None
    assert transport.written == [FRAME * 11]


def test_full_outbox_does_not_close_the_connection(connection, transport):
    for _ in range(10):
        connection.send(FRAME)
    connection.flush()

    assert transport.closed is None
    assert transport.stuck == LIMIT


def test_connection_is_closed_once_the_limit_is_exceeded_and_not_before(connection, transport):
    for turn in range(10):
        connection.send(FRAME)
        connection.flush()
        assert transport.closed is None, f"ended after {turn + 1} frames"

    connection.send(FRAME)
    connection.flush()

    assert transport.closed == (CLOSE_TOO_SLOW, "outbox full")
    assert len(transport.written) == 10


def test_outbox_that_was_drained_may_fill_again(connection, transport):
    for _ in range(3):
        for _ in range(9):
            connection.send(FRAME)
            connection.flush()
        transport.take(LIMIT)

    assert transport.closed is None
    assert b"".join(transport.written) == FRAME * 27


def test_large_outbox_is_flushed_before_the_loop_iteration_ends(transport, flushes, marked):
    connection = Connection(Actor(31, "member"), transport, ("user:31",), 1024 * 1024, flushes.append, marked.append)
    transport.pending_bytes = lambda: 0

    for _ in range(300):
        connection.send(b"x" * 10_000)
    connection.flush()

    assert transport.closed is None
    assert sum(map(len, transport.written)) == 3_000_000
    assert max(map(len, transport.written)) <= EARLY_FLUSH_BYTES + 10_000


def test_large_burst_closes_a_connection_that_does_not_read(transport, flushes, marked):
    connection = Connection(Actor(31, "member"), transport, ("user:31",), 1024 * 1024, flushes.append, marked.append)

    for _ in range(300):
        connection.send(b"x" * 10_000, mark(1))

    assert transport.closed == (CLOSE_TOO_SLOW, "outbox full")
    assert transport.stuck <= 1024 * 1024
    assert connection.take_written_marks() == []


def test_outbox_is_written_before_the_close_frame_and_nothing_after_it(connection, transport, flushes):
    connection.send(b"a")
    connection.close(1012, "restarting")
    connection.send(b"b")
    connection.flush()

    assert transport.written == [b"a"]
    assert transport.closed == (1012, "restarting")
    assert flushes == [connection]


def test_connection_is_closed_once_with_the_first_reason(connection, transport):
    connection.close(4403, "no longer admitted")
    connection.close(1012, "restarting")

    assert transport.closed == (4403, "no longer admitted")


def test_latest_message_of_each_chat_is_reported_once(connection, transport, marked):
    for one in (mark(1), mark(3), mark(2), mark(5, chat_id=13)):
        connection.send(FRAME, one)
    connection.flush()
    transport.take(LIMIT)

    assert marked == [connection]
    assert sorted(connection.take_written_marks()) == [mark(3), mark(5, chat_id=13)]
    assert connection.take_written_marks() == []


def test_message_is_not_reported_until_it_is_written(connection, transport):
    connection.send(FRAME, mark(1))
    assert connection.take_written_marks() is None, "it is still in the outbox"

    connection.flush()
    assert connection.take_written_marks() is None, "it is still in the buffer of the transport"

    transport.take(LIMIT)
    assert connection.take_written_marks() == [mark(1)]


def test_own_messages_are_not_reported_as_delivered(connection, transport, marked):
    connection.send(FRAME, mark(1, author="user:31"))
    connection.flush()
    transport.take(LIMIT)

    assert marked == []
    assert connection.take_written_marks() == []


def test_outbox_of_a_slow_client_is_dropped_and_not_reported(connection, transport):
    connection.send(FRAME, mark(1))
    connection.close(CLOSE_TOO_SLOW, "outbox full")

    assert transport.written == []
    assert connection.take_written_marks() == []


def test_bulk_sender_waits_for_the_network(io_loop, connection, transport):
    async def send_much():
        connection.send(FRAME)
        draining = asyncio.ensure_future(connection.drain())
        for _ in range(5):
            await asyncio.sleep(0)
        assert transport.written == [FRAME], "what waits is written first"
        assert not draining.done()
        transport.take(LIMIT)
        return await draining

    assert io_loop.run_sync(send_much) is True


def test_bulk_sender_is_told_that_the_connection_was_closed(io_loop, connection, transport):
    async def send_much():
        connection.send(FRAME)
        draining = asyncio.ensure_future(connection.drain())
        await asyncio.sleep(0)
        connection.close(1012, "restarting")
        transport.take(LIMIT)
        return await draining

    assert io_loop.run_sync(send_much) is False
