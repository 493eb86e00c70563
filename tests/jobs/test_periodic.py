"""A job runs by the monotonic clock, again after a failure, and never twice at once."""

import asyncio
import time

import pytest
from structlog.testing import capture_logs

from beneficiate.errors import Unavailable
from beneficiate.jobs.periodic import PeriodicJob


class Runs:
    """A job that the test lets go on, and that counts its runs."""

    def __init__(self, *problems):
        self.count = 0
        self.may_end = asyncio.Event()
        self.may_end.set()
        self._problems = list(problems)
        self._begun = asyncio.Condition()

    async def __call__(self):
        async with self._begun:
            self.count += 1
            self._begun.notify_all()
        await self.may_end.wait()
        if self._problems:
            raise self._problems.pop(0)

    async def reach(self, count):
        async with asyncio.timeout(10), self._begun:
            await self._begun.wait_for(lambda: self.count >= count)


@pytest.fixture
def start(io_loop):
    jobs = []

    def start_job(runs):
        jobs.append(PeriodicJob(runs, 0.001, "runs"))
        jobs[-1].start()
        return jobs[-1]

    yield start_job
    for job in jobs:
        job.stop()


@pytest.mark.gen_test
async def test_a_clock_that_is_set_back_stops_nothing(start, monkeypatch):
    runs = Runs()
    start(runs)
    await runs.reach(1)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() - 3600)
    await runs.reach(runs.count + 2)


@pytest.mark.gen_test
async def test_a_job_that_fails_is_logged_and_runs_again(start):
    runs = Runs(Unavailable(), ZeroDivisionError())
    with capture_logs() as logs:
        start(runs)
        await runs.reach(3)
    assert [(one["event"], one["job"], one.get("code"), one["log_level"]) for one in logs] == [
        ("job_failed", "runs", "unavailable", "warning"),
        ("job_failed", "runs", None, "error"),
    ]


@pytest.mark.gen_test
async def test_a_job_that_is_stopped_ends_its_run_and_begins_no_other(start):
    runs = Runs()
    runs.may_end.clear()
    job = start(runs)
    await runs.reach(1)
    job.stop()
    runs.may_end.set()
    await job._run
    await start_and_reach(start, 3)
    assert runs.count == 1


@pytest.mark.gen_test
async def test_a_run_that_goes_on_after_the_stop_can_be_cancelled(start):
    runs = Runs()
    runs.may_end.clear()
    job = start(runs)
    await runs.reach(1)
    job.stop()
    await job.cancel()
    assert (runs.count, job._run.cancelled()) == (1, True)


@pytest.mark.gen_test
async def test_a_run_that_takes_longer_than_the_interval_is_alone(start):
    runs = Runs()
    runs.may_end.clear()
    start(runs)
    await runs.reach(1)
    await start_and_reach(start, 3)
    assert runs.count == 1


async def start_and_reach(start, count):
    """Let another job of the same interval run so often."""
    other = Runs()
    start(other)
    await other.reach(count)
