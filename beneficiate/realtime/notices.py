"""Notices that would be too many one by one: presence for the staff, deliveries for the store."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from beneficiate.actions.lines import MarkDelivered
from beneficiate.errors import Problem
from beneficiate.protocol import topics
from beneficiate.protocol.events import PresenceChange, UserConnected, UserDisconnected, UserStatus
from beneficiate.queries.routing import Place, position_of
from beneficiate.realtime.bus import Parcel
from beneficiate.realtime.hub import Hub
from beneficiate.realtime.publisher import encode
from beneficiate.realtime.session import Session
from beneficiate.store import Actor

PRESENCE_S = 1.0
QUEUE_S = 1.0
DELIVERED_S = 0.2


class PresenceNotices:
    """Comings and goings as the staff hears of them: the first at once, then at most one frame a second."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._pending: dict[int, PresenceChange] = {}
        self._is_waiting = False

    def __call__(self, parcel: Parcel) -> None:
        """A change of presence. With nobody on duty it is dropped: whoever comes next gets the whole picture."""
        if not self._hub.has_listeners(topics.PRESENCE):
            self._pending.clear()
            return
        change = msgspec.json.decode(parcel.text, type=PresenceChange)
        self._pending.pop(change.user_id, None)
        self._pending[change.user_id] = change
        if not self._is_waiting:
            self._say()

    def _say(self) -> None:
        self._is_waiting = bool(self._pending)
        if not self._pending:
            return
        changes, self._pending = list(self._pending.values()), {}
        last = changes[-1]
        if len(changes) == 1:
            word = UserConnected if last.status == "online" else UserDisconnected
            self._hub.tell(topics.PRESENCE, encode(word(user_id=last.user_id)), but_user=last.user_id)
        else:
            self._hub.tell(topics.PRESENCE, encode(UserStatus(user_id=last.user_id, status=last.status, users=changes)))
        asyncio.get_running_loop().call_later(PRESENCE_S, self._say)


class QueueNotices:
    """Their places, for those who wait and are connected here: at once, then at most once a second."""

    def __init__(self, hub: Hub, read_places: Callable[[], Awaitable[list[Place]]]) -> None:
        self._hub = hub
        self._read_places = read_places
        self._told: dict[int, Place] = {}
        self._has_moved = self._is_waiting = False
        self._task: asyncio.Task[None] | None = None

    def __call__(self, parcel: Parcel) -> None:
        """The queue has moved."""
        self._has_moved = True
        if not self._is_waiting:
            self._look()

    def _look(self) -> None:
        self._is_waiting = self._has_moved
        if self._has_moved:
            self._has_moved = False
            self._task = asyncio.get_running_loop().create_task(self._say())
            asyncio.get_running_loop().call_later(QUEUE_S, self._look)

    async def _say(self) -> None:
        try:
            places = await self._read_places()
        except Problem:
            # The next move, or the next connection, tells it.
            return
        before, self._told = self._told, {place.user_id: place for place in places}
        for place in places:
            topic = topics.user(place.user_id)
            if before.get(place.user_id) != place and self._hub.has_listeners(topic):
                self._hub.tell(topic, encode(position_of(place)))


class Deliveries:
    """Which lines the network has taken for whom.

    Looked at every 0.2 s, since marks are cumulative: a mark for each line would double the writes.
    """

    def __init__(self, store_mark: Callable[[MarkDelivered, Actor], None]) -> None:
        self._store_mark = store_mark
        self._sessions: list[Session] = []

    def __call__(self, session: Session) -> None:
        """A session has lines of others to write."""
        if not self._sessions:
            asyncio.get_running_loop().call_later(DELIVERED_S, self._look)
        self._sessions.append(session)

    def _look(self) -> None:
        sessions, self._sessions = self._sessions, []
        for session in sessions:
            marks = session.take_written()
            if marks is None:
                self(session)
                continue
            for mark in marks:
                self._store_mark(MarkDelivered(mark.chat_id, mark.seq, mark.message_id), session.actor)
