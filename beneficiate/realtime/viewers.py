"""The staff viewing each chat, and notices that a viewed chat changed. Nothing is stored: updates go over the bus.

A process receives the viewing and typing updates of a chat while it has viewers of it, and notifies them; when it gets
the first one, it asks the others. An entry expires 30 s after its last update, so that a killed process leaves no
viewers behind; clients repeat `view_chat` every 15 s.
"""

from dataclasses import dataclass
from functools import partial

import msgspec

from beneficiate.protocol import channels
from beneficiate.protocol.desk_tools import VIEWING_TTL_S, ChatChanged, ChatViewer, ViewersChanged
from beneficiate.realtime.bus import Bus, BusMessage
from beneficiate.realtime.connection import Connection
from beneficiate.realtime.encoding import encode_json
from beneficiate.realtime.hub import Hub
from beneficiate.realtime.scheduler import LoopScheduler, Scheduler

VIEWERS_INTERVAL_S = 1.0
CHANGE_INTERVAL_S = 0.3
"""A burst of messages is one `chat_changed`: the viewers fetch what is new."""
TYPING_TTL_S = 8.0
MAX_VIEWED_CHATS = 20
"""Chats that one connection can view at a time; one more replaces the one that was updated longest ago."""


class ViewerUpdate(msgspec.Struct, frozen=True, array_like=True):
    """What processes send each other: whether a connection views a chat and its user is typing (None: no change).

    Without a viewer it asks who views the chat.
    """

    chat_id: int
    connection_id: int
    viewer: ChatViewer | None
    is_viewing: bool
    is_typing: bool | None = None


@dataclass(slots=True)
class _ViewerEntry:
    """A viewing connection: when it expires without another update, and until when its user is typing."""

    viewer: ChatViewer
    expires_at: float
    typing_until: float = 0.0


_decode_update = msgspec.json.Decoder(ViewerUpdate).decode


class ViewerTracker:
    """Sends the viewers of a chat to its viewers: at once, then at most once a second."""

    def __init__(self, hub: Hub, bus: Bus, scheduler: Scheduler | None = None) -> None:
        self._hub = hub
        self._bus = bus
        self._scheduler = scheduler or LoopScheduler()
        self.ttl_s: float = VIEWING_TTL_S
        self.typing_ttl_s = TYPING_TTL_S
        self._entries_by_chat: dict[int, dict[int, _ViewerEntry]] = {}
        self._last_sent: dict[int, list[ChatViewer]] = {}
        self._throttled_chats: set[int] = set()
        self._viewed_by_connection: dict[Connection, dict[int, ChatViewer]] = {}
        self._is_sweeping = False
        self._changed_while_throttled: dict[int, bool] = {}

    def add_viewer(self, connection: Connection, chat_id: int, viewer: ChatViewer) -> bool:
        """Add a connection to the viewers of a chat; the caller has checked that it may see the chat.

        Returns True when changes by other processes may have been missed since that check. The caller then waits until
        the hub has joined, calls `ask_for_viewers` and looks at the chat again.
        """
        if connection.is_closed:
            return False
        viewed = self._viewed_by_connection.setdefault(connection, {})
        is_new = viewed.pop(chat_id, None) is None
        if is_new:
            self._hub.subscribe(connection, _channels_of_viewer(chat_id))
            self._hub.intercept(channels.watched_chat_channel(chat_id), lambda _: self._notify_changed(chat_id))
            self._hub.intercept(channels.viewing_channel(chat_id), self)
            # It has received nothing yet, whatever was sent to the others.
            self._last_sent.pop(chat_id, None)
        viewed[chat_id] = viewer
        if len(viewed) > MAX_VIEWED_CHATS:
            self.remove_viewer(connection, next(iter(viewed)))
        self._publish_update(ViewerUpdate(chat_id, connection.connection_id, viewer, is_viewing=True))
        # Whoever comes right behind the first viewer of this process has missed as much.
        return is_new and self._hub.is_joining

    def ask_for_viewers(self, chat_id: int) -> None:
        """Let the other processes say who views a chat."""
        self._publish_update(ViewerUpdate(chat_id, 0, None, is_viewing=False))

    def remove_viewer(self, connection: Connection, chat_id: int) -> None:
        """Remove a connection from the viewers of a chat."""
        viewer = self._viewed_by_connection.get(connection, {}).pop(chat_id, None)
        if viewer is None:
            return
        for channel in _channels_of_viewer(chat_id):
            self._hub.unsubscribe(connection, channel)
        if not self._hub.has_subscribers(channels.chat_viewers_channel(chat_id)):
            self._hub.stop_intercepting(channels.watched_chat_channel(chat_id))
            self._hub.stop_intercepting(channels.viewing_channel(chat_id))
            # Nothing of the others arrives any more, so that nobody would see them leave.
            self._entries_by_chat.pop(chat_id, None)
            self._last_sent.pop(chat_id, None)
        self._publish_update(ViewerUpdate(chat_id, connection.connection_id, viewer, is_viewing=False))

    def remove_connection(self, connection: Connection) -> None:
        """Remove a closed connection from all chats."""
        for chat_id in list(self._viewed_by_connection.get(connection, ())):
            self.remove_viewer(connection, chat_id)
        self._viewed_by_connection.pop(connection, None)

    def set_typing(self, connection: Connection, chat_id: int, *, is_typing: bool) -> None:
        """Record that the user of a connection started or stopped typing; ignored unless it views the chat."""
        viewer = self._viewed_by_connection.get(connection, {}).get(chat_id)
        if viewer is not None and (is_typing or self._is_typing(chat_id, connection.connection_id)):
            self._publish_update(
                ViewerUpdate(chat_id, connection.connection_id, viewer, is_viewing=True, is_typing=is_typing)
            )

    def __call__(self, message: BusMessage) -> None:
        """Handle an update from any process, this one included."""
        update, now = _decode_update(message.payload), self._scheduler.time()
        if update.viewer is None:
            self._publish_own_viewers(update.chat_id)
            return
        entries = self._entries_by_chat.setdefault(update.chat_id, {})
        if update.is_viewing:
            entry = entries.setdefault(update.connection_id, _ViewerEntry(update.viewer, now))
            entry.expires_at = now + self.ttl_s
            if update.is_typing is not None:
                entry.typing_until = now + self.typing_ttl_s if update.is_typing else 0.0
        else:
            entries.pop(update.connection_id, None)
        if not self._is_sweeping:
            self._is_sweeping = True
            self._scheduler.call_later(VIEWERS_INTERVAL_S, self._remove_expired)
        self._schedule_notice(update.chat_id)

    def _notify_changed(self, chat_id: int) -> None:
        """Send `chat_changed` to the viewers in this process: at once, then at most once in 0.3 s."""
        if chat_id in self._changed_while_throttled:
            self._changed_while_throttled[chat_id] = True
            return
        self._changed_while_throttled[chat_id] = False
        # First the timer: were it left out by a failure, no change of this chat would be sent any more.
        self._scheduler.call_later(CHANGE_INTERVAL_S, partial(self._end_throttle, chat_id))
        self._hub.send_to_channel(channels.chat_viewers_channel(chat_id), encode_json(ChatChanged(chat_id=chat_id)))

    def _end_throttle(self, chat_id: int) -> None:
        if self._changed_while_throttled.pop(chat_id):
            self._notify_changed(chat_id)

    def _publish_update(self, update: ViewerUpdate) -> None:
        self._bus.publish([BusMessage((channels.viewing_channel(update.chat_id),), encode_json(update))])

    def _publish_own_viewers(self, chat_id: int) -> None:
        for connection, viewed in self._viewed_by_connection.items():
            if chat_id in viewed:
                is_typing = self._is_typing(chat_id, connection.connection_id) or None
                self._publish_update(
                    ViewerUpdate(chat_id, connection.connection_id, viewed[chat_id], True, is_typing=is_typing)
                )

    def _is_typing(self, chat_id: int, connection_id: int) -> bool:
        entry = self._entries_by_chat.get(chat_id, {}).get(connection_id)
        return entry is not None and entry.typing_until > self._scheduler.time()

    def _remove_expired(self) -> None:
        """Remove expired entries; runs every second while there are entries."""
        now = self._scheduler.time()
        for chat_id, entries in list(self._entries_by_chat.items()):
            for connection_id in [id_ for id_, entry in entries.items() if entry.expires_at <= now]:
                del entries[connection_id]
            self._schedule_notice(chat_id)
            if not entries:
                del self._entries_by_chat[chat_id]
                self._last_sent.pop(chat_id, None)
        self._is_sweeping = bool(self._entries_by_chat)
        if self._is_sweeping:
            self._scheduler.call_later(VIEWERS_INTERVAL_S, self._remove_expired)

    def _schedule_notice(self, chat_id: int) -> None:
        if chat_id not in self._throttled_chats:
            self._send_viewers(chat_id)

    def _send_viewers(self, chat_id: int) -> None:
        self._throttled_chats.discard(chat_id)
        viewers, channel = self._current_viewers(chat_id), channels.chat_viewers_channel(chat_id)
        if viewers == self._last_sent.get(chat_id) or not self._hub.has_subscribers(channel):
            return
        self._last_sent[chat_id] = viewers
        self._hub.send_to_channel(channel, encode_json(ViewersChanged(chat_id=chat_id, viewers=viewers)))
        self._throttled_chats.add(chat_id)
        self._scheduler.call_later(VIEWERS_INTERVAL_S, partial(self._send_viewers, chat_id))

    def _current_viewers(self, chat_id: int) -> list[ChatViewer]:
        """Return the viewers, each user once whatever the number of their connections.

        In the order in which they connected, which is the same for all processes.
        """
        now, viewers_by_user = self._scheduler.time(), dict[int, ChatViewer]()
        for _, entry in sorted(self._entries_by_chat.get(chat_id, {}).items()):
            previous = viewers_by_user.get(entry.viewer.user_id)
            is_typing = entry.typing_until > now or (previous is not None and previous.is_typing)
            viewers_by_user[entry.viewer.user_id] = msgspec.structs.replace(entry.viewer, is_typing=is_typing)
        return list(viewers_by_user.values())


def _channels_of_viewer(chat_id: int) -> tuple[str, ...]:
    """Return the channel that a viewer reads, and those that the process handles while it has one."""
    return tuple(
        channel(chat_id)
        for channel in (channels.chat_viewers_channel, channels.watched_chat_channel, channels.viewing_channel)
    )
