"""The supervisors' board over the WebSocket."""

from datetime import datetime
from typing import ClassVar

from beneficiate.protocol.envelope import Command, Event, JsonObject


class WatchBoard(Command, tag="watch_board", kw_only=True):
    """Send this connection the board, now and whenever it changes, at most once a second."""

    example: ClassVar = {"event": "watch_board", "id": "9"}


class BoardChanged(Event, tag="board", kw_only=True):
    """To supervisors who watch the board: the board as of `at`, drawn as the page `/supervisor` has it."""

    example: ClassVar = {"event": "board", "at": "2026-08-25T15:47:08Z", "html": '<div id="board">…</div>'}

    at: datetime
    html: str


class BoardUnavailable(Event, tag="board_unavailable", kw_only=True):
    """To supervisors who watch the board: it cannot be computed at the moment, and is sent as soon as it can."""

    example: ClassVar = {"event": "board_unavailable"}


class BoardOutdated(Event, tag="board_outdated", kw_only=True):
    """Never sent: something that the board shows has changed."""

    example: ClassVar[JsonObject] = {}
