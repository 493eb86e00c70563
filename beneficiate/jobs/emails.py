"""Sends the e-mails that are due."""

from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Generic, Protocol, TypeVar

from jinja2 import Environment

from beneficiate.actions import invitations, plans, reminders
from beneficiate.actions.emails import EMAIL_BATCH_SIZE, FailedEmail
from beneficiate.clients.mail import MailInDoubt, MailRefused
from beneficiate.context import AppContext
from beneficiate.errors import Unavailable
from beneficiate.handlers.emails import compose_appointment_email, compose_invitation, compose_plan_email
from beneficiate.logs import log_failure
from beneficiate.settings import Settings
from beneficiate.unit_of_work import UnitOfWork

MAX_BATCHES_PER_RUN = 5


class DueEmail(Protocol):
    """What every kind of claimed e-mail has: the id of its row."""

    @property
    def email_id(self) -> int:
        """Return the id of the row to mark once it was sent."""


D = TypeVar("D", bound=DueEmail)


@dataclass(frozen=True, slots=True)
class Outbox(Generic[D]):
    """The actions of one table of e-mails, and how its e-mails are composed."""

    claim: Callable[[UnitOfWork], list[D]]
    compose: Callable[[Environment, Settings, D], EmailMessage]
    mark_sent: Callable[[UnitOfWork, list[int]], None]
    record_failure: Callable[[UnitOfWork, FailedEmail], None]


APPOINTMENT_OUTBOX = Outbox(
    reminders.claim_appointment_emails,
    compose_appointment_email,
    reminders.mark_appointment_emails_sent,
    reminders.record_appointment_email_failure,
)
PLAN_OUTBOX = Outbox(
    plans.claim_plan_emails, compose_plan_email, plans.mark_plan_emails_sent, plans.record_plan_email_failure
)
INVITATION_OUTBOX = Outbox(
    invitations.claim_invitations,
    compose_invitation,
    invitations.mark_invitations_sent,
    invitations.record_invitation_failure,
)


async def send_due_appointment_emails(context: AppContext) -> None:
    """Send the e-mails about appointments that are due."""
    await _send_due_emails(context, APPOINTMENT_OUTBOX)


async def send_due_plan_emails(context: AppContext) -> None:
    """Send the e-mails about plans that are due."""
    await _send_due_emails(context, PLAN_OUTBOX)


async def send_due_invitations(context: AppContext) -> None:
    """Send the invitations of the staff that are due."""
    await _send_due_emails(context, INVITATION_OUTBOX)


async def _send_due_emails(context: AppContext, outbox: Outbox[D]) -> None:
    for _ in range(MAX_BATCHES_PER_RUN):
        batch = await context.store.run(outbox.claim)
        for pending in batch:
            await _send_email(context, outbox, pending)
        if len(batch) < EMAIL_BATCH_SIZE:
            return


async def _send_email(context: AppContext, outbox: Outbox[D], pending: D) -> None:
    """Send one e-mail. Whatever is wrong with it concerns no other: it is refused, or claimed again later."""
    try:
        message = outbox.compose(context.templates, context.settings, pending)
        await context.mail.send(message, message["To"].addresses[0].addr_spec)
    except Unavailable:
        return
    except (MailRefused, MailInDoubt) as problem:
        failed = FailedEmail(pending.email_id, is_refused=isinstance(problem, MailRefused))
        await context.store.run(outbox.record_failure, failed)
    except Exception as problem:  # noqa: BLE001  logged
        log_failure("email_not_composed", problem, {"id": pending.email_id}, kind=type(pending).__name__)
    else:
        await context.store.run(outbox.mark_sent, [pending.email_id])
