"""Sends the e-mails that are due."""

from collections.abc import Callable
from email.message import EmailMessage
from typing import Protocol, TypeVar

from jinja2 import Environment

from beneficiate.actions import plans, reminders
from beneficiate.context import AppContext
from beneficiate.errors import Unavailable
from beneficiate.handlers.emails import compose_appointment_email, compose_plan_email
from beneficiate.settings import Settings
from beneficiate.unit_of_work import UnitOfWork


class DueEmail(Protocol):
    """What every kind of claimed e-mail has."""

    @property
    def email_id(self) -> int:
        """Return the id of the row to mark once it was sent."""


D = TypeVar("D", bound=DueEmail)


async def send_due_appointment_emails(context: AppContext) -> None:
    """Send the e-mails about appointments that are due."""
    await _send_due_emails(
        context, reminders.claim_appointment_emails, compose_appointment_email, reminders.mark_appointment_emails_sent
    )


async def send_due_plan_emails(context: AppContext) -> None:
    """Send the e-mails about plans that are due."""
    await _send_due_emails(context, plans.claim_plan_emails, compose_plan_email, plans.mark_plan_emails_sent)


async def _send_due_emails(
    context: AppContext,
    claim_emails: Callable[[UnitOfWork], list[D]],
    compose: Callable[[Environment, Settings, D], EmailMessage],
    mark_sent: Callable[[UnitOfWork, list[int]], None],
) -> None:
    """Send the claimed e-mails. One that the mail server refuses stays claimed for five minutes, then is retried."""
    for pending in await context.store.run(claim_emails):
        try:
            await context.mail.send(compose(context.templates, context.settings, pending))
        except Unavailable:
            continue
        await context.store.run(mark_sent, [pending.email_id])
