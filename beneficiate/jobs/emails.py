"""Sending letters, whatever they are about."""

from collections.abc import Callable
from email.message import EmailMessage
from typing import Protocol, TypeVar

from jinja2 import Environment

from beneficiate.context import AppContext
from beneficiate.errors import Unavailable
from beneficiate.settings import Settings
from beneficiate.unit_of_work import UnitOfWork


class DueEmail(Protocol):
    """What every kind of claimed e-mail has."""

    @property
    def email_id(self) -> int: ...


D = TypeVar("D", bound=DueEmail)


async def send_due_emails(
    context: AppContext,
    claim_emails: Callable[[UnitOfWork], list[D]],
    compose: Callable[[Environment, Settings, D], EmailMessage],
    mark_sent: Callable[[UnitOfWork, list[int]], None],
) -> None:
    """Send the e-mails that are due; what the mail server does not take is tried again in five minutes."""
    for pending in await context.store.run(claim_emails):
        try:
            await context.mail.send(compose(context.templates, context.settings, pending))
        except Unavailable:
            continue
        await context.store.run(mark_sent, [pending.email_id])
