"""The schedule of the periodic jobs, in one table."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import NamedTuple

from beneficiate.context import AppContext
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
from beneficiate.jobs.periodic import PeriodicJob
from beneficiate.settings import Settings

HEARTBEATS_PER_EXPIRY = 3
"""Heartbeats within the expiry: two may be late before other processes regard this one as dead."""
MAX_HEARTBEAT_S = 5.0
"""The heartbeat also shows whether the process can write: see `AppContext.check_ready`."""


class Job(NamedTuple):
    """A function that runs every `interval_s` seconds, for the first time after `first_s` or else after that long."""

    function: Callable[[AppContext], Awaitable[None]]
    interval_s: float
    first_s: float | None = None


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
        Job(deadlines.watch_data_requests, 60),
        Job(deadlines.clean_up_sign_ins, 600),
        Job(retention.delete_what_is_old, 3600),
        Job(retention.clear_old_chats, 3600),
        Job(deadlines.require_second_factors, 600, first_s=5),
        Job(deadlines.report_security_events, 60),
        Job(emails.send_due_appointment_emails, 5),
        Job(emails.send_due_plan_emails, 5),
        Job(emails.send_due_invitations, 5),
        Job(emails.send_due_notice_emails, 5),
        Job(notices.dispatch_notices, 5),
        Job(notices.send_due_pushes, 2),
        # Somebody waits for the link.
        Job(emails.send_due_account_emails, 2),
        Job(data_copies.write_requested_copies, 2),
        Job(data_copies.delete_expired_copies, 60),
        Job(member_imports.import_confirmed_members, 2),
        Job(member_imports.discard_unconfirmed_imports, 600),
        Job(erasures.carry_out_erasures, 60),
        Job(emails.send_due_certificates, 5),
        Job(erasures.tidy_erasures, 3600),
        Job(payments.retry_wompi_events, 5),
        Job(payments.reconcile_payments, settings.reconcile_s),
        Job(storage.index_new_messages, 2),
        Job(storage.watch_migrations, 600, first_s=60),
        Job(reports.fold_new_facts, 5),
        Job(reports.check_rollups, 3600),
        Job(reports.make_partitions, 6 * 3600, first_s=30),
        Job(audit.chain_older_entries, 60),
        Job(audit.verify_chain_parts, 600),
        # Six hours: a process that is replaced every day would never get to a daily job.
        Job(storage.delete_orphaned_files, 6 * 3600),
        # And soon after the start: a process that is replaced every five hours would never write an anchor.
        Job(audit.log_anchor, 6 * 3600, first_s=60),
    ]


def start_jobs(context: AppContext) -> list[PeriodicJob]:
    """Start all jobs."""
    jobs = [
        PeriodicJob(partial(job.function, context), job.interval_s, job.function.__name__, job.first_s)
        for job in job_schedule(context.settings)
    ]
    for job in jobs:
        job.start()
    return jobs
