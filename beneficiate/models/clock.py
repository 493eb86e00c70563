"""The database's clock, which all processes share: times that one process writes and another compares come from it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import structlog

from beneficiate.logs import LogThrottle
from beneficiate.models.base import database, is_postgresql

log = structlog.get_logger(__name__)

MAX_SAMPLE_AGE_S = 1.0
NOTABLE_DIFFERENCE = timedelta(seconds=2)
WARNING_INTERVAL_S = 60.0


class _Sample(NamedTuple):
    taken_at: float
    database_time: datetime


class DatabaseClock:
    """The time by the database's clock.

    PostgreSQL is asked at most once a second; in between, the monotonic clock of the process continues from its answer,
    so that a wrong clock of the process has no effect. SQLite has no clock of its own: all processes on one file are on
    one machine. Any thread may ask.
    """

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        process_clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._monotonic = monotonic
        self._process_clock = process_clock
        self._sample: _Sample | None = None
        self._throttle = LogThrottle(WARNING_INTERVAL_S)

    def now(self) -> datetime:
        """Return the current time in UTC. The thread must have an open connection; raises as a statement does."""
        if not is_postgresql():
            return self._process_clock()
        sample, asked_at = self._sample, self._monotonic()
        if sample is None or asked_at - sample.taken_at > MAX_SAMPLE_AGE_S:
            sample = self._sample = self._take_sample(asked_at)
        return sample.database_time + timedelta(seconds=self._monotonic() - sample.taken_at)

    def timestamp(self) -> float:
        """Return the time in seconds since the epoch without asking anybody: that of the last answer, continued."""
        if (sample := self._sample) is None:
            return self._process_clock().timestamp()
        return sample.database_time.timestamp() + self._monotonic() - sample.taken_at

    def _take_sample(self, asked_at: float) -> _Sample:
        (database_time,) = database.execute_sql("SELECT clock_timestamp()").fetchone()
        sample = _Sample((asked_at + self._monotonic()) / 2, database_time.astimezone(UTC))
        difference = self._process_clock() - sample.database_time
        if abs(difference) > NOTABLE_DIFFERENCE and self._throttle.admit("clock") is not None:
            log.warning("clock_differs", ahead_s=round(difference.total_seconds(), 1))
        return sample
