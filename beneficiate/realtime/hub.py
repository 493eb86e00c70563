"""Who listens to what in this process, and the delivery of parcels to them."""

import asyncio
import struct
from collections.abc import Callable, Iterable

from beneficiate.realtime.bus import BusMessage
from beneficiate.realtime.connection import Connection

CLOSE_RESTARTING = 1012
CLOSE_DELAY_S = 0.05
"""A connection that is one too many as it opens does not listen under its number yet: ten others came with it."""


class Hub:
    """Topics and the sessions that joined them. A parcel becomes one frame, whoever and however many hear it."""

    def __init__(self) -> None:
        self.connections: set[Connection] = set()
        self._connections_by_channel: dict[str, set[Connection]] = {}
        self._to_flush: list[Connection] = []
        self._delivery_serial = 0
        self._interceptors: dict[str, Callable[[BusMessage], None]] = {}

    def add_connection(self, connection: Connection) -> None:
        """From now on the session hears its topics."""
        self.connections.add(connection)
        self.subscribe(connection, connection.channels)

    def subscribe(self, connection: Connection, channels: Iterable[str]) -> None:
        for channel in channels:
            self._connections_by_channel.setdefault(channel, set()).add(connection)

    def unsubscribe(self, connection: Connection, channel: str) -> None:
        """The session does not hear this topic any more."""
        listeners = self._connections_by_channel.get(channel)
        if listeners is not None:
            listeners.discard(connection)
            if not listeners:
                del self._connections_by_channel[channel]

    def remove_connection(self, connection: Connection) -> None:
        """Removes this session and no other, also when it joined twice or never."""
        self.connections.discard(connection)
        for channel in (*connection.channels, f"connection:{connection.connection_id}"):
            self.unsubscribe(connection, channel)

    def intercept(self, channel: str, handler: Callable[[BusMessage], None]) -> None:
        """Parcels to this topic go to `handler` instead, which decides when and how they are heard."""
        self._interceptors[channel] = handler

    def stop_intercepting(self, channel: str) -> None:
        """Nothing is done with parcels to this topic any more."""
        del self._interceptors[channel]

    def deliver(self, message: BusMessage) -> None:
        """Give a parcel to everybody who listens to one of its topics, once each."""
        frame = b""
        self._delivery_serial += 1
        for channel in message.channels:
            if channel in self._interceptors:
                self._interceptors[channel](message)
                continue
            if message.close_code:
                asyncio.get_running_loop().call_later(CLOSE_DELAY_S, self._close_channel, channel, message)
                continue
            listeners = self._connections_by_channel.get(channel)
            if not listeners:
                continue
            frame = frame or build_text_frame(message.payload)
            for connection in listeners:
                if connection.last_delivery_serial != self._delivery_serial:
                    connection.last_delivery_serial = self._delivery_serial
                    connection.send(frame, message.mark)

    def send_to_channel(self, channel: str, text: bytes, except_user_id: int = 0) -> None:
        """Say something of this process to a topic here, except to one person."""
        frame = build_text_frame(text)
        for connection in self._connections_by_channel.get(channel, ()):
            if connection.actor.user_id != except_user_id:
                connection.send(frame)

    def has_subscribers(self, channel: str) -> bool:
        return channel in self._connections_by_channel

    def schedule_flush(self, connection: Connection) -> None:
        """Write this session's outbox when the turn of the loop ends, together with all others."""
        if not self._to_flush:
            asyncio.get_running_loop().call_soon(self._flush)
        self._to_flush.append(connection)

    def close_all(self, code: int = CLOSE_RESTARTING, reason: str = "restarting") -> None:
        """Ask everybody to come back: the process stops, or parcels of other processes were missed."""
        for connection in list(self.connections):
            connection.close(code, reason)

    async def close_and_wait(self, timeout_s: float) -> None:
        """Say 1012 to everybody and wait until they have gone, but no longer than `patience_s`."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        while self.connections and loop.time() < deadline:
            self.close_all()
            await asyncio.sleep(0.05)

    def _close_channel(self, channel: str, message: BusMessage) -> None:
        for connection in list(self._connections_by_channel.get(channel, ())):
            connection.close(message.close_code, message.payload.decode())

    def _flush(self) -> None:
        connections, self._to_flush = self._to_flush, []
        for connection in connections:
            connection.flush()


def build_text_frame(text: bytes) -> bytes:
    """A whole, unmasked text frame from a server (RFC 6455, section 5.2)."""
    size = len(text)
    if size < 126:
        return struct.pack("!BB", 0x81, size) + text
    if size < 65_536:
        return struct.pack("!BBH", 0x81, 126, size) + text
    return struct.pack("!BBQ", 0x81, 127, size) + text
