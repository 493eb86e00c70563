"""The byte stream under a WebSocket: the part of IOStream that Tornado's protocol uses, over an asyncio transport.

Tornado's IOStream registers and unregisters the socket at every read and makes a future for every write; with it,
reading and writing were two thirds of the loop's time under load (docs/decisions/0003-transport-stream.md has the
numbers). After the handshake the socket moves here. Parsing and masking remain in Tornado.
"""

import asyncio
import socket
import types
from collections.abc import Callable, Generator
from typing import cast

from tornado.ioloop import IOLoop
from tornado.iostream import IOStream, StreamClosedError

MAX_READ_AHEAD_BYTES = 128 * 1024
"""Reading from the peer is paused over so many unprocessed bytes."""
WRITE_HIGH_WATER_BYTES = 64 * 1024


class TransportStream(asyncio.Protocol):
    """The part of IOStream that `WebSocketProtocol13` uses, and the number of bytes still to be written."""

    __slots__ = (
        "_buffer",
        "_drain_waiter",
        "_is_closed",
        "_is_reading_paused",
        "_on_change",
        "_transport",
        "_unsent",
        "io_loop",
    )

    def __init__(self, stream: IOStream) -> None:
        self.io_loop: IOLoop = stream.io_loop
        self._buffer = bytearray()
        self._on_change: Callable[[], None] | None = None
        self._drain_waiter: asyncio.Future[None] | None = None
        self._transport: asyncio.Transport | None = None
        self._unsent: list[bytes] = []
        self._is_closed = self._is_reading_paused = False
        self._take_over_socket(stream)

    def _take_over_socket(self, stream: IOStream) -> None:
        """Move the socket and the bytes read ahead out of a stream that has written everything."""
        if stream.writing() or stream.closed():
            stream.close()  # the peer does not read the response to its own handshake, or has gone
            self._is_closed = True
            return
        raw_socket = stream.socket
        self.io_loop.remove_handler(raw_socket)
        self._buffer += stream._read_buffer  # noqa: SLF001  bytes that came with the handshake
        stream.socket = None  # type: ignore[assignment]
        stream._closed = True  # noqa: SLF001
        raw_socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        task = asyncio.get_running_loop().create_task(self._attach_transport(raw_socket))
        task.add_done_callback(lambda task: task.exception())

    async def _attach_transport(self, raw_socket: socket.socket) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(lambda: self, raw_socket)
        except OSError as problem:
            self.connection_lost(problem)
            raise

    # ---- Called by the event loop ------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Use the transport from now on."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=WRITE_HIGH_WATER_BYTES, low=0)
        if self._is_closed:
            self._transport.abort()
            return
        unsent, self._unsent = self._unsent, []
        self._transport.writelines(unsent)

    def data_received(self, data: bytes) -> None:
        """Buffer the bytes and let the reader go on; stop reading when too many are left."""
        self._buffer += data
        if self._on_change is not None:
            self._on_change()
        if len(self._buffer) > MAX_READ_AHEAD_BYTES and not self._is_reading_paused and self._transport is not None:
            self._is_reading_paused = True
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        """Let the transport close itself."""
        return False

    def pause_writing(self) -> None:
        """Make writers wait: the transport's buffer is full."""
        self._drain_waiter = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        """Let the writers go on."""
        drained, self._drain_waiter = self._drain_waiter, None
        if drained is not None and not drained.done():
            drained.set_result(None)

    def connection_lost(self, problem: Exception | None) -> None:
        """Release everybody who waits for this connection."""
        self._is_closed = True
        self._transport = None
        self._unsent.clear()
        self.resume_writing()
        if self._on_change is not None:
            # Not at once: whoever closes a connection may be in the middle of a walk through all of them.
            asyncio.get_running_loop().call_soon(self._on_change)

    # ---- Called by Tornado's protocol --------------------------------------------------------------

    def listen(self, on_change: Callable[[], None] | None) -> None:
        """Call `on_change` from now on when bytes have come and when the connection has ended; None ends it."""
        self._on_change = on_change

    def has_bytes(self, count: int) -> bool:
        """Return whether `read_bytes` would return at once."""
        return len(self._buffer) >= count

    def skip(self, beginning: bytes, count: int) -> bool:
        """Drop the next `count` bytes if they are there and begin so; return whether they were."""
        is_it = len(self._buffer) >= count and self._buffer.startswith(beginning)
        if is_it:
            self._drop(count)
        return is_it

    @types.coroutine
    def read_bytes(self, count: int) -> Generator[None, None, bytes]:
        """Return the next `count` bytes. Raises StreamClosedError.

        No event loop resumes who waits for them: the listener sends it on.
        """
        while len(self._buffer) < count:
            if self._is_closed:
                raise StreamClosedError
            self._resume_reading()
            yield
        data = bytes(self._buffer[:count])
        self._drop(count)
        return data

    def _drop(self, count: int) -> None:
        del self._buffer[:count]
        if len(self._buffer) < MAX_READ_AHEAD_BYTES // 2:
            self._resume_reading()

    def _resume_reading(self) -> None:
        if self._is_reading_paused and self._transport is not None:
            self._is_reading_paused = False
            self._transport.resume_reading()

    def write(self, data: bytes) -> "asyncio.Future[None]":
        """Write; the future resolves when more may be written. Raises StreamClosedError."""
        self.send(data)
        if self._drain_waiter is not None:
            return self._drain_waiter
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    def closed(self) -> bool:
        """Return whether the connection is closed."""
        return self._is_closed

    def close(self, exc_info: object = None) -> None:
        """Cut the connection; unwritten bytes are lost."""
        if self._transport is not None:
            transport = self._transport
            self.connection_lost(None)
            # `close` would wait for a peer that does not read.
            transport.abort() if transport.get_write_buffer_size() else transport.close()
        self._is_closed = True

    def set_nodelay(self, value: bool) -> None:
        """Do nothing: `_take_over_socket` has set TCP_NODELAY."""

    # ---- Called through the connection's transport ------------------------------------------------

    def send(self, data: bytes) -> None:
        """Write without a future. Raises StreamClosedError."""
        if self._is_closed:
            raise StreamClosedError
        if self._transport is None:
            self._unsent.append(data)
        else:
            self._transport.write(data)

    def pending_bytes(self) -> int:
        """Return the number of bytes that are not written to the network yet."""
        if self._transport is None:
            return sum(map(len, self._unsent))
        return self._transport.get_write_buffer_size()

    async def drain(self) -> None:
        """When more than 64 KiB are pending, wait until all are written."""
        if self._drain_waiter is not None:
            await asyncio.shield(self._drain_waiter)
