"""The supervisors' board over the WebSocket."""

from datetime import datetime
from typing import Annotated, ClassVar

from msgspec import Meta

from beneficiate.protocol.envelope import Command, Event, JsonObject
from beneficiate.text_limits import MAX_TOPIC_CODE_CHARS


class WatchBoard(Command, tag="watch_board", kw_only=True):
    """Send this connection the board of a topic, now and whenever it changes, at most once a second.

    Without a topic, the board of all; with `-`, that of chats without one. It replaces what the connection watched.
    """

    example: ClassVar = {"event": "watch_board", "id": "9", "topic": "pagos"}

    topic: Annotated[str, Meta(max_length=MAX_TOPIC_CODE_CHARS)] = ""


class BoardChanged(Event, tag="board", kw_only=True):
    """To supervisors who watch the board: the board of a topic as of `at`, drawn as the page `/supervisor` has it."""

    example: ClassVar = {
        "event": "board",
        "at": "2026-08-25T15:47:08Z",
        "topic": "pagos",
        "html": '<div id="board">…</div>',
    }

    at: datetime
    topic: str
    html: str


class BoardUnavailable(Event, tag="board_unavailable", kw_only=True):
    """To supervisors who watch the board: it cannot be computed at the moment, and is sent as soon as it can."""

    example: ClassVar = {"event": "board_unavailable"}


class BoardOutdated(Event, tag="board_outdated", kw_only=True):
    """Never sent: something that the board shows has changed."""

    example: ClassVar[JsonObject] = {}
