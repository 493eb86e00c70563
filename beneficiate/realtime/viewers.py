"""Who of the staff looks at which chat now, and that it has changed. Nothing of it is stored: it is said over the bus,
and fades by itself.

Every process hears of everybody's coming, going and typing and tells its own viewers. Who is not heard of for 30 s is
forgotten, so that a process that was killed leaves nobody there for ever; who has just started knows all within 15 s.
"""

import asyncio
from dataclasses import dataclass

import msgspec

from beneficiate.protocol import topics
from beneficiate.protocol.tools import VIEWING_TTL_S, ChatChanged, Viewer, Viewers
from beneficiate.realtime.bus import Bus, Parcel
from beneficiate.realtime.hub import Hub
from beneficiate.realtime.publisher import encode
from beneficiate.realtime.session import Session

SAYING_S = 1.0
CHANGED_S = 0.3
"""A burst of lines is one `chat_changed`: whoever looks on fetches what is new."""
TYPING_TTL_S = 8.0
MOST_CHATS = 20
"""Chats that one session looks at; when it opens another, it leaves the one that it said longest ago."""


class Look(msgspec.Struct, frozen=True, array_like=True):
    """What processes tell each other: this connection looks at a chat, or does not any more; it types, or stopped."""

    chat_id: int
    connection_id: int
    viewer: Viewer
    is_here: bool
    is_typing: bool | None = None


@dataclass(slots=True)
class _Seen:
    """A connection that looks: until when, unless it is heard of again, and until when it types."""

    viewer: Viewer
    until: float
    types_until: float = 0.0


_decode = msgspec.json.Decoder(Look).decode


class ViewerNotices:
    """Tells those who look at a chat who they are: at once, then at most once a second."""

    def __init__(self, hub: Hub, bus: Bus, *, ttl_s: float = VIEWING_TTL_S, typing_ttl_s: float = TYPING_TTL_S) -> None:
        self._hub = hub
        self._bus = bus
        self._ttl_s = ttl_s
        self._typing_ttl_s = typing_ttl_s
        self._seen: dict[int, dict[int, _Seen]] = {}
        self._told: dict[int, list[Viewer]] = {}
        self._waiting: set[int] = set()
        self._own: dict[Session, dict[int, Viewer]] = {}
        self._is_sweeping = False
        self._resting: dict[int, bool] = {}

    def view(self, session: Session, chat_id: int, viewer: Viewer) -> None:
        """A session looks at a chat, which it may: it hears what is said to the chat's viewers from now on."""
        if session.is_over:
            return
        own = self._own.setdefault(session, {})
        if own.pop(chat_id, None) is None:
            self._hub.listen(session, [topics.viewers(chat_id)])
            self._hub.intercept(topics.watched(chat_id), lambda _: self._change(chat_id))
            # It has heard nothing yet, whatever the others have been told.
            self._told.pop(chat_id, None)
        own[chat_id] = viewer
        if len(own) > MOST_CHATS:
            self.leave(session, next(iter(own)))
        self._publish(Look(chat_id, session.connection_id, viewer, is_here=True))

    def leave(self, session: Session, chat_id: int) -> None:
        """A session does not look at a chat any more."""
        viewer = self._own.get(session, {}).pop(chat_id, None)
        if viewer is not None:
            self._hub.unlisten(session, topics.viewers(chat_id))
            if not self._hub.has_listeners(topics.viewers(chat_id)):
                self._hub.ignore(topics.watched(chat_id))
            self._publish(Look(chat_id, session.connection_id, viewer, is_here=False))

    def leave_all(self, session: Session) -> None:
        """The session is gone."""
        for chat_id in list(self._own.get(session, ())):
            self.leave(session, chat_id)
        self._own.pop(session, None)

    def type_(self, session: Session, chat_id: int, *, is_typing: bool) -> None:
        """A session began or stopped to type in a chat; it is told when it looks at it."""
        viewer = self._own.get(session, {}).get(chat_id)
        if viewer is not None and (is_typing or self._types(chat_id, session.connection_id)):
            self._publish(Look(chat_id, session.connection_id, viewer, is_here=True, is_typing=is_typing))

    def __call__(self, parcel: Parcel) -> None:
        """What a process, this one too, says about a connection."""
        look, now = _decode(parcel.text), self._now()
        here = self._seen.setdefault(look.chat_id, {})
        if look.is_here:
            seen = here.setdefault(look.connection_id, _Seen(look.viewer, now))
            seen.until = now + self._ttl_s
            if look.is_typing is not None:
                seen.types_until = now + self._typing_ttl_s if look.is_typing else 0.0
        else:
            here.pop(look.connection_id, None)
        self._say_soon(look.chat_id)
        if not self._is_sweeping:
            self._is_sweeping = True
            asyncio.get_running_loop().call_later(SAYING_S, self._sweep)

    def _change(self, chat_id: int) -> None:
        """Something was said in a chat that is looked at here: at once, then at most once in `CHANGED_S`."""
        if chat_id in self._resting:
            self._resting[chat_id] = True
            return
        self._resting[chat_id] = False
        self._hub.tell(topics.viewers(chat_id), encode(ChatChanged(chat_id=chat_id)))
        asyncio.get_running_loop().call_later(CHANGED_S, self._rest, chat_id)

    def _rest(self, chat_id: int) -> None:
        if self._resting.pop(chat_id):
            self._change(chat_id)

    def _publish(self, look: Look) -> None:
        self._bus.publish([Parcel((topics.VIEWING,), encode(look))])

    def _types(self, chat_id: int, connection_id: int) -> bool:
        seen = self._seen.get(chat_id, {}).get(connection_id)
        return seen is not None and seen.types_until > self._now()

    def _sweep(self) -> None:
        """Every second while anybody looks: those who were not heard of for too long are forgotten."""
        now = self._now()
        for chat_id, here in list(self._seen.items()):
            for connection_id in [one for one, seen in here.items() if seen.until <= now]:
                del here[connection_id]
            self._say_soon(chat_id)
            if not here:
                del self._seen[chat_id]
                self._told.pop(chat_id, None)
        self._is_sweeping = bool(self._seen)
        if self._is_sweeping:
            asyncio.get_running_loop().call_later(SAYING_S, self._sweep)

    def _say_soon(self, chat_id: int) -> None:
        if chat_id not in self._waiting:
            self._say(chat_id)

    def _say(self, chat_id: int) -> None:
        self._waiting.discard(chat_id)
        viewers, topic = self._viewers(chat_id), topics.viewers(chat_id)
        if viewers == self._told.get(chat_id) or not self._hub.has_listeners(topic):
            return
        self._told[chat_id] = viewers
        self._hub.tell(topic, encode(Viewers(chat_id=chat_id, viewers=viewers)))
        self._waiting.add(chat_id)
        asyncio.get_running_loop().call_later(SAYING_S, self._say, chat_id)

    def _viewers(self, chat_id: int) -> list[Viewer]:
        """The people who look, each once whatever the number of their connections, first come first."""
        now, found = self._now(), dict[int, Viewer]()
        for seen in self._seen.get(chat_id, {}).values():
            known = found.get(seen.viewer.user_id)
            is_typing = seen.types_until > now or (known is not None and known.is_typing)
            found[seen.viewer.user_id] = msgspec.structs.replace(seen.viewer, is_typing=is_typing)
        return list(found.values())

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
