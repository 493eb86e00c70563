"""The HTTP server: how much of it one address, and everybody together, may hold, and for how long.

Websockets leave it after their handshake; they are limited by person and counted in the total.
"""

import contextlib
import errno
import resource
import socket
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Protocol, cast

import structlog
from tornado.http1connection import HTTP1ServerConnection
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.iostream import IOStream, UnsatisfiableReadError
from tornado.web import Application

from beneficiate.handlers.base import MAX_BODY_BYTES
from beneficiate.logs import LogThrottle
from beneficiate.settings import Settings

log = structlog.get_logger(__name__)

Address = tuple[Any, ...]
"""(host, port, …) of a TCP socket. Any, as the socket module declares it."""
MAX_HEADER_BYTES = 32 * 1024
READ_CHUNK_BYTES = 16 * 1024
"""How much is read at once. Tornado's 64 kB are allocated for every connection that sends, however little it sends."""
UNACKNOWLEDGED_MS = 60_000
"""After this long without a sign that a peer reads what it was sent, the kernel ends its connection."""
MAX_DISCARDS = 16
"""Chunks of what has arrived that are read and discarded before a connection is closed: 256 KB."""
RESERVED_DESCRIPTORS = 64
"""Descriptors kept for the database, Redis, files and log, when the process may have few."""
ACCEPT_PAUSE_S = 0.1
OUT_OF_RESOURCES = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


def warn_throttled(throttle: LogThrottle, event: str, **values: object) -> None:
    """Log a warning at most once per interval, with how often it happened since the last line."""
    left_out = throttle.admit(event)
    if left_out is not None:
        log.warning(event, count=left_out + 1, **values)


class ConnectionLimits:
    """Counts open HTTP connections, in all and by address."""

    def __init__(self, maximum: int, per_address: int) -> None:
        self.maximum = maximum
        self.per_address = per_address
        self._by_address: Counter[str] = Counter()

    @classmethod
    def from_settings(cls, settings: Settings) -> "ConnectionLimits":
        """Return the limits of the settings, lowered to what the process may open.

        Behind a proxy every connection has the address of the proxy, which has to count its own clients.
        """
        descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        available = settings.max_connections
        if descriptors != resource.RLIM_INFINITY:
            available = max(1, min(available, descriptors - RESERVED_DESCRIPTORS))
        per_address = available if settings.is_behind_proxy else min(settings.connections_per_address, available)
        return cls(available, per_address)

    def admit(self, address: str, open_websockets: int) -> bool:
        """Count one more connection of this address, and return True; return False when it would be too many."""
        if self._by_address.total() + open_websockets >= self.maximum:
            return False
        if self._by_address[address] >= self.per_address:
            return False
        self._by_address[address] += 1
        return True

    def release(self, address: str) -> None:
        """Count one connection of this address less."""
        self._by_address[address] -= 1
        if self._by_address[address] <= 0:
            del self._by_address[address]


class PausingListener(socket.socket):
    """A listening socket that is not asked again for a moment after the process ran out of descriptors.

    The connection that could not be accepted stays in the queue, so the event loop would try again at once, for ever.
    """

    _throttle = LogThrottle()

    def accept(self) -> tuple[socket.socket, Address]:
        """Accept a connection. Raises BlockingIOError also when there are no descriptors left."""
        try:
            return super().accept()
        except OSError as problem:
            if problem.errno not in OUT_OF_RESOURCES:
                raise
            warn_throttled(self._throttle, "accept_failed", errno=errno.errorcode[problem.errno])
            loop = IOLoop.current()
            loop.update_handler(self.fileno(), 0)
            loop.call_later(ACCEPT_PAUSE_S, self._resume)
            raise BlockingIOError from problem

    def _resume(self) -> None:
        if self.fileno() != -1:
            IOLoop.current().update_handler(self.fileno(), IOLoop.READ)


class EdgeStream(IOStream):
    """A connection whose end does not take the answer with it, and that answers a head that is too long.

    Tornado closes without a word then. RFC 9112, section 3, demands 414 for a target that is too long, and RFC 6585,
    section 5, has 431 for header fields. The kernel resets a connection that is closed with something unread, and the
    peer may lose the answer (RFC 9112, section 9.6): what has arrived is read first. What arrives later is still reset.
    """

    # Any: as Tornado declares it.
    def close(self, exc_info: Any = False) -> None:
        """Close the connection."""
        if not self.closed():
            with contextlib.suppress(OSError):
                if isinstance(exc_info, UnsatisfiableReadError) and self._read_regex is not None:
                    self.socket.send(self._head_refusal())
                self._discard_unread()
        super().close(exc_info)

    def _head_refusal(self) -> bytes:
        has_target = b"\n" in self._read_buffer
        status = b"431 Request Header Fields Too Large" if has_target else b"414 URI Too Long"
        return b"HTTP/1.1 " + status + b"\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

    def _discard_unread(self) -> None:
        for _ in range(MAX_DISCARDS):
            if not self.socket.recv(READ_CHUNK_BYTES):
                return


class _RequestContext(Protocol):
    """What Tornado keeps with a connection; its own type is private."""

    address: Address


class EdgeServer(HTTPServer):
    """An HTTP server with limits on time, size and number of connections."""

    # Tornado's servers are initialised by `initialize`; `__init__` has to take the same arguments.
    def initialize(  # type: ignore[override]
        self, application: Application, settings: Settings, count_websockets: Callable[[], int]
    ) -> None:
        super().initialize(
            application,
            idle_connection_timeout=settings.header_timeout_s,
            body_timeout=settings.body_timeout_s,
            chunk_size=READ_CHUNK_BYTES,
            max_header_size=MAX_HEADER_BYTES,
            max_body_size=MAX_BODY_BYTES,
            max_buffer_size=4 * MAX_BODY_BYTES,
        )
        self.limits = ConnectionLimits.from_settings(settings)
        self._count_websockets = count_websockets
        self._throttle = LogThrottle()

    def add_sockets(self, sockets: Iterable[socket.socket]) -> None:
        listeners = [PausingListener(fileno=one.detach()) for one in sockets]
        for listener in listeners:
            listener.setblocking(False)
        super().add_sockets(listeners)

    def handle_stream(self, stream: IOStream, address: Address) -> None:
        if not self.limits.admit(_host_of(address), self._count_websockets()):
            warn_throttled(self._throttle, "connection_refused")
            stream.close()
            return
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            stream.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS)
        # Nothing was read from Tornado's own stream yet.
        edge = EdgeStream(stream.socket, max_buffer_size=self.max_buffer_size, read_chunk_size=self.read_chunk_size)
        super().handle_stream(edge, address)

    def on_close(self, server_conn: object) -> None:
        super().on_close(server_conn)
        # The context has the peer's address as `handle_stream` was given it.
        address = cast(_RequestContext, cast(HTTP1ServerConnection, server_conn).context).address
        self.limits.release(_host_of(address))


def _host_of(address: Address) -> str:
    return str(address[0]) if address else ""
