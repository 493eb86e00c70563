"""Who of the staff looks at which chat now, and that it has changed. Nothing of it is stored: it is said over the bus,
and fades by itself.

Every process hears of everybody's coming, going and typing and tells its own viewers. Who is not heard of for 30 s is
forgotten, so that a process that was killed leaves nobody there for ever; who has just started knows all within 15 s.
"""

import asyncio
from dataclasses import dataclass

import msgspec

from beneficiate.protocol import channels
from beneficiate.protocol.desk_tools import VIEWING_TTL_S, ChatChanged, ChatViewer, ViewersChanged
from beneficiate.realtime.bus import Bus, BusMessage
from beneficiate.realtime.connection import Connection
from beneficiate.realtime.hub import Hub
from beneficiate.realtime.publisher import encode_json

VIEWERS_INTERVAL_S = 1.0
CHANGE_INTERVAL_S = 0.3
"""A burst of lines is one `chat_changed`: whoever looks on fetches what is new."""
TYPING_TTL_S = 8.0
MAX_VIEWED_CHATS = 20
"""Chats that one session looks at; when it opens another, it leaves the one that it said longest ago."""


class ViewerUpdate(msgspec.Struct, frozen=True, array_like=True):
    """What processes tell each other: this connection looks at a chat, or does not any more; it types, or stopped."""

    chat_id: int
    connection_id: int
    viewer: ChatViewer
    is_viewing: bool
    is_typing: bool | None = None


@dataclass(slots=True)
class _ViewerEntry:
    """A connection that looks: until when, unless it is heard of again, and until when it types."""

    viewer: ChatViewer
    expires_at: float
    typing_until: float = 0.0


_decode_update = msgspec.json.Decoder(ViewerUpdate).decode


class ViewerTracker:
    """Tells those who look at a chat who they are: at once, then at most once a second."""

    def __init__(self, hub: Hub, bus: Bus, *, ttl_s: float = VIEWING_TTL_S, typing_ttl_s: float = TYPING_TTL_S) -> None:
        self._hub = hub
        self._bus = bus
        self._ttl_s = ttl_s
        self._typing_ttl_s = typing_ttl_s
        self._entries_by_chat: dict[int, dict[int, _ViewerEntry]] = {}
        self._last_sent: dict[int, list[ChatViewer]] = {}
        self._throttled_chats: set[int] = set()
        self._viewed_by_connection: dict[Connection, dict[int, ChatViewer]] = {}
        self._is_sweeping = False
        self._changed_while_throttled: dict[int, bool] = {}

    def add_viewer(self, connection: Connection, chat_id: int, viewer: ChatViewer) -> None:
        """A session looks at a chat, which it may: it hears what is said to the chat's viewers from now on."""
        if connection.is_closed:
            return
        viewed = self._viewed_by_connection.setdefault(connection, {})
        if viewed.pop(chat_id, None) is None:
            self._hub.subscribe(connection, [channels.chat_viewers_channel(chat_id)])
            self._hub.intercept(channels.watched_chat_channel(chat_id), lambda _: self._notify_changed(chat_id))
            # It has heard nothing yet, whatever the others have been told.
            self._last_sent.pop(chat_id, None)
        viewed[chat_id] = viewer
        if len(viewed) > MAX_VIEWED_CHATS:
            self.remove_viewer(connection, next(iter(viewed)))
        self._publish_update(ViewerUpdate(chat_id, connection.connection_id, viewer, is_viewing=True))

    def remove_viewer(self, connection: Connection, chat_id: int) -> None:
        """A session does not look at a chat any more."""
        viewer = self._viewed_by_connection.get(connection, {}).pop(chat_id, None)
        if viewer is not None:
            self._hub.unsubscribe(connection, channels.chat_viewers_channel(chat_id))
            if not self._hub.has_subscribers(channels.chat_viewers_channel(chat_id)):
                self._hub.stop_intercepting(channels.watched_chat_channel(chat_id))
            self._publish_update(ViewerUpdate(chat_id, connection.connection_id, viewer, is_viewing=False))

    def remove_connection(self, connection: Connection) -> None:
        """The session is gone."""
        for chat_id in list(self._viewed_by_connection.get(connection, ())):
            self.remove_viewer(connection, chat_id)
        self._viewed_by_connection.pop(connection, None)

    def set_typing(self, connection: Connection, chat_id: int, *, is_typing: bool) -> None:
        """A session began or stopped to type in a chat; it is told when it looks at it."""
        viewer = self._viewed_by_connection.get(connection, {}).get(chat_id)
        if viewer is not None and (is_typing or self._is_typing(chat_id, connection.connection_id)):
            self._publish_update(
                ViewerUpdate(chat_id, connection.connection_id, viewer, is_viewing=True, is_typing=is_typing)
            )

    def __call__(self, message: BusMessage) -> None:
        """What a process, this one too, says about a connection."""
        update, now = _decode_update(message.payload), self._now()
        entries = self._entries_by_chat.setdefault(update.chat_id, {})
        if update.is_viewing:
            entry = entries.setdefault(update.connection_id, _ViewerEntry(update.viewer, now))
            entry.expires_at = now + self._ttl_s
            if update.is_typing is not None:
                entry.typing_until = now + self._typing_ttl_s if update.is_typing else 0.0
        else:
            entries.pop(update.connection_id, None)
        self._schedule_notice(update.chat_id)
        if not self._is_sweeping:
            self._is_sweeping = True
            asyncio.get_running_loop().call_later(VIEWERS_INTERVAL_S, self._remove_expired)

    def _notify_changed(self, chat_id: int) -> None:
        """Something was said in a chat that is looked at here: at once, then at most once in `CHANGED_S`."""
        if chat_id in self._changed_while_throttled:
            self._changed_while_throttled[chat_id] = True
            return
        self._changed_while_throttled[chat_id] = False
        self._hub.send_to_channel(channels.chat_viewers_channel(chat_id), encode_json(ChatChanged(chat_id=chat_id)))
        asyncio.get_running_loop().call_later(CHANGE_INTERVAL_S, self._end_throttle, chat_id)

    def _end_throttle(self, chat_id: int) -> None:
        if self._changed_while_throttled.pop(chat_id):
            self._notify_changed(chat_id)

    def _publish_update(self, update: ViewerUpdate) -> None:
        self._bus.publish([BusMessage((channels.VIEWING_CHANNEL,), encode_json(update))])

    def _is_typing(self, chat_id: int, connection_id: int) -> bool:
        seen = self._entries_by_chat.get(chat_id, {}).get(connection_id)
        return seen is not None and seen.typing_until > self._now()

    def _remove_expired(self) -> None:
        """Every second while anybody looks: those who were not heard of for too long are forgotten."""
        now = self._now()
        for chat_id, entries in list(self._entries_by_chat.items()):
            for connection_id in [id_ for id_, entry in entries.items() if entry.expires_at <= now]:
                del entries[connection_id]
            self._schedule_notice(chat_id)
            if not entries:
                del self._entries_by_chat[chat_id]
                self._last_sent.pop(chat_id, None)
        self._is_sweeping = bool(self._entries_by_chat)
        if self._is_sweeping:
            asyncio.get_running_loop().call_later(VIEWERS_INTERVAL_S, self._remove_expired)

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
        asyncio.get_running_loop().call_later(VIEWERS_INTERVAL_S, self._send_viewers, chat_id)

    def _current_viewers(self, chat_id: int) -> list[ChatViewer]:
        """The people who look, each once whatever the number of their connections, first come first."""
        now, viewers_by_user = self._now(), dict[int, ChatViewer]()
        for seen in self._entries_by_chat.get(chat_id, {}).values():
            previous = viewers_by_user.get(seen.viewer.user_id)
            is_typing = seen.typing_until > now or (previous is not None and previous.is_typing)
            viewers_by_user[seen.viewer.user_id] = msgspec.structs.replace(seen.viewer, is_typing=is_typing)
        return list(viewers_by_user.values())

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
