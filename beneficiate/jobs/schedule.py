"""Which clock ticks how often, in one table."""

from collections.abc import Awaitable, Callable

import structlog
from tornado.ioloop import PeriodicCallback

from beneficiate.context import AppContext
from beneficiate.errors import Problem
from beneficiate.jobs import (
    accounts,
    appointments,
    assignment,
    attachments,
    connections,
    payments,
    plans,
    presence,
    search_index,
)
from beneficiate.settings import Settings

log = structlog.get_logger(__name__)

Job = Callable[[AppContext], Awaitable[None]]


def job_schedule(settings: Settings) -> list[tuple[Job, float]]:
    """Each clock and the seconds between two of its ticks."""
    return [
        (connections.check_connections, connections.CONNECTION_CHECK_INTERVAL_S),
        (presence.send_heartbeat, settings.process_expiry_s / presence.HEARTBEATS_PER_EXPIRY),
        (presence.sweep_presence, presence.PRESENCE_SWEEP_INTERVAL_S),
        (assignment.process_unanswered_chats, assignment.UNANSWERED_CHATS_INTERVAL_S),
        (accounts.clean_up_sign_ins, accounts.SIGN_IN_CLEANUP_INTERVAL_S),
        (attachments.delete_orphaned_files, attachments.ORPHAN_SWEEP_INTERVAL_S),
        (search_index.index_new_messages, search_index.INDEXING_INTERVAL_S),
        (appointments.process_due_appointments, appointments.APPOINTMENTS_INTERVAL_S),
        (appointments.send_due_appointment_emails, appointments.APPOINTMENTS_INTERVAL_S),
        (plans.notify_plan_ends, plans.PLAN_NOTICES_INTERVAL_S),
        (plans.send_due_plan_emails, plans.PLAN_EMAILS_INTERVAL_S),
        (payments.retry_wompi_events, payments.EVENT_RETRY_INTERVAL_S),
        (payments.reconcile_payments, settings.reconcile_s),
    ]


def start_jobs(context: AppContext) -> list[PeriodicCallback]:
    """Start them all, a little apart, so that several processes do not tick together."""
    jobs = [
        PeriodicCallback(_job_runner(context, job), every_s * 1000, jitter=0.1)
        for job, every_s in job_schedule(context.settings)
    ]
    for job in jobs:
        job.start()
    return jobs


def _job_runner(context: AppContext, job: Job) -> Callable[[], Awaitable[None]]:
    async def tick() -> None:
        try:
            await job(context)
        except Problem as problem:
            log.warning("clock_missed", clock=job.__name__, code=problem.code)

    return tick
