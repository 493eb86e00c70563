"""E-mails that were given up: refused by the mail server, or tried in vain."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from peewee import Expression

from beneficiate.errors import Invalid
from beneficiate.models.account_emails import AccountEmail
from beneficiate.models.accounts import User
from beneficiate.models.appointments import Appointment, AppointmentEmail
from beneficiate.models.payments import PlanEmail
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.undelivered_emails import UndeliveredEmail, UndeliveredEmailList, describe_email

EMAIL_CLAIM_LIFETIME = timedelta(minutes=5)
MAX_EMAIL_TRIES = 9
"""After 5, 10, 20 … minutes, the last after 21 hours: a mail server may be down for a night."""
REFUSED_TRIES = 99
"""The tries of an e-mail that was refused for good: no other number of tries says so."""
EMAILS_PER_PAGE = 50

EmailKind = Literal["cita", "cuenta", "plan"]
EmailTable = type[AppointmentEmail] | type[AccountEmail] | type[PlanEmail]
UNDELIVERED_TABLES: dict[EmailKind, EmailTable] = {
    "cita": AppointmentEmail,
    "cuenta": AccountEmail,
    "plan": PlanEmail,
}
_POSITION_FORMAT = "%Y%m%d%H%M%S%f"


@dataclass(frozen=True, slots=True)
class EmailPosition:
    """The place of an e-mail in the list: the newest first, then by kind, then the newest id."""

    created_at: datetime
    kind: EmailKind
    email_id: int

    def __str__(self) -> str:
        return f"{self.created_at.astimezone(UTC):{_POSITION_FORMAT}}-{self.kind}-{self.email_id}"


def parse_kind(text: str) -> EmailKind:
    """Return the kind that is written in a URL. Raises Invalid."""
    for kind in UNDELIVERED_TABLES:
        if kind == text:
            return kind
    raise Invalid


def parse_position(text: str) -> EmailPosition:
    """Return the position that is written in a URL. Raises Invalid."""
    instant, _, rest = text.partition("-")
    kind, _, number = rest.partition("-")
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise Invalid
    try:
        created_at = datetime.strptime(instant, _POSITION_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        raise Invalid from None
    return EmailPosition(created_at, parse_kind(kind), int(number))


def is_given_up(table: EmailTable, now: datetime) -> Expression:
    """Return the condition that an e-mail will not be tried again by itself; its last try is over.

    One about an account that has expired would not be sent again either.
    """
    is_over = (table.tries == REFUSED_TRIES) | (table.claimed_at < now - EMAIL_CLAIM_LIFETIME)
    is_vain = table.sent_at.is_null() & (table.tries >= MAX_EMAIL_TRIES) & is_over
    return is_vain & (AccountEmail.expires_at > now) if table is AccountEmail else is_vain


def list_undelivered_emails(uow: UnitOfWork, after: EmailPosition | None) -> UndeliveredEmailList:
    """Return at most 50 e-mails that were given up and follow a position, the newest first."""
    found = sorted(
        (email for kind in UNDELIVERED_TABLES for email in _list_of_kind(uow, kind, after)),
        key=lambda email: (-email.created_at.timestamp(), email.kind, -email.email_id),
    )
    shown = found[:EMAILS_PER_PAGE]
    position = EmailPosition(shown[-1].created_at, shown[-1].kind, shown[-1].email_id) if shown else None
    return UndeliveredEmailList(shown, str(position) if len(found) > len(shown) else "", is_first=after is None)


def _list_of_kind(uow: UnitOfWork, kind: EmailKind, after: EmailPosition | None) -> list[UndeliveredEmail]:
    table = UNDELIVERED_TABLES[kind]
    where = is_given_up(table, uow.now)
    if after is not None:
        is_next = kind > after.kind if kind != after.kind else table.id < after.email_id
        where &= (table.created_at < after.created_at) | ((table.created_at == after.created_at) & is_next)
    if table is AppointmentEmail:
        query = table.select(table, Appointment, User).join(Appointment).join(User, on=Appointment.user)
    else:
        query = table.select() if table is AccountEmail else table.select(table, User).join(User)
    rows = query.where(where).order_by(table.created_at.desc(), table.id.desc()).limit(EMAILS_PER_PAGE + 1)
    return [
        describe_email(
            kind,
            row.id,
            row.kind,
            _find_address(row),
            row.created_at,
            is_refused=row.tries == REFUSED_TRIES,
        )
        for row in rows
    ]


def _find_address(row: AppointmentEmail | AccountEmail | PlanEmail) -> str:
    """Return to whom an e-mail goes: one about an account may be to an address that has none."""
    if isinstance(row, AccountEmail):
        return str(row.email)
    return str((row.appointment.user if isinstance(row, AppointmentEmail) else row.user).email)
