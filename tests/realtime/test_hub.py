"""Who hears what: topics, sessions and parcels, without a network."""

import asyncio

import pytest

from beneficiate.realtime.bus import BusMessage
from beneficiate.realtime.connection import Connection
from beneficiate.realtime.encoding import build_text_frame
from beneficiate.realtime.hub import Hub
from beneficiate.unit_of_work import Actor, MessageMark


class Pipe:
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
def hub():
    return Hub()


@pytest.fixture
def somebody(hub):
    """Make a session of a person that listens to some topics; `(session, pipe)`."""

    def join(user_id, *topics):
        pipe = Pipe()
        session = Connection(
            Actor(user_id, "member"),
            pipe,
            (f"user:{user_id}", *topics),
            10_000,
            hub.schedule_flush,
            lambda session: None,
        )
        hub.add_connection(session)
        return session, pipe

    return join


def say(io_loop, *calls):
    """Make calls within one turn of the loop, and let it end."""

    async def turn():
        for call in calls:
            call()
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    io_loop.run_sync(turn)


TEXT = b'{"event":"typing","chat_id":12,"user_id":31}'


def test_a_parcel_is_heard_by_every_session_of_its_topics_and_by_nobody_else(io_loop, hub, somebody):
    (_, phone), (_, laptop), (_, other) = somebody(31), somebody(31), somebody(32)

    say(io_loop, lambda: hub.deliver(BusMessage(("user:31",), TEXT)))

    assert phone.written == laptop.written == [build_text_frame(TEXT)]
    assert other.written == []


def test_whoever_listens_to_two_of_its_topics_hears_it_once(io_loop, hub, somebody):
    _, pipe = somebody(31, "agent:7", "agents")

    say(io_loop, lambda: hub.deliver(BusMessage(("user:31", "agents", "agent:7", "agents"), TEXT)))

    assert pipe.written == [build_text_frame(TEXT)]


def test_the_same_words_said_twice_are_heard_twice(io_loop, hub, somebody):
    _, pipe = somebody(31)

    say(
        io_loop,
        lambda: hub.deliver(BusMessage(("user:31",), TEXT)),
        lambda: hub.deliver(BusMessage(("user:31",), TEXT)),
    )

    assert pipe.written == [build_text_frame(TEXT) * 2]


def test_what_is_said_in_one_turn_leaves_in_one_write_for_each_session(io_loop, hub, somebody):
    (_, one), (_, other) = somebody(31), somebody(32)

    say(io_loop, *(lambda n=n: hub.deliver(BusMessage(("user:31", "user:32"), b"%d" % n)) for n in range(50)))

    whole = b"".join(build_text_frame(b"%d" % n) for n in range(50))
    assert one.written == other.written == [whole]


def test_leaving_removes_this_session_and_no_other(io_loop, hub, somebody):
    (phone, at_phone), (_, at_laptop) = somebody(31), somebody(31)

    hub.remove_connection(phone)
    hub.remove_connection(phone)
    say(io_loop, lambda: hub.deliver(BusMessage(("user:31",), TEXT)))

    assert at_phone.written == []
    assert at_laptop.written == [build_text_frame(TEXT)]


def test_nothing_is_kept_of_those_who_left(hub, somebody):
    session, _ = somebody(31, "agents")
    session.connection_id = 3
    hub.subscribe(session, ["connection:3"])

    hub.remove_connection(session)

    assert hub.connections == set()
    assert not any(map(hub.has_subscribers, ("user:31", "agents", "connection:3")))
    assert hub._connections_by_channel == {}


def test_a_session_that_ended_does_not_keep_its_neighbours_from_hearing(io_loop, hub, somebody):
    (one, at_one), (_, at_other) = somebody(31), somebody(31)

    say(io_loop, lambda: hub.deliver(BusMessage(("user:31",), TEXT)), lambda: one.close(1013, "outbox full"))

    assert at_one.written == []
    assert at_other.written == [build_text_frame(TEXT)]


def test_a_session_that_overflows_is_ended_and_its_neighbours_hear_everything(io_loop, hub, somebody):
    (slow, at_slow), (_, at_other) = somebody(31), somebody(31)
    at_slow.pending_bytes = lambda: 9_990

    say(io_loop, lambda: hub.deliver(BusMessage(("user:31",), TEXT)))

    assert at_slow.closed == (1013, "outbox full")
    assert slow.is_closed
    assert at_other.written == [build_text_frame(TEXT)]


def test_a_parcel_with_a_close_code_ends_the_sessions_of_its_topic_and_says_nothing(io_loop, hub, somebody):
    (session, pipe), (_, other) = somebody(31), somebody(31)
    hub.subscribe(session, ["connection:3"])

    say(io_loop, lambda: hub.deliver(BusMessage(("connection:3",), b"too many connections", None, 4409)))
    io_loop.run_sync(lambda: asyncio.sleep(0.1))

    assert pipe.closed == (4409, "too many connections")
    assert pipe.written == []
    assert other.closed is None


def test_a_session_that_is_to_end_before_it_listens_under_its_number_ends_as_well(io_loop, hub, somebody):
    session, pipe = somebody(31)

    say(io_loop, lambda: hub.deliver(BusMessage(("connection:3",), b"too many connections", None, 4409)))
    hub.subscribe(session, ["connection:3"])
    io_loop.run_sync(lambda: asyncio.sleep(0.1))

    assert pipe.closed == (4409, "too many connections")


def test_a_topic_that_is_intercepted_goes_to_its_handler_and_the_others_as_ever(io_loop, hub, somebody):
    _, on_duty = somebody(45, "presence")
    _, at_home = somebody(31)
    heard = []
    hub.intercept("presence", heard.append)
    parcel = BusMessage(("presence", "user:31"), TEXT)

    say(io_loop, lambda: hub.deliver(parcel))

    assert heard == [parcel]
    assert on_duty.written == []
    assert at_home.written == [build_text_frame(TEXT)]


def test_what_this_process_tells_a_topic_is_not_told_to_the_one_it_is_about(io_loop, hub, somebody):
    (_, herself), (_, colleague) = somebody(45, "presence"), somebody(46, "presence")

    say(io_loop, lambda: hub.send_to_channel("presence", TEXT, except_user_id=45))

    assert herself.written == []
    assert colleague.written == [build_text_frame(TEXT)]


def test_everybody_is_asked_to_come_back(hub, somebody):
    pipes = [somebody(number)[1] for number in (31, 32, 33)]

    hub.close_all()

    assert [pipe.closed for pipe in pipes] == [(1012, "restarting")] * 3


def test_whoever_does_not_hang_up_is_waited_for_only_so_long(io_loop, hub, somebody):
    somebody(31)

    async def hang_up():
        began = asyncio.get_running_loop().time()
        await hub.close_and_wait(0.2)
        return asyncio.get_running_loop().time() - began

    assert 0.15 < io_loop.run_sync(hang_up) < 1


def test_a_line_marks_the_sessions_of_its_readers_and_not_those_of_its_author(io_loop, hub):
    marked = []
    readers = [
        Connection(Actor(id_, "member"), Pipe(), (f"user:{id_}",), 10_000, hub.schedule_flush, marked.append)
        for id_ in (31, 32)
    ]
    for reader in readers:
        hub.add_connection(reader)

    say(io_loop, lambda: hub.deliver(BusMessage(("user:31", "user:32"), TEXT, MessageMark(12, 1, 9001, "user:31"))))

    assert marked == [readers[1]]


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 70_000])
def test_a_frame_says_its_length_as_the_standard_wants_it(size):
    frame = build_text_frame(b"a" * size)

    head, short = frame[0], frame[1]
    length, start = (
        (short, 2)
        if short < 126
        else (int.from_bytes(frame[2:4], "big"), 4)
        if short == 126
        else (int.from_bytes(frame[2:10], "big"), 10)
    )
    assert head == 0x81
    assert length == size
    assert len(frame) == start + size
    assert short < 126 if size < 126 else short == 126 if size < 65_536 else short == 127
