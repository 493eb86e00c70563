"""Times that processes share come from the database, whatever the clock of the process says."""

from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from beneficiate.models.clock import MAX_SAMPLE_AGE_S, DatabaseClock


class Process:
    """The clocks of a process: its wall clock is wrong, its monotonic clock moves when the test says so."""

    def __init__(self, wrong_by):
        self.monotonic_s = 1000.0
        self._wrong_by = wrong_by

    def clock(self):
        return DatabaseClock(lambda: self.monotonic_s, lambda: datetime.now(UTC) + self._wrong_by)


def database_time(db):
    return db.execute_sql("SELECT clock_timestamp()").fetchone()[0]


@pytest.mark.parametrize("wrong_by", [timedelta(hours=1), timedelta(hours=-1)])
def test_a_wrong_clock_of_the_process_has_no_effect(db, backend, wrong_by):
    if backend == "sqlite":
        pytest.skip("processes on one file share the clock of their machine")
    with capture_logs() as logs:
        now = Process(wrong_by).clock().now()
    assert abs(now - database_time(db)) < timedelta(minutes=1)
    assert now.utcoffset() == timedelta(0)
    assert [(one["event"], round(one["ahead_s"], -2)) for one in logs] == [("clock_differs", wrong_by.total_seconds())]


def test_the_monotonic_clock_continues_between_samples(db, backend):
    if backend == "sqlite":
        pytest.skip("SQLite has no clock of its own")
    process = Process(timedelta())
    clock = process.clock()
    first = clock.now()
    process.monotonic_s += MAX_SAMPLE_AGE_S
    assert clock.now() - first == timedelta(seconds=MAX_SAMPLE_AGE_S)
    process.monotonic_s += 3600
    assert abs(clock.now() - database_time(db)) < timedelta(minutes=1)


def test_timestamp_continues_from_the_last_answer_and_asks_nobody(db, backend):
    process = Process(timedelta(hours=1))
    clock = process.clock()
    assert clock.timestamp() == pytest.approx(datetime.now(UTC).timestamp() + 3600, abs=60)
    now = clock.now()
    process.monotonic_s += 60
    db.close()
    later = 0 if backend == "sqlite" else 60
    assert clock.timestamp() - now.timestamp() == pytest.approx(later, abs=5)


def test_sqlite_uses_the_clock_of_the_machine(db, backend):
    if backend == "postgresql":
        pytest.skip("PostgreSQL has a clock of its own")
    fixed = datetime(2026, 8, 25, 15, 0, tzinfo=UTC)
    assert DatabaseClock(process_clock=lambda: fixed).now() == fixed
