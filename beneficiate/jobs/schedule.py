"""The schedule of the periodic jobs, in one table."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import NamedTuple

from beneficiate.context import AppContext
from beneficiate.jobs import audit, connections, deadlines, emails, payments, presence, reports, storage, telemetry
from beneficiate.jobs.periodic import PeriodicJob
from beneficiate.settings import Settings

HEARTBEATS_PER_EXPIRY = 3
"""Heartbeats within the expiry: two may be late before other processes regard this one as dead."""
MAX_HEARTBEAT_S = 5.0
"""The heartbeat also shows whether the process can write: see `AppContext.check_ready`."""


class Job(NamedTuple):
    """A function that runs every `interval_s` seconds."""

    function: Callable[[AppContext], Awaitable[None]]
    interval_s: float


def job_schedule(settings: Settings) -> list[Job]:
    """Return all jobs of a process."""
    return [
        Job(connections.check_connections, 1),
        Job(telemetry.measure_loop_lag, 1),
        Job(presence.send_heartbeat, min(MAX_HEARTBEAT_S, settings.process_expiry_s / HEARTBEATS_PER_EXPIRY)),
        Job(presence.sweep_presence, 1),
        Job(deadlines.process_unanswered_chats, 1),
        Job(deadlines.watch_deadlines, 1),
        Job(deadlines.process_due_appointments, 5),
        Job(deadlines.notify_plan_ends, 60),
        Job(deadlines.clean_up_sign_ins, 600),
        Job(deadlines.report_security_events, 60),
        Job(emails.send_due_appointment_emails, 5),
        Job(emails.send_due_plan_emails, 5),
        Job(emails.send_due_invitations, 5),
        Job(payments.retry_wompi_events, 5),
        Job(payments.reconcile_payments, settings.reconcile_s),
        Job(storage.index_new_messages, 2),
        Job(reports.fold_new_facts, 5),
        Job(reports.check_rollups, 3600),
        Job(audit.chain_older_entries, 60),
        Job(audit.verify_chain_parts, 600),
        # Six hours: a process that is replaced every day would never get to a daily job.
        Job(storage.delete_orphaned_files, 6 * 3600),
        Job(audit.log_anchor, 6 * 3600),
    ]


def start_jobs(context: AppContext) -> list[PeriodicJob]:
    """Start all jobs."""
    jobs = [
        PeriodicJob(partial(job.function, context), job.interval_s, job.function.__name__)
        for job in job_schedule(context.settings)
    ]
    for job in jobs:
        job.start()
    return jobs
