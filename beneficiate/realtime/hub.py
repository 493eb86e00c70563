"""Who listens to what in this process, and the delivery of parcels to them."""

import asyncio
import struct
from collections.abc import Callable, Iterable

from beneficiate.realtime.bus import Parcel
from beneficiate.realtime.session import Session

RESTARTING = 1012
ENDS_AFTER_S = 0.05
"""A connection that is one too many as it opens does not listen under its number yet: ten others came with it."""


class Hub:
    """Topics and the sessions that joined them. A parcel becomes one frame, whoever and however many hear it."""

    def __init__(self) -> None:
        self.sessions: set[Session] = set()
        self._topics: dict[str, set[Session]] = {}
        self._dirty: list[Session] = []
        self._serial = 0
        self._special: dict[str, Callable[[Parcel], None]] = {}

    def join(self, session: Session) -> None:
        """From now on the session hears its topics."""
        self.sessions.add(session)
        self.listen(session, session.topics)

    def listen(self, session: Session, topics: Iterable[str]) -> None:
        for topic in topics:
            self._topics.setdefault(topic, set()).add(session)

    def unlisten(self, session: Session, topic: str) -> None:
        """The session does not hear this topic any more."""
        listeners = self._topics.get(topic)
        if listeners is not None:
            listeners.discard(session)
            if not listeners:
                del self._topics[topic]

    def leave(self, session: Session) -> None:
        """Removes this session and no other, also when it joined twice or never."""
        self.sessions.discard(session)
        for topic in (*session.topics, f"connection:{session.connection_id}"):
            self.unlisten(session, topic)

    def intercept(self, topic: str, handler: Callable[[Parcel], None]) -> None:
        """Parcels to this topic go to `handler` instead, which decides when and how they are heard."""
        self._special[topic] = handler

    def ignore(self, topic: str) -> None:
        """Nothing is done with parcels to this topic any more."""
        del self._special[topic]

    def deliver(self, parcel: Parcel) -> None:
        """Give a parcel to everybody who listens to one of its topics, once each."""
        frame = b""
        self._serial += 1
        for topic in parcel.topics:
            if topic in self._special:
                self._special[topic](parcel)
                continue
            if parcel.close:
                asyncio.get_running_loop().call_later(ENDS_AFTER_S, self._end, topic, parcel)
                continue
            listeners = self._topics.get(topic)
            if not listeners:
                continue
            frame = frame or text_frame(parcel.text)
            for session in listeners:
                if session.last_serial != self._serial:
                    session.last_serial = self._serial
                    session.send(frame, parcel.line)

    def tell(self, topic: str, text: bytes, but_user: int = 0) -> None:
        """Say something of this process to a topic here, except to one person."""
        frame = text_frame(text)
        for session in self._topics.get(topic, ()):
            if session.actor.user_id != but_user:
                session.send(frame)

    def has_listeners(self, topic: str) -> bool:
        return topic in self._topics

    def flush_soon(self, session: Session) -> None:
        """Write this session's outbox when the turn of the loop ends, together with all others."""
        if not self._dirty:
            asyncio.get_running_loop().call_soon(self._flush)
        self._dirty.append(session)

    def end_all(self, code: int = RESTARTING, reason: str = "restarting") -> None:
        """Ask everybody to come back: the process stops, or parcels of other processes were missed."""
        for session in list(self.sessions):
            session.end(code, reason)

    async def hang_up(self, patience_s: float) -> None:
        """Say 1012 to everybody and wait until they have gone, but no longer than `patience_s`."""
        loop = asyncio.get_running_loop()
        until = loop.time() + patience_s
        while self.sessions and loop.time() < until:
            self.end_all()
            await asyncio.sleep(0.05)

    def _end(self, topic: str, parcel: Parcel) -> None:
        for session in list(self._topics.get(topic, ())):
            session.end(parcel.close, parcel.text.decode())

    def _flush(self) -> None:
        dirty, self._dirty = self._dirty, []
        for session in dirty:
            session.flush()


def text_frame(text: bytes) -> bytes:
    """A whole, unmasked text frame from a server (RFC 6455, section 5.2)."""
    size = len(text)
    if size < 126:
        return struct.pack("!BB", 0x81, size) + text
    if size < 65_536:
        return struct.pack("!BBH", 0x81, 126, size) + text
    return struct.pack("!BBQ", 0x81, 127, size) + text
