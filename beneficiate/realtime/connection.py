"""One open socket as the house sees it: who it is, what it listens to, and an outbox with a limit."""

from collections.abc import Callable
from typing import Protocol

from beneficiate.unit_of_work import Actor, MessageMark

CLOSE_TOO_SLOW = 1013
EARLY_FLUSH_BYTES = 64 * 1024
"""So much does not wait for the turn to end: a burst of the longest lines is no proof that a reader is slow."""


class Transport(Protocol):
    """What is under a session."""

    def send(self, data: bytes) -> None:
        """Write frames, or drop them when the connection is closing."""

    def pending_bytes(self) -> int:
        """Bytes that the network has not taken yet."""

    async def drain(self) -> None:
        """Wait until the network has taken most of them."""

    def close(self, code: int, reason: str) -> None:
        """Say goodbye with a close code."""


class Connection:
    """An open socket. Frames wait in the outbox until the turn of the loop ends, then leave in one write.

    A slow reader is never waited for: when it has not taken what was written and more than `outbox_bytes` wait, the
    session ends with 1013, and its client comes back and asks for what it missed.
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
        "connection_id",
        "has_received",
        "last_delivery_serial",
        "missed_pings",
        "next_ping_at",
        "role_checked_at",
        "token_expires_at",
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
        self.next_ping_at = self.role_checked_at = self.token_expires_at = 0.0
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
        """Put a frame in the outbox. `mark`: the frame carries this line, whose author is told when it was written."""
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

    def flush(self) -> None:
        """Write what waits, in one piece."""
        if self._is_closed or not self._outbox:
            return
        waiting = self._transport.pending_bytes()
        if waiting and self._outbox_bytes + waiting > self._max_outbox_bytes:
            self.close(CLOSE_TOO_SLOW, "outbox full")
            return
        frames, self._outbox, self._outbox_bytes = self._outbox, [], 0
        self._transport.send(frames[0] if len(frames) == 1 else b"".join(frames))

    def take_written_marks(self) -> list[MessageMark] | None:
        """The latest line of each chat that the network has taken; None while it has not."""
        if self._is_closed or self._unreported_marks is None:
            return []
        if self._outbox or self._transport.pending_bytes():
            return None
        marks, self._unreported_marks = self._unreported_marks, None
        return list(marks.values())

    @property
    def is_backlogged(self) -> bool:
        """Whether so much waits in the outbox that whoever adds to it should wait for the network first."""
        return self._outbox_bytes > EARLY_FLUSH_BYTES // 2

    async def drain(self) -> bool:
        """Wait until the network has taken most of it, for whoever has much to send. False when the session is over."""
        self.flush()
        await self._transport.drain()
        return not self._is_closed

    def close(self, code: int, reason: str) -> None:
        """Close with a code, after what is in the outbox. A slow reader's is dropped: it asks when it comes back."""
        if code != CLOSE_TOO_SLOW:
            self.flush()
        if not self._is_closed:
            self.discard()
            self._transport.close(code, reason)

    def discard(self) -> None:
        """The socket is gone: nothing is kept for it any more."""
        self._is_closed = True
        self._outbox.clear()
        self._unreported_marks = None

    @property
    def is_closed(self) -> bool:
        return self._is_closed

    def _add_mark(self, mark: MessageMark) -> None:
        if self._unreported_marks is None:
            self._unreported_marks = {}
            self._on_delivery_pending(self)
        known = self._unreported_marks.get(mark.chat_id)
        if known is None or known.seq < mark.seq:
            self._unreported_marks[mark.chat_id] = mark
