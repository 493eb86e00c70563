"""What members are told about their plans because time passes, and the letters about plans."""

from beneficiate.actions import plans
from beneficiate.context import AppContext
from beneficiate.handlers.emails import compose_plan_email
from beneficiate.jobs.emails import send_due_emails

PLAN_NOTICES_INTERVAL_S, PLAN_EMAILS_INTERVAL_S = 60.0, 5.0


async def notify_plan_ends(context: AppContext) -> None:
    """Say of plans that they end."""
    await context.store.run(plans.announce_plan_ends)


async def send_due_plan_emails(context: AppContext) -> None:
    """Send the letters about plans that are due."""
    await send_due_emails(context, plans.claim_plan_emails, compose_plan_email, plans.mark_plan_emails_sent)
