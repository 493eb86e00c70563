"""Sends the supervisors' board to those who watch it, computed once for all of them in this process."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import NamedTuple

from beneficiate.errors import Problem
from beneficiate.logs import log_failure
from beneficiate.protocol import channels
from beneficiate.protocol.board import BoardChanged, BoardUnavailable
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
    """Sends the board at once when something changed, then at most once a second; without watchers it does nothing."""

    def __init__(
        self, hub: Hub, draw_board: Callable[[], Awaitable[DrawnBoard]], scheduler: Scheduler | None = None
    ) -> None:
        self._hub = hub
        self._draw_board = draw_board
        self._scheduler = scheduler or LoopScheduler()
        self._is_outdated = self._is_throttled = False
        self._task: asyncio.Task[None] | None = None
        self._clock_at: datetime | None = None

    def __call__(self, message: BusMessage) -> None:
        """Handle a change of what the board shows."""
        self.refresh()

    def add_watcher(self, connection: Connection) -> None:
        """Send the board to a connection from now on; the caller has checked that it is a supervisor's."""
        if not connection.is_closed:
            self._hub.subscribe(connection, [channels.BOARD_WATCHERS_CHANNEL])
            self.refresh()

    def remove_watcher(self, connection: Connection) -> None:
        """Forget a connection that was closed."""
        self._hub.unsubscribe(connection, channels.BOARD_WATCHERS_CHANNEL)

    def refresh(self) -> None:
        """Send the board, now or when a second has passed since it was last sent."""
        self._is_outdated = True
        if not self._is_throttled:
            self._send_if_outdated()

    def _send_if_outdated(self) -> None:
        self._is_throttled = self._is_outdated and self._hub.has_subscribers(channels.BOARD_WATCHERS_CHANNEL)
        if not self._is_throttled:
            return
        self._scheduler.call_later(BOARD_INTERVAL_S, self._send_if_outdated)
        # Never two at a time: while the database takes longer than the interval, the next one waits.
        if self._task is None or self._task.done():
            self._is_outdated = False
            self._task = asyncio.get_running_loop().create_task(self._send())

    async def _send(self) -> None:
        try:
            board = await self._draw_board()
        except Problem:
            # Tried again after the interval, as long as somebody watches.
            self._send_event(BoardUnavailable())
            self.refresh()
            return
        except Exception as problem:  # noqa: BLE001  logged: the next change is sent
            log_failure("board_not_drawn", problem)
            self._send_event(BoardUnavailable())
            return
        self._send_event(BoardChanged(at=board.at, html=board.html))
        self._schedule_clock(board)

    def _send_event(self, event: Event) -> None:
        self._hub.send_to_channel(channels.BOARD_WATCHERS_CHANNEL, encode_json(event))

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
