"""Every job is in the schedule, and a job that fails runs again."""

import inspect

from beneficiate.jobs import (
    audit,
    connections,
    data_copies,
    deadlines,
    emails,
    erasures,
    member_imports,
    notices,
    payments,
    presence,
    reports,
    retention,
    storage,
    telemetry,
)
from beneficiate.jobs.schedule import job_schedule
from beneficiate.settings import Settings
from tests.factories import SECRET

SETTINGS = Settings(secret=SECRET, process_expiry_s=9, reconcile_s=33)
ONCE = {payments.check_wompi_credentials}
"""Runs at the start only."""


def public_coroutines(module):
    found = inspect.getmembers(module, inspect.iscoroutinefunction)
    return {one for name, one in found if one.__module__ == module.__name__ and not name.startswith("_")}


def test_every_job_of_the_folder_is_scheduled_once():
    modules = (
        audit,
        connections,
        data_copies,
        deadlines,
        emails,
        erasures,
        member_imports,
        notices,
        payments,
        presence,
        reports,
        retention,
        storage,
        telemetry,
    )
    scheduled = [job.function for job in job_schedule(SETTINGS)]
    assert set(scheduled) == set().union(*map(public_coroutines, modules)) - ONCE
    assert len(scheduled) == len(set(scheduled))


def test_intervals_follow_the_settings():
    intervals = {job.function: job.interval_s for job in job_schedule(SETTINGS)}
    assert intervals[presence.send_heartbeat] == 3
    assert intervals[payments.reconcile_payments] == 33
    assert min(intervals.values()) == 1


def test_heartbeat_comes_every_five_seconds_at_least():
    jobs = job_schedule(Settings(secret=SECRET, process_expiry_s=90))
    assert [job.interval_s for job in jobs if job.function is presence.send_heartbeat] == [5]


def test_process_that_lives_for_an_hour_writes_an_anchor():
    (anchor,) = [job for job in job_schedule(SETTINGS) if job.function is audit.log_anchor]
    assert (anchor.first_s, anchor.interval_s) == (60, 6 * 3600)
