"""Deadlines of appointments, chats and plans, and the clean-up of expired sign-ins. Each action claims its rows."""

from beneficiate.actions import (
    appointments,
    assignment,
    plans,
    quotas,
    reminders,
    sign_in_throttles,
    sign_ins,
    unanswered,
    waiting_list,
)
from beneficiate.context import AppContext


async def process_due_appointments(context: AppContext) -> None:
    """Expire appointments and offers, and emit the reminders that are due."""
    await context.store.run(appointments.expire_appointments)
    await context.store.run(waiting_list.expire_offers)
    await context.store.run(reminders.emit_due_reminders)


async def process_unanswered_chats(context: AppContext) -> None:
    """Return to the queue the chats whose agent did not answer in time or is not there; assign the next ones."""
    await context.store.run(unanswered.return_unanswered_chats)
    await context.store.run(unanswered.return_chats_of_absent_agents)
    await context.store.run(assignment.assign_next_chats)


async def notify_plan_ends(context: AppContext) -> None:
    """Notify members whose plan is about to end or has ended."""
    await context.store.run(plans.announce_plan_ends)


async def report_security_events(context: AppContext) -> None:
    """Write how many security events were left out of the log."""
    context.security_log.report_suppressed()


async def clean_up_sign_ins(context: AppContext) -> None:
    """Delete expired sign-ins and throttles."""
    await context.store.run(sign_ins.delete_expired_sign_ins)
    await context.store.run(sign_in_throttles.delete_expired_throttles)
    await context.store.run(quotas.delete_old_quota_uses)
