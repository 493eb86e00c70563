"""The connections of this process, the channels that they joined, and the delivery of bus messages to them."""

import asyncio
from collections.abc import Callable, Iterable
from itertools import islice

from beneficiate.logs import log_failure
from beneficiate.protocol.channels import connection_channel
from beneficiate.protocol.close_codes import CLOSE_RESTARTING
from beneficiate.realtime.bus import Bus, BusMessage, MemoryBus
from beneficiate.realtime.connection import Connection
from beneficiate.realtime.encoding import build_text_frame

CLOSE_AGAIN_S = 0.05
"""A new connection over the limit of its user is not subscribed to its own channel yet when it is to be closed."""

RETURNS_PER_S = 200
"""A process opens about as many connections a second."""
SHORTEST_RETURN_S, LONGEST_RETURN_S = 1.0, 9.9
"""Half of the grace period of presence: nobody who comes back as told has been away."""
CLOSED_AT_ONCE = 20
CLOSE_INTERVAL_S = 0.1
"""After a gap 200 connections a second are closed, about as many as a process opens: nobody waits for the others."""


class Hub:
    """Channels and the connections that joined them. A bus message becomes one frame, shared by all its receivers.

    The bus joins a channel with its first connection and leaves it with its last one.
    """

    def __init__(self, bus: Bus | None = None) -> None:
        self._bus = bus or MemoryBus()
        self.connections: dict[Connection, None] = {}
        """In the order in which `take_turns` returns them."""
        self._connections_by_channel: dict[str, set[Connection]] = {}
        self._to_flush: list[Connection] = []
        self._to_close: list[Connection] = []
        self._delivery_serial = 0
        self._interceptors: dict[str, Callable[[BusMessage], None]] = {}

    def add_connection(self, connection: Connection) -> None:
        """Register a connection and subscribe it to its channels; other processes reach it after `wait_joined`."""
        self.connections[connection] = None
        self.subscribe(connection, connection.channels)

    def subscribe(self, connection: Connection, channels: Iterable[str]) -> None:
        """Deliver what is published to these channels to the connection from now on."""
        for channel in channels:
            subscribers = self._connections_by_channel.get(channel)
            if subscribers is None:
                subscribers = self._connections_by_channel[channel] = set()
                self._bus.join(channel)
            subscribers.add(connection)

    def unsubscribe(self, connection: Connection, channel: str) -> None:
        """Stop the delivery of a channel to the connection."""
        subscribers = self._connections_by_channel.get(channel)
        if subscribers is not None:
            subscribers.discard(connection)
            if not subscribers:
                del self._connections_by_channel[channel]
                self._bus.leave(channel)

    async def wait_joined(self) -> None:
        """Wait until what other processes publish to the channels that were subscribed to so far is received."""
        await self._bus.wait_joined()

    @property
    def is_joining(self) -> bool:
        """Return whether `wait_joined` would wait."""
        return self._bus.is_joining

    def remove_connection(self, connection: Connection) -> None:
        """Remove this connection and no other, also when it was added twice or never."""
        self.connections.pop(connection, None)
        for channel in (*connection.channels, connection_channel(connection.connection_id)):
            self.unsubscribe(connection, channel)

    def take_turns(self, count: int) -> list[Connection]:
        """Return so many connections at most, those first that were returned or added longest ago."""
        taken = list(islice(self.connections, count))
        for connection in taken:
            del self.connections[connection]
            self.connections[connection] = None
        return taken

    def intercept(self, channel: str, handler: Callable[[BusMessage], None]) -> None:
        """Pass messages of this channel to `handler` instead, which decides when and what to send."""
        self._interceptors[channel] = handler

    def stop_intercepting(self, channel: str) -> None:
        """Ignore messages of this channel from now on."""
        del self._interceptors[channel]

    def deliver(self, message: BusMessage) -> None:
        """Send a message to every connection that joined one of its channels, once each."""
        frame = b""
        self._delivery_serial += 1
        for channel in message.channels:
            if channel in self._interceptors:
                self._intercept(channel, message)
                continue
            if message.close_code:
                self._close_channel(channel, message)
                asyncio.get_running_loop().call_later(CLOSE_AGAIN_S, self._close_channel, channel, message)
                continue
            subscribers = self._connections_by_channel.get(channel)
            if not subscribers:
                continue
            frame = frame or build_text_frame(message.payload)
            for connection in subscribers:
                if connection.last_delivery_serial != self._delivery_serial:
                    connection.last_delivery_serial = self._delivery_serial
                    connection.send(frame, message.mark)

    def send_to_channel(self, channel: str, text: bytes, except_user_id: int = 0) -> None:
        """Send a JSON text to the connections of a channel in this process, except to those of one user."""
        frame = build_text_frame(text)
        for connection in self._connections_by_channel.get(channel, ()):
            if connection.actor.user_id != except_user_id:
                connection.send(frame)

    def has_subscribers(self, channel: str) -> bool:
        """Return whether a connection of this process joined the channel."""
        return channel in self._connections_by_channel

    def schedule_flush(self, connection: Connection) -> None:
        """Flush this connection's outbox at the end of the current loop iteration, together with all others."""
        if not self._to_flush:
            asyncio.get_running_loop().call_soon(self._flush)
        self._to_flush.append(connection)

    def close_all(self) -> None:
        """Make every client reconnect: the process stops. Each is told a delay of its own, which spreads them."""
        spread_ms = 1000 * min(max(SHORTEST_RETURN_S, len(self.connections) / RETURNS_PER_S), LONGEST_RETURN_S)
        for connection in list(self.connections):
            connection.send_away(1, spread_ms)

    def close_after_gap(self) -> None:
        """Make every client reconnect, some at a time: messages of other processes were missed."""
        is_closing = bool(self._to_close)
        self._to_close = list(self.connections)
        if not is_closing:
            self._close_some()

    async def close_and_wait(self, timeout_s: float) -> None:
        """Close all connections with 1012 and wait until they are gone, at most `timeout_s` seconds."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        while self.connections and loop.time() < deadline:
            self.close_all()
            await asyncio.sleep(0.05)

    def _intercept(self, channel: str, message: BusMessage) -> None:
        """Pass a message to the handler of its channel. If that fails, other channels of the message get it anyway."""
        handler = self._interceptors[channel]
        try:
            handler(message)
        except Exception as problem:  # noqa: BLE001  logged, without the content
            log_failure("interceptor_failed", problem, handler=type(handler).__name__)

    def _close_some(self) -> None:
        some, self._to_close = self._to_close[:CLOSED_AT_ONCE], self._to_close[CLOSED_AT_ONCE:]
        if self._to_close:
            asyncio.get_running_loop().call_later(CLOSE_INTERVAL_S, self._close_some)
        for connection in some:
            connection.close(CLOSE_RESTARTING, "messages missed")

    def _close_channel(self, channel: str, message: BusMessage) -> None:
        for connection in list(self._connections_by_channel.get(channel, ())):
            connection.close(message.close_code, message.payload.decode())

    def _flush(self) -> None:
        connections, self._to_flush = self._to_flush, []
        for connection in connections:
            connection.flush()
