"""An outbox with a limit: it overflows, it stays high, it goes high and recovers."""

import asyncio

import pytest

from beneficiate.protocol.close_codes import CLOSE_TOO_SLOW
from beneficiate.realtime.connection import EARLY_FLUSH_BYTES, Connection
from beneficiate.unit_of_work import Actor, MessageMark

LIMIT = 1000
FRAME = b"x" * 100


class Pipe:
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
def pipe():
    return Pipe()


@pytest.fixture
def flushes():
    return []


@pytest.fixture
def marked():
    return []


@pytest.fixture
def session(pipe, flushes, marked):
    return Connection(Actor(31, "member"), pipe, ("user:31",), LIMIT, flushes.append, marked.append)


def mark(seq, chat_id=12, author="agent:7"):
    return MessageMark(chat_id, seq, 9000 + seq, author)


def test_frames_of_one_turn_leave_in_one_write_and_in_order(session, pipe, flushes):
    for frame in (b"a", b"b", b"c"):
        session.send(frame)
    assert pipe.written == []

    session.flush()

    assert pipe.written == [b"abc"]
    assert flushes == [session]


def test_the_next_turn_asks_for_a_flush_again(session, pipe, flushes):
    session.send(b"a")
    session.flush()
    session.send(b"b")
    session.flush()

    assert pipe.written == [b"a", b"b"]
    assert flushes == [session, session]


def test_a_flush_without_frames_writes_nothing(session, pipe):
    session.flush()

    assert pipe.written == []


def test_an_outbox_that_overflows_in_one_turn_while_the_network_still_has_some_ends_the_session(session, pipe):
    session.send(FRAME)
    session.flush()
    for _ in range(10):
        session.send(FRAME)
    session.flush()

    assert pipe.closed == (CLOSE_TOO_SLOW, "outbox full")
    assert pipe.written == [FRAME]
    assert session.is_closed


def test_one_turn_of_any_size_is_no_reason_to_end_while_the_network_has_taken_all_before(session, pipe):
    for _ in range(11):
        session.send(FRAME)
    session.flush()

    assert pipe.closed is None
    assert pipe.written == [FRAME * 11]


def test_an_outbox_that_is_just_full_is_no_reason_to_end(session, pipe):
    for _ in range(10):
        session.send(FRAME)
    session.flush()

    assert pipe.closed is None
    assert pipe.stuck == LIMIT


def test_an_outbox_that_stays_high_ends_the_session_when_the_limit_is_passed_and_not_before(session, pipe):
    for turn in range(10):
        session.send(FRAME)
        session.flush()
        assert pipe.closed is None, f"ended after {turn + 1} frames"

    session.send(FRAME)
    session.flush()

    assert pipe.closed == (CLOSE_TOO_SLOW, "outbox full")
    assert len(pipe.written) == 10


def test_an_outbox_that_goes_high_and_recovers_may_go_high_again(session, pipe):
    for _ in range(3):
        for _ in range(9):
            session.send(FRAME)
            session.flush()
        pipe.take(LIMIT)

    assert pipe.closed is None
    assert b"".join(pipe.written) == FRAME * 27


def test_much_in_one_turn_is_given_to_the_network_before_the_turn_ends(pipe, flushes, marked):
    session = Connection(Actor(31, "member"), pipe, ("user:31",), 1024 * 1024, flushes.append, marked.append)
    pipe.pending_bytes = lambda: 0

    for _ in range(300):
        session.send(b"x" * 10_000)
    session.flush()

    assert pipe.closed is None
    assert sum(map(len, pipe.written)) == 3_000_000
    assert max(map(len, pipe.written)) <= EARLY_FLUSH_BYTES + 10_000


def test_much_in_one_turn_ends_a_session_whose_network_takes_nothing(pipe, flushes, marked):
    session = Connection(Actor(31, "member"), pipe, ("user:31",), 1024 * 1024, flushes.append, marked.append)

    for _ in range(300):
        session.send(b"x" * 10_000, mark(1))

    assert pipe.closed == (CLOSE_TOO_SLOW, "outbox full")
    assert pipe.stuck <= 1024 * 1024
    assert session.take_written_marks() == []


def test_what_waits_is_written_before_a_goodbye_and_nothing_after_it(session, pipe, flushes):
    session.send(b"a")
    session.close(1012, "restarting")
    session.send(b"b")
    session.flush()

    assert pipe.written == [b"a"]
    assert pipe.closed == (1012, "restarting")
    assert flushes == [session]


def test_a_session_ends_once_with_the_first_reason(session, pipe):
    session.close(4403, "no longer admitted")
    session.close(1012, "restarting")

    assert pipe.closed == (4403, "no longer admitted")


def test_lines_of_others_are_marked_once_and_the_latest_of_each_chat_is_taken(session, pipe, marked):
    for one in (mark(1), mark(3), mark(2), mark(5, chat_id=13)):
        session.send(FRAME, one)
    session.flush()
    pipe.take(LIMIT)

    assert marked == [session]
    assert sorted(session.take_written_marks()) == [mark(3), mark(5, chat_id=13)]
    assert session.take_written_marks() == []


def test_nothing_is_delivered_while_the_network_has_not_taken_it(session, pipe):
    session.send(FRAME, mark(1))
    assert session.take_written_marks() is None, "it is still in the outbox"

    session.flush()
    assert session.take_written_marks() is None, "it is still in the buffer of the transport"

    pipe.take(LIMIT)
    assert session.take_written_marks() == [mark(1)]


def test_ones_own_lines_are_not_delivered_to_oneself(session, pipe, marked):
    session.send(FRAME, mark(1, author="user:31"))
    session.flush()
    pipe.take(LIMIT)

    assert marked == []
    assert session.take_written_marks() == []


def test_what_a_slow_reader_was_not_given_is_dropped_and_was_not_delivered(session, pipe):
    session.send(FRAME, mark(1))
    session.close(CLOSE_TOO_SLOW, "outbox full")

    assert pipe.written == []
    assert session.take_written_marks() == []


def test_whoever_has_much_to_send_waits_for_the_network(io_loop, session, pipe):
    async def send_much():
        session.send(FRAME)
        draining = asyncio.ensure_future(session.drain())
        await asyncio.sleep(0.01)
        assert pipe.written == [FRAME], "what waits is written first"
        assert not draining.done()
        pipe.take(LIMIT)
        return await draining

    assert io_loop.run_sync(send_much) is True


def test_whoever_has_much_to_send_learns_that_the_session_ended_meanwhile(io_loop, session, pipe):
    async def send_much():
        session.send(FRAME)
        draining = asyncio.ensure_future(session.drain())
        await asyncio.sleep(0)
        session.close(1012, "restarting")
        pipe.take(LIMIT)
        return await draining

    assert io_loop.run_sync(send_much) is False
