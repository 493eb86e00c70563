"""Events that are combined, since one by one they would be too many: presence, queue positions, delivery marks."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from beneficiate.actions.messages import MarkDelivered
from beneficiate.errors import Problem
from beneficiate.logs import log_failure
from beneficiate.protocol import channels
from beneficiate.protocol.events import PresenceChange, UserConnected, UserDisconnected, UserStatus
from beneficiate.realtime.bus import BusMessage
from beneficiate.realtime.connection import Connection
from beneficiate.realtime.encoding import encode_json
from beneficiate.realtime.hub import Hub
from beneficiate.realtime.scheduler import LoopScheduler, Scheduler
from beneficiate.unit_of_work import Actor
from beneficiate.views.queue import QueuePosition, serialize_queue_position

PRESENCE_INTERVAL_S = 1.0
QUEUE_INTERVAL_S = 1.0
DELIVERY_INTERVAL_S = 0.2


class PresenceNotifier:
    """Sends changes of presence to the staff: the first at once, then at most one frame a second."""

    def __init__(self, hub: Hub, scheduler: Scheduler | None = None) -> None:
        self._hub = hub
        self._scheduler = scheduler or LoopScheduler()
        self._pending: dict[int, PresenceChange] = {}
        self._is_throttled = False

    def __call__(self, message: BusMessage) -> None:
        """Handle a change of presence. Without subscribers it is dropped: a new connection gets the full state."""
        if not self._hub.has_subscribers(channels.PRESENCE_CHANNEL):
            self._pending.clear()
            return
        change = msgspec.json.decode(message.payload, type=PresenceChange)
        self._pending.pop(change.user_id, None)
        self._pending[change.user_id] = change
        if not self._is_throttled:
            self._send_changes()

    def _send_changes(self) -> None:
        self._is_throttled = bool(self._pending)
        if not self._pending:
            return
        # First the timer: were it left out by a failure, no change would be sent any more.
        self._scheduler.call_later(PRESENCE_INTERVAL_S, self._send_changes)
        changes, self._pending = list(self._pending.values()), {}
        last = changes[-1]
        if len(changes) == 1:
            event_type = UserConnected if last.status == "online" else UserDisconnected
            self._hub.send_to_channel(
                channels.PRESENCE_CHANNEL, encode_json(event_type(user_id=last.user_id)), except_user_id=last.user_id
            )
        else:
            self._hub.send_to_channel(
                channels.PRESENCE_CHANNEL,
                encode_json(UserStatus(user_id=last.user_id, status=last.status, users=changes)),
            )


class QueuePositionNotifier:
    """Sends queue positions to waiting members connected to this process: at once, then at most once a second."""

    def __init__(
        self,
        hub: Hub,
        load_positions: Callable[[], Awaitable[list[QueuePosition]]],
        scheduler: Scheduler | None = None,
    ) -> None:
        self._hub = hub
        self._scheduler = scheduler or LoopScheduler()
        self._load_positions = load_positions
        self._last_sent: dict[int, QueuePosition] = {}
        self._has_moved = self._is_throttled = False
        self._task: asyncio.Task[None] | None = None

    def __call__(self, message: BusMessage) -> None:
        """Handle a change of the queue."""
        self._has_moved = True
        if not self._is_throttled:
            self._refresh()

    def _refresh(self) -> None:
        # Without connections there is nobody to tell: a process that stops begins nothing that it would not end.
        self._is_throttled = self._has_moved = self._has_moved and bool(self._hub.connections)
        if self._has_moved:
            self._has_moved = False
            self._task = asyncio.get_running_loop().create_task(self._send_positions())
            self._scheduler.call_later(QUEUE_INTERVAL_S, self._refresh)

    async def _send_positions(self) -> None:
        try:
            positions = await self._load_positions()
        except Problem:
            # The next change, or the next connection, sends them.
            return
        previous, self._last_sent = self._last_sent, {position.user_id: position for position in positions}
        for position in positions:
            channel = channels.user_channel(position.user_id)
            if previous.get(position.user_id) != position and self._hub.has_subscribers(channel):
                self._hub.send_to_channel(channel, encode_json(serialize_queue_position(position)))


class DeliveryTracker:
    """Stores which messages were written to the network for whom.

    Checked every 0.2 s, since marks are cumulative: a mark for each message would double the writes.
    """

    def __init__(self, store_mark: Callable[[MarkDelivered, Actor], None], scheduler: Scheduler | None = None) -> None:
        self._scheduler = scheduler or LoopScheduler()
        self._store_mark = store_mark
        self._connections: list[Connection] = []

    def __call__(self, connection: Connection) -> None:
        """Watch a connection that has messages of others in its outbox."""
        if not self._connections:
            self._scheduler.call_later(DELIVERY_INTERVAL_S, self._store_written_marks)
        self._connections.append(connection)

    def _store_written_marks(self) -> None:
        connections, self._connections = self._connections, []
        for connection in connections:
            try:
                self._store_marks_of(connection)
            except Exception as problem:  # noqa: BLE001  logged: the marks of the others are stored
                log_failure("marks_not_stored", problem)

    def _store_marks_of(self, connection: Connection) -> None:
        marks = connection.take_written_marks()
        if marks is None:
            self(connection)
            return
        for mark in marks:
            self._store_mark(MarkDelivered(mark.chat_id, mark.seq, mark.message_id), connection.actor)
