"""Sends the supervisors' board to those who watch it, computed once for all of them in this process."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import NamedTuple

from beneficiate.errors import Problem
from beneficiate.logs import log_failure
from beneficiate.protocol.board import BoardChanged, BoardUnavailable
from beneficiate.protocol.channels import BOARD_CHANNEL, board_watchers_channel
from beneficiate.protocol.envelope import Event
from beneficiate.realtime.bus import BusMessage
from beneficiate.realtime.connection import Connection
from beneficiate.realtime.encoding import encode_json
from beneficiate.realtime.hub import Hub
from beneficiate.realtime.scheduler import LoopScheduler, Scheduler

BOARD_INTERVAL_S = 1.0


class DrawnBoard(NamedTuple):
    """The board as of `at`, and when the clock alone changes it next."""

    html: str
    at: datetime
    changes_at: datetime


class BoardNotifier:
    """Sends boards at once when something changed, then at most once a second; without watchers it does nothing.

    A connection watches the board of one topic, or of all. Each board is drawn once for all who watch it, one after the
    other, so that boards never take more than one of the threads that read.
    """

    def __init__(
        self, hub: Hub, draw_board: Callable[[str], Awaitable[DrawnBoard]], scheduler: Scheduler | None = None
    ) -> None:
        self._hub = hub
        self._draw_board = draw_board
        self._scheduler = scheduler or LoopScheduler()
        self._turn = asyncio.Lock()
        self._boards: dict[str, _WatchedBoard] = {}
        self._watched: dict[Connection, _WatchedBoard] = {}

    def __call__(self, message: BusMessage) -> None:
        """Handle a change of what the board shows."""
        for board in list(self._boards.values()):
            board.refresh()

    def add_watcher(self, connection: Connection, topic: str) -> None:
        """Send the board of a topic to a connection from now on, and no other.

        The caller has checked that the connection is a supervisor's, and that the topic exists.
        """
        if connection.is_closed:
            return
        self.remove_watcher(connection)
        board = self._boards.get(topic)
        if board is None:
            board = self._boards[topic] = _WatchedBoard(topic, self._hub, self._draw, self._scheduler)
        self._watched[connection] = board
        self._hub.subscribe(connection, [board.channel, BOARD_CHANNEL])
        board.refresh()

    def remove_watcher(self, connection: Connection) -> None:
        """Forget a connection that was closed, or watches another board."""
        board = self._watched.pop(connection, None)
        if board is not None:
            for channel in (board.channel, BOARD_CHANNEL):
                self._hub.unsubscribe(connection, channel)

    async def _draw(self, topic: str) -> DrawnBoard:
        # Otherwise a change between the drawing and the subscription would stay unseen.
        await self._hub.wait_joined()
        async with self._turn:
            return await self._draw_board(topic)


class _WatchedBoard:
    """The board of one topic and when it is sent next."""

    def __init__(
        self, topic: str, hub: Hub, draw: Callable[[str], Awaitable[DrawnBoard]], scheduler: Scheduler
    ) -> None:
        self.channel = board_watchers_channel(topic)
        self._topic = topic
        self._hub = hub
        self._draw = draw
        self._scheduler = scheduler
        self._is_outdated = self._is_throttled = False
        self._task: asyncio.Task[None] | None = None
        self._clock_at: datetime | None = None

    def refresh(self) -> None:
        """Send the board, now or when a second has passed since it was last sent."""
        self._is_outdated = True
        if not self._is_throttled:
            self._send_if_outdated()

    def _send_if_outdated(self) -> None:
        self._is_throttled = self._is_outdated and self._hub.has_subscribers(self.channel)
        if not self._is_throttled:
            return
        self._scheduler.call_later(BOARD_INTERVAL_S, self._send_if_outdated)
        # Never two at a time: while the database takes longer than the interval, the next one waits.
        if self._task is None or self._task.done():
            self._is_outdated = False
            self._task = asyncio.get_running_loop().create_task(self._send())

    async def _send(self) -> None:
        try:
            board = await self._draw(self._topic)
        except Problem:
            # Tried again after the interval, as long as somebody watches.
            self._send_event(BoardUnavailable())
            self.refresh()
            return
        except Exception as problem:  # noqa: BLE001  logged: the next change is sent
            log_failure("board_not_drawn", problem)
            self._send_event(BoardUnavailable())
            return
        self._send_event(BoardChanged(at=board.at, topic=self._topic, html=board.html))
        self._schedule_clock(board)

    def _send_event(self, event: Event) -> None:
        self._hub.send_to_channel(self.channel, encode_json(event))

    def _schedule_clock(self, board: DrawnBoard) -> None:
        """Refresh when time alone changes the board, unless that is scheduled already."""
        if self._clock_at is not None and self._clock_at <= board.changes_at:
            return
        self._clock_at = board.changes_at
        delay_s = max(BOARD_INTERVAL_S, (board.changes_at - board.at).total_seconds())
        self._scheduler.call_later(delay_s, self._on_clock)

    def _on_clock(self) -> None:
        self._clock_at = None
        self.refresh()
