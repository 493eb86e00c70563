"""Every job is in the schedule, and a job that fails runs again."""

import inspect

import pytest
from structlog.testing import capture_logs

from beneficiate.errors import Unavailable
from beneficiate.jobs import connections, deadlines, emails, payments, presence, schedule, storage
from beneficiate.jobs.schedule import Job, job_schedule
from beneficiate.settings import Settings
from tests.factories import SECRET

SETTINGS = Settings(secret=SECRET, process_expiry_s=9, reconcile_s=33)
ONCE = {payments.check_wompi_credentials}
"""Runs at the start only."""


def public_coroutines(module):
    found = inspect.getmembers(module, inspect.iscoroutinefunction)
    return {one for name, one in found if one.__module__ == module.__name__ and not name.startswith("_")}


def test_every_job_of_the_folder_is_scheduled_once():
    modules = (connections, deadlines, emails, payments, presence, storage)
    scheduled = [job.function for job in job_schedule(SETTINGS)]
    assert set(scheduled) == set().union(*map(public_coroutines, modules)) - ONCE
    assert len(scheduled) == len(set(scheduled))


def test_intervals_follow_the_settings():
    intervals = {job.function: job.interval_s for job in job_schedule(SETTINGS)}
    assert intervals[presence.send_heartbeat] == 3
    assert intervals[payments.reconcile_payments] == 33
    assert min(intervals.values()) == 1


@pytest.mark.gen_test
async def test_a_problem_of_a_job_is_logged_and_not_raised():
    calls = []

    async def fail(context):
        calls.append(context)
        raise Unavailable

    with capture_logs() as entries:
        await schedule._job_runner("context", Job(fail, 1))()
    assert calls == ["context"]
    assert entries == [{"event": "job_failed", "job": "fail", "code": Unavailable.code, "log_level": "warning"}]
