"""Sends the e-mails that are due."""

from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Generic, Protocol, TypeVar

from jinja2 import Environment

from beneficiate.actions import account_emails, erasure_certificates, invitations, notice_emails, plans, reminders
from beneficiate.actions.emails import EMAIL_BATCH_SIZE, FailedEmail
from beneficiate.clients.mail import MailInDoubt, MailRefused
from beneficiate.context import AppContext
from beneficiate.domain.erasures import is_erased_email
from beneficiate.errors import Unavailable
from beneficiate.handlers.emails import (
    compose_account_email,
    compose_appointment_email,
    compose_certificate,
    compose_invitation,
    compose_notice_email,
    compose_plan_email,
)
from beneficiate.logs import log_failure
from beneficiate.services.erasures import forget_old_pages
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
ACCOUNT_OUTBOX = Outbox(
    account_emails.claim_account_emails,
    compose_account_email,
    account_emails.mark_account_emails_sent,
    account_emails.record_account_email_failure,
)
NOTICE_OUTBOX = Outbox(
    notice_emails.claim_notice_emails,
    compose_notice_email,
    notice_emails.mark_notice_emails_sent,
    notice_emails.record_notice_email_failure,
)

CERTIFICATE_OUTBOX = Outbox(
    erasure_certificates.claim_certificates,
    compose_certificate,
    erasure_certificates.forget_sent_certificates,
    erasure_certificates.record_certificate_failure,
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


async def send_due_account_emails(context: AppContext) -> None:
    """Send the e-mails about accounts that are due."""
    await _send_due_emails(context, ACCOUNT_OUTBOX)


async def send_due_notice_emails(context: AppContext) -> None:
    """Send the e-mails about notices that are due."""
    await _send_due_emails(context, NOTICE_OUTBOX)


async def send_due_certificates(context: AppContext) -> None:
    """Send the certificates of erasures that are due, and forget to whom."""
    if await _send_due_emails(context, CERTIFICATE_OUTBOX):
        await forget_old_pages(context.settings)


async def _send_due_emails(context: AppContext, outbox: Outbox[D]) -> int:
    """Send the e-mails of a table that are due, some batches at a time; return how many were tried."""
    tried = 0
    for _ in range(MAX_BATCHES_PER_RUN):
        batch = await context.store.run(outbox.claim)
        for pending in batch:
            await _send_email(context, outbox, pending)
        tried += len(batch)
        if len(batch) < EMAIL_BATCH_SIZE:
            break
    return tried


async def _send_email(context: AppContext, outbox: Outbox[D], pending: D) -> None:
    """Send one e-mail. Whatever is wrong with it concerns no other: it is refused, or claimed again later."""
    try:
        message = outbox.compose(context.templates, context.settings, pending)
        recipient = message["To"].addresses[0].addr_spec
        # What the company still tells a member who was erased, such as the end of a plan, reaches nobody.
        if not is_erased_email(recipient):
            await context.mail.send(message, recipient)
    except Unavailable:
        return
    except (MailRefused, MailInDoubt) as problem:
        failed = FailedEmail(pending.email_id, is_refused=isinstance(problem, MailRefused))
        await context.store.run(outbox.record_failure, failed)
    except Exception as problem:  # noqa: BLE001  logged
        log_failure("email_not_composed", problem, {"id": pending.email_id}, kind=type(pending).__name__)
    else:
        await context.store.run(outbox.mark_sent, [pending.email_id])
