"""The outbox of e-mails: a process claims rows and sends them; what was not taken is claimed again later and later."""

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TypeVar

from peewee import Expression

from beneficiate.actions import audit
from beneficiate.errors import NotFound
from beneficiate.models.account_emails import AccountEmail
from beneficiate.models.accounts import StaffInvitation
from beneficiate.models.appointments import AppointmentEmail
from beneficiate.models.base import lock_rows
from beneficiate.models.erasures import ErasureEmail
from beneficiate.models.notices import NoticeEmail
from beneficiate.models.payments import PlanEmail
from beneficiate.queries.undelivered_emails import (
    EMAIL_CLAIM_LIFETIME,
    MAX_EMAIL_TRIES,
    REFUSED_TRIES,
    UNDELIVERED_TABLES,
    EmailKind,
    is_given_up,
)
from beneficiate.unit_of_work import UnitOfWork

EMAIL_BATCH_SIZE = 10
"""E-mails are sent one after another, each in 20 s at most: the last is begun before its claim ends."""
IN_DOUBT_WEIGHT = 3
"""An e-mail that may have arrived counts as so many tries: its reader gets it three times at most."""

E = TypeVar("E", AppointmentEmail, PlanEmail, StaffInvitation, AccountEmail, NoticeEmail, ErasureEmail)


@dataclass(frozen=True, slots=True)
class FailedEmail:
    """An e-mail that was not sent: refused for good, or perhaps taken."""

    email_id: int
    is_refused: bool


@dataclass(frozen=True, slots=True)
class RetryEmail:
    """The e-mail to send again, of a table of `UNDELIVERED_TABLES`."""

    kind: EmailKind
    email_id: int


def claim_emails(uow: UnitOfWork, table: type[E], is_last: Expression | None = None) -> list[E]:
    """Claim the e-mails that are due and return their rows; each try doubles the time until the next.

    Those for which `is_last` holds come after all others.
    """
    waited = (
        (table.tries == tries) & (table.claimed_at < uow.now - EMAIL_CLAIM_LIFETIME * 2 ** (tries - 1))
        for tries in range(1, MAX_EMAIL_TRIES)
    )
    is_due = reduce(or_, waited, table.claimed_at.is_null())
    query = table.select().where(table.sent_at.is_null(), table.tries < MAX_EMAIL_TRIES, is_due)
    order = (table.id,) if is_last is None else (is_last, table.id)
    rows = list(lock_rows(query.order_by(*order).limit(EMAIL_BATCH_SIZE)))
    claimed_ids = [row.id for row in rows]
    table.update(claimed_at=uow.now, tries=table.tries + 1).where(table.id.in_(claimed_ids)).execute()
    return rows


def mark_emails_sent(uow: UnitOfWork, table: type[E], email_ids: list[int]) -> None:
    """Mark e-mails as accepted by the mail server, or as not needed any more."""
    table.update(sent_at=uow.now).where(table.id.in_(email_ids)).execute()


def record_email_failure(table: type[E], failed: FailedEmail) -> None:
    """Give up an e-mail that was refused; one that may have arrived has fewer tries left."""
    tries = REFUSED_TRIES if failed.is_refused else table.tries + IN_DOUBT_WEIGHT - 1
    table.update(tries=tries).where(table.id == failed.email_id, table.sent_at.is_null()).execute()


def retry_email(uow: UnitOfWork, command: RetryEmail) -> None:
    """Let an e-mail that was given up be sent again, with all its tries. Raises NotFound when none is."""
    table = UNDELIVERED_TABLES[command.kind]
    row = lock_rows(table.select().where(table.id == command.email_id, is_given_up(table, uow.now))).first()
    if row is None:
        raise NotFound("Ese correo ya no espera: se envió o está por enviarse.")
    table.update(tries=0, claimed_at=None).where(table.id == row.id).execute()
    subject = f"{table.__name__}:{row.id}"
    audit.record_audit(uow, "emails.retry", subject, changes={"tries": (row.tries, 0)})


def email_key(row: AppointmentEmail | PlanEmail | StaffInvitation | AccountEmail | NoticeEmail | ErasureEmail) -> str:
    """Return the key of an e-mail, the same at every try: `AppointmentEmail.81.20261128143000`."""
    return f"{type(row).__name__}.{row.id}.{row.created_at:%Y%m%d%H%M%S}"
