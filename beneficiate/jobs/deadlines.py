"""Deadlines of appointments, chats and plans, and the clean-up of expired sign-ins. Each action claims its rows."""

from collections.abc import Callable

from beneficiate.actions import (
    appointments,
    assignment,
    data_request_deadlines,
    deadline_moves,
    deadlines,
    email_requests,
    plans,
    quotas,
    reminders,
    second_factors,
    sign_in_throttles,
    sign_ins,
    unanswered,
    waiting_list,
)
from beneficiate.context import AppContext
from beneficiate.deferred_problems import DeferredProblems
from beneficiate.unit_of_work import UnitOfWork


async def process_due_appointments(context: AppContext) -> None:
    """Expire appointments and offers, and emit the reminders that are due."""
    await _run_all(context, appointments.expire_appointments, waiting_list.expire_offers, reminders.emit_due_reminders)


async def process_unanswered_chats(context: AppContext) -> None:
    """Return to the queue the chats whose agent did not answer in time or is not there; assign the next ones."""
    await _run_all(
        context,
        unanswered.return_unanswered_chats,
        unanswered.return_chats_of_absent_agents,
        assignment.assign_next_chats,
    )


async def watch_deadlines(context: AppContext) -> None:
    """Move deadlines that are still to be moved; warn of those that come soon, and record those that have passed."""
    while not context.is_stopping and await context.store.run_in_background(deadline_moves.move_next_deadlines):
        pass
    await context.store.run(deadlines.notice_deadlines)


async def watch_data_requests(context: AppContext) -> None:
    """Warn of requests about personal data whose term ends soon, and record what has ended."""
    await context.store.run(data_request_deadlines.notice_due_requests)


async def notify_plan_ends(context: AppContext) -> None:
    """Notify members whose plan is about to end or has ended."""
    await context.store.run(plans.announce_plan_ends)


async def report_security_events(context: AppContext) -> None:
    """Write how many security events were left out of the log."""
    context.security_log.report_suppressed()


async def require_second_factors(context: AppContext) -> None:
    """End the sign-ins of the staff that have no second factor where one is required."""
    await context.store.run(second_factors.end_sign_ins_without_factor)


async def clean_up_sign_ins(context: AppContext) -> None:
    """Delete challenges that have expired, and throttles and counts of days ago."""
    await _run_all(
        context,
        sign_ins.delete_expired_challenges,
        sign_in_throttles.delete_expired_throttles,
        quotas.delete_old_quota_uses,
        email_requests.delete_old_email_requests,
    )


async def _run_all(context: AppContext, *actions: Callable[[UnitOfWork], object]) -> None:
    """Run actions one after another, those behind one that fails as well; then raise the first Problem."""
    problems = DeferredProblems()
    for action in actions:
        with problems.defer():
            await context.store.run(action)
    problems.raise_first()
