"""One open socket as the house sees it: who it is, what it listens to, and an outbox with a limit."""

from collections.abc import Callable
from typing import Protocol

from beneficiate.store import Actor, LineMark

TOO_SLOW = 1013
EARLY_BYTES = 64 * 1024
"""So much does not wait for the turn to end: a burst of the longest lines is no proof that a reader is slow."""


class Wire(Protocol):
    """What is under a session."""

    def send(self, data: bytes) -> None:
        """Write frames, or drop them when the connection is closing."""

    def waiting(self) -> int:
        """Bytes that the network has not taken yet."""

    async def drain(self) -> None:
        """Wait until the network has taken most of them."""

    def close(self, code: int, reason: str) -> None:
        """Say goodbye with a close code."""


class Session:
    """An open socket. Frames wait in the outbox until the turn of the loop ends, then leave in one write.

    A slow reader is never waited for: when it has not taken what was written and more than `outbox_bytes` wait, the
    session ends with 1013, and its client comes back and asks for what it missed.
    """

    __slots__ = (
        "_flush_soon",
        "_is_over",
        "_limit",
        "_marks",
        "_on_marked",
        "_outbox",
        "_outbox_bytes",
        "_wire",
        "actor",
        "beat_at",
        "checked_at",
        "connection_id",
        "expires_at",
        "heard",
        "last_serial",
        "silent_beats",
        "topics",
    )

    def __init__(
        self,
        actor: Actor,
        wire: Wire,
        topics: tuple[str, ...],
        outbox_bytes: int,
        flush_soon: "Callable[[Session], None]",
        on_marked: "Callable[[Session], None]",
    ) -> None:
        self.actor = actor
        self.topics = topics
        self.connection_id = 0
        self.heard = True
        self.silent_beats = 0
        self.beat_at = self.checked_at = self.expires_at = 0.0
        self.last_serial = 0
        self._wire = wire
        self._limit = outbox_bytes
        self._flush_soon = flush_soon
        self._on_marked = on_marked
        self._outbox: list[bytes] = []
        self._outbox_bytes = 0
        self._marks: dict[int, LineMark] | None = None
        self._is_over = False

    def send(self, frame: bytes, mark: LineMark | None = None) -> None:
        """Put a frame in the outbox. `mark`: the frame carries this line, whose author is told when it was written."""
        if self._is_over:
            return
        if not self._outbox:
            self._flush_soon(self)
        self._outbox.append(frame)
        self._outbox_bytes += len(frame)
        if mark is not None and mark.author not in self.topics:
            self._mark(mark)
        if self._outbox_bytes > EARLY_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what waits, in one piece."""
        if self._is_over or not self._outbox:
            return
        waiting = self._wire.waiting()
        if waiting and self._outbox_bytes + waiting > self._limit:
            self.end(TOO_SLOW, "outbox full")
            return
        frames, self._outbox, self._outbox_bytes = self._outbox, [], 0
        self._wire.send(frames[0] if len(frames) == 1 else b"".join(frames))

    def take_written(self) -> list[LineMark] | None:
        """The latest line of each chat that the network has taken; None while it has not."""
        if self._is_over or self._marks is None:
            return []
        if self._outbox or self._wire.waiting():
            return None
        marks, self._marks = self._marks, None
        return list(marks.values())

    @property
    def is_laden(self) -> bool:
        """Whether so much waits in the outbox that whoever adds to it should wait for the network first."""
        return self._outbox_bytes > EARLY_BYTES // 2

    async def drain(self) -> bool:
        """Wait until the network has taken most of it, for whoever has much to send. False when the session is over."""
        self.flush()
        await self._wire.drain()
        return not self._is_over

    def end(self, code: int, reason: str) -> None:
        """Close with a code, after what is in the outbox. A slow reader's is dropped: it asks when it comes back."""
        if code != TOO_SLOW:
            self.flush()
        if not self._is_over:
            self.forget()
            self._wire.close(code, reason)

    def forget(self) -> None:
        """The socket is gone: nothing is kept for it any more."""
        self._is_over = True
        self._outbox.clear()
        self._marks = None

    @property
    def is_over(self) -> bool:
        return self._is_over

    def _mark(self, mark: LineMark) -> None:
        if self._marks is None:
            self._marks = {}
            self._on_marked(self)
        known = self._marks.get(mark.chat_id)
        if known is None or known.seq < mark.seq:
            self._marks[mark.chat_id] = mark
