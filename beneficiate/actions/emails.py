"""The outbox of e-mails: a process claims rows and sends them; what the mail server refused is claimed again later."""

from datetime import timedelta
from typing import TypeVar

from beneficiate.models.appointments import AppointmentEmail
from beneficiate.models.base import lock_rows
from beneficiate.models.payments import PlanEmail
from beneficiate.unit_of_work import UnitOfWork

EMAIL_BATCH_SIZE = 50
EMAIL_CLAIM_LIFETIME = timedelta(minutes=5)

E = TypeVar("E", AppointmentEmail, PlanEmail)


def claim_emails(uow: UnitOfWork, table: type[E], max_tries: int) -> list[E]:
    """Claim the e-mails that are due for five minutes and return their rows."""
    is_free = table.claimed_at.is_null() | (table.claimed_at < uow.now - EMAIL_CLAIM_LIFETIME)
    query = table.select().where(table.sent_at.is_null(), is_free, table.tries < max_tries)
    rows = list(lock_rows(query.order_by(table.id).limit(EMAIL_BATCH_SIZE)))
    claimed_ids = [row.id for row in rows]
    table.update(claimed_at=uow.now, tries=table.tries + 1).where(table.id.in_(claimed_ids)).execute()
    return rows


def mark_emails_sent(uow: UnitOfWork, table: type[E], email_ids: list[int]) -> None:
    """Mark e-mails as accepted by the mail server, or as not needed any more."""
    table.update(sent_at=uow.now).where(table.id.in_(email_ids)).execute()
