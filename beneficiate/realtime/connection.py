"""An open WebSocket connection: its user, its channels, and an outbox with a limit."""

import random
from collections.abc import Callable
from typing import Protocol

from beneficiate.logs import log_failure
from beneficiate.protocol.close_codes import CLOSE_RESTARTING, CLOSE_TOO_SLOW, restart_reason
from beneficiate.protocol.envelope import Event
from beneficiate.realtime.encoding import build_text_frame, encode_json
from beneficiate.tokens import TokenClaims
from beneficiate.unit_of_work import Actor, MessageMark

EARLY_FLUSH_BYTES = 64 * 1024
"""An outbox over this size is written at once: a burst of the longest messages does not prove that a client is slow."""


class Transport(Protocol):
    """The socket under a connection. A protocol, since `realtime` does not know the web server."""

    def send(self, data: bytes) -> None:
        """Write frames, or drop them when the socket is closing."""

    def pending_bytes(self) -> int:
        """Return the number of bytes that are not written to the network yet."""

    async def drain(self) -> None:
        """Wait until most of them are written."""

    def close(self, code: int, reason: str) -> None:
        """Send a close frame."""


class Connection:
    """An open WebSocket connection. Frames wait in the outbox until the loop iteration ends, then leave in one write.

    A slow client is never waited for: when it has not read what was written and more than `outbox_bytes` are pending,
    the connection is closed with 1013; its client reconnects and asks for what it missed.
    """

    __slots__ = (
        "_is_closed",
        "_max_outbox_bytes",
        "_on_delivery_pending",
        "_outbox",
        "_outbox_bytes",
        "_schedule_flush",
        "_transport",
        "_unreported_marks",
        "actor",
        "channels",
        "claims",
        "connection_id",
        "has_received",
        "last_delivery_serial",
        "missed_pings",
        "next_ping_at",
    )

    def __init__(
        self,
        actor: Actor,
        transport: Transport,
        channels: tuple[str, ...],
        outbox_bytes: int,
        schedule_flush: "Callable[[Connection], None]",
        on_delivery_pending: "Callable[[Connection], None]",
    ) -> None:
        self.actor = actor
        self.channels = channels
        self.connection_id = 0
        self.has_received = True
        self.missed_pings = 0
        self.claims = TokenClaims(actor.user_id, 0)
        self.next_ping_at = 0.0
        self.last_delivery_serial = 0
        self._transport = transport
        self._max_outbox_bytes = outbox_bytes
        self._schedule_flush = schedule_flush
        self._on_delivery_pending = on_delivery_pending
        self._outbox: list[bytes] = []
        self._outbox_bytes = 0
        self._unreported_marks: dict[int, MessageMark] | None = None
        self._is_closed = False

    def send(self, frame: bytes, mark: MessageMark | None = None) -> None:
        """Put a frame in the outbox. `mark` is the message in the frame, reported to its author once written."""
        if self._is_closed:
            return
        if not self._outbox:
            self._schedule_flush(self)
        self._outbox.append(frame)
        self._outbox_bytes += len(frame)
        if mark is not None and mark.author_channel not in self.channels:
            self._add_mark(mark)
        if self._outbox_bytes > EARLY_FLUSH_BYTES:
            self.flush()

    def send_event(self, event: Event, mark: MessageMark | None = None) -> None:
        """Send an event to this connection alone. `mark` as in `send`."""
        self.send(build_text_frame(encode_json(event)), mark)

    def flush(self) -> None:
        """Write the whole outbox at once. What cannot be written ends this connection: others must get theirs."""
        if self._is_closed or not self._outbox:
            return
        try:
            self._write_outbox()
        except Exception as problem:  # noqa: BLE001  logged
            log_failure("connection_failed", problem)
            self._end(CLOSE_RESTARTING, "failed")

    def _write_outbox(self) -> None:
        pending = self._transport.pending_bytes()
        if pending and self._outbox_bytes + pending > self._max_outbox_bytes:
            self.close(CLOSE_TOO_SLOW, "outbox full")
            return
        frames, self._outbox, self._outbox_bytes = self._outbox, [], 0
        self._transport.send(frames[0] if len(frames) == 1 else b"".join(frames))

    def take_written_marks(self) -> list[MessageMark] | None:
        """Return and clear the latest written message of each chat; None while some bytes are still pending."""
        if self._is_closed or self._unreported_marks is None:
            return []
        if self._outbox or self._transport.pending_bytes():
            return None
        marks, self._unreported_marks = self._unreported_marks, None
        return list(marks.values())

    @property
    def is_backlogged(self) -> bool:
        """Return whether the outbox is so full that a bulk sender should call `drain` before it adds more."""
        return self._outbox_bytes > EARLY_FLUSH_BYTES // 2

    async def drain(self) -> bool:
        """Flush and wait until most of it is written, for bulk senders. Return False when the connection is closed."""
        self.flush()
        await self._transport.drain()
        return not self._is_closed

    def close(self, code: int, reason: str) -> None:
        """Close with a code after flushing the outbox. The outbox of a slow client is dropped: it resumes later."""
        if code != CLOSE_TOO_SLOW:
            self.flush()
        if not self._is_closed:
            self._end(code, reason)

    def send_away(self, first_ms: float, last_ms: float) -> None:
        """Close with 1012: the client is told to come back after a random delay between these two."""
        delay_ms = round(random.uniform(first_ms, last_ms))  # noqa: S311  no secret
        self.close(CLOSE_RESTARTING, restart_reason(delay_ms))

    def _end(self, code: int, reason: str) -> None:
        self.discard()
        try:
            self._transport.close(code, reason)
        except Exception as problem:  # noqa: BLE001  logged: whoever closes several goes on with the next
            log_failure("connection_failed", problem)

    def discard(self) -> None:
        """Mark the connection as closed and drop its outbox."""
        self._is_closed = True
        self._outbox.clear()
        self._unreported_marks = None

    @property
    def is_closed(self) -> bool:
        """Return whether the connection was closed, by either side."""
        return self._is_closed

    def _add_mark(self, mark: MessageMark) -> None:
        if self._unreported_marks is None:
            self._unreported_marks = {}
            self._on_delivery_pending(self)
        known = self._unreported_marks.get(mark.chat_id)
        if known is None or known.seq < mark.seq:
            self._unreported_marks[mark.chat_id] = mark
