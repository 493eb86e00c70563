"""A transport stream reads, writes and closes as Tornado's protocol expects of an IOStream."""

import asyncio
import socket

import pytest
from tornado.iostream import IOStream, StreamClosedError

from beneficiate.websockets.transport_stream import MAX_READ_AHEAD_BYTES, TransportStream
from tests.ws_client import wait_until


@pytest.fixture
def peer(io_loop):
    """The other end of the socket under a stream."""
    ours = socket.create_server(("127.0.0.1", 0))
    theirs = socket.create_connection(ours.getsockname())
    accepted, _ = ours.accept()
    ours.close()
    accepted.setblocking(False)
    theirs.settimeout(5)
    yield accepted, theirs
    theirs.close()


@pytest.mark.gen_test
async def test_peer_that_left_during_the_handshake_is_a_closed_stream(peer):
    accepted, _ = peer
    given = IOStream(accepted)
    given.close()
    assert TransportStream(given).closed()


async def make_stream(accepted):
    stream = TransportStream(IOStream(accepted))
    await wait_until(lambda: stream._transport is not None)
    return stream


@pytest.mark.gen_test
async def test_bytes_are_read_in_the_pieces_asked_for(peer):
    stream = await make_stream(peer[0])
    peer[1].sendall(b"abcdef")
    assert await stream.read_bytes(2) == b"ab"
    assert await stream.read_bytes(4) == b"cdef"
    stream.close()


@pytest.mark.gen_test
async def test_bytes_written_before_the_transport_is_there_are_sent(peer):
    stream = TransportStream(IOStream(peer[0]))
    stream.send(b"early")
    assert stream.pending_bytes() == 5
    await stream.write(b" late")
    assert await asyncio.to_thread(peer[1].recv, 100) == b"early late"
    stream.close()


@pytest.mark.gen_test
async def test_reading_is_paused_while_much_is_unread(peer):
    stream = await make_stream(peer[0])
    sent = asyncio.get_running_loop().run_in_executor(None, peer[1].sendall, b"x" * 4 * MAX_READ_AHEAD_BYTES)
    total = 0
    while total < 4 * MAX_READ_AHEAD_BYTES:
        total += len(await stream.read_bytes(1024))
        assert len(stream._buffer) < 3 * MAX_READ_AHEAD_BYTES
    await sent
    stream.close()


@pytest.mark.gen_test
async def test_reading_goes_on_for_more_than_was_left_when_it_was_paused(peer):
    stream = await make_stream(peer[0])
    sent = asyncio.get_running_loop().run_in_executor(None, peer[1].sendall, b"x" * 3 * MAX_READ_AHEAD_BYTES)
    await wait_until(lambda: stream._is_reading_paused)
    await stream.read_bytes(len(stream._buffer) - MAX_READ_AHEAD_BYTES * 3 // 4)
    assert stream._is_reading_paused
    async with asyncio.timeout(5):
        assert len(await stream.read_bytes(MAX_READ_AHEAD_BYTES)) == MAX_READ_AHEAD_BYTES
    peer[1].close()
    await asyncio.wait([sent])
    stream.close()


@pytest.mark.gen_test
async def test_end_of_the_connection_ends_reading_and_writing(peer):
    stream = await make_stream(peer[0])
    reading = asyncio.ensure_future(stream.read_bytes(1))
    await asyncio.sleep(0)
    peer[1].close()
    with pytest.raises(StreamClosedError):
        await reading
    assert stream.closed()
    with pytest.raises(StreamClosedError):
        stream.send(b"x")
