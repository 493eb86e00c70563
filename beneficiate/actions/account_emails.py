"""E-mails about accounts: what asks for one, and what is sent.

Whoever asks for a link is not told whether there is an account: the request stores a row and looks at no account, so
that it takes the same time for everybody. What is sent is decided when it is sent: a link, or how things are.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from beneficiate.actions import emails
from beneficiate.actions.email_requests import count_taken_email
from beneficiate.models.account_emails import (
    ADDRESS_CHANGED,
    IMPORTED,
    NEW_ADDRESS,
    RECOVERY,
    REGISTRATION,
    AccountEmail,
    Registration,
)
from beneficiate.models.accounts import User
from beneficiate.queries.account_links import account_version
from beneficiate.queries.accounts import digest_secret
from beneficiate.unit_of_work import UnitOfWork

LIFETIMES = {
    RECOVERY: timedelta(hours=1),
    REGISTRATION: timedelta(days=1),
    NEW_ADDRESS: timedelta(days=1),
    # Nobody waits for it: thousands take the mail server an hour, and people read them the next day.
    IMPORTED: timedelta(days=3),
}
NOTICE_LIFETIME = timedelta(days=2)
"""A notice that the mail server does not take by then tells nothing new."""
KEPT = timedelta(days=7)
"""Supervisors may choose to keep e-mails longer, and not shorter: `domain/retention.py`."""
NO_ACCOUNT, TAKEN = "no_account", "taken"
"""What is sent instead of a link: there is no account with the address, or there is one already."""


@dataclass(frozen=True, slots=True)
class PendingAccountEmail:
    """An e-mail that is due. `key` is that of the message, `kind` what it says; with a token it has a link.

    `asked_at` is when it was asked for, or when what it tells happened.
    """

    email_id: int
    key: str
    kind: str
    email: str
    name: str
    token: str
    asked_at: datetime
    expires_at: datetime


def queue_link(uow: UnitOfWork, kind: str, email: str, **about: int) -> None:
    """Store that somebody asked for a link; `about` names the account or the registration.

    A link that lives longer than any notice is one that nobody waits for: it is sent after all others.
    """
    expires_at = uow.now + LIFETIMES[kind]
    AccountEmail.create(kind=kind, email=email, expires_at=expires_at, created_at=uow.now, **about)


def queue_notice(
    uow: UnitOfWork, kind: str, user_id: int, email: str | None = None, lifetime: timedelta = NOTICE_LIFETIME
) -> None:
    """Store that somebody is to be told what happened to their account, at its address unless another is given."""
    email = email or User.select(User.email).where(User.id == user_id).scalar()
    expires_at = uow.now + lifetime
    AccountEmail.create(kind=kind, email=email, user=user_id, expires_at=expires_at, created_at=uow.now)


def announce_address(uow: UnitOfWork, user_id: int, before: str, after: str) -> None:
    """Tell both addresses that an account has a new one; its links are good no more."""
    void_links(user_id)
    for email in (before, after):
        queue_notice(uow, ADDRESS_CHANGED, user_id, email)


def void_links(user_id: int) -> None:
    """Delete the links of an account whose address or password changes, and the new addresses that it has asked for.

    A link that was asked for and is not sent yet would be for the account as it is then, and so good after the change.
    That of an import would say that the password is missing.
    """
    is_link = (AccountEmail.token_hash != "") | AccountEmail.kind.in_([NEW_ADDRESS, IMPORTED])
    AccountEmail.delete().where(AccountEmail.user == user_id, is_link).execute()


def claim_account_emails(uow: UnitOfWork) -> list[PendingAccountEmail]:
    """Claim the e-mails that are due; the caller sends them. Those that are needless by now are not sent any more."""
    rows = emails.claim_emails(uow, AccountEmail, AccountEmail.expires_at > uow.now + NOTICE_LIFETIME)
    decided = {row.id: _decide(uow, row) if row.expires_at > uow.now else None for row in rows}
    mark_account_emails_sent(uow, [email_id for email_id, pending in decided.items() if pending is None])
    return [pending for pending in decided.values() if pending is not None]


def mark_account_emails_sent(uow: UnitOfWork, email_ids: list[int]) -> None:
    """Mark e-mails as accepted by the mail server, or as not needed any more."""
    emails.mark_emails_sent(uow, AccountEmail, email_ids)


def record_account_email_failure(uow: UnitOfWork, failed: emails.FailedEmail) -> None:
    """Record that an e-mail was refused, or may have arrived."""
    emails.record_email_failure(AccountEmail, failed)


def _decide(uow: UnitOfWork, row: AccountEmail) -> PendingAccountEmail | None:
    """Return what to send for a row: its link, or what holds today; None for nothing."""
    user = User.get_or_none(User.email == row.email)
    if row.kind in (RECOVERY, IMPORTED):
        if user is not None and user.is_active and user.password_hash:
            return _with_link(row, user)
        return _without_link(row, NO_ACCOUNT, row.email, "") if row.kind == RECOVERY else None
    if row.kind == NEW_ADDRESS:
        return _tell_owner(uow, row, user) if user else _with_link(row, row.user)
    if row.kind == REGISTRATION:
        owner = user or find_document_owner(row.registration)
        if owner is not None:
            return _tell_owner(uow, row, owner)
        return _with_link(row, None, row.registration.first_name)
    return _without_link(row, row.kind, row.email, row.user.first_name)


def find_document_owner(registration: Registration) -> User | None:
    """Return the account that has the document of a registration."""
    is_same = User.document_type == registration.document_type, User.document_number == registration.document_number
    found: User | None = User.get_or_none(*is_same)
    return found


def _with_link(row: AccountEmail, user: User | None, name: str = "") -> PendingAccountEmail:
    token = secrets.token_urlsafe(32)
    version = account_version(user) if user else ""
    columns = {"token_hash": digest_secret(token), "account_version": version, "user": user.id if user else None}
    AccountEmail.update(columns).where(AccountEmail.id == row.id).execute()
    name = user.first_name if user else name
    key = emails.email_key(row)
    return PendingAccountEmail(row.id, key, row.kind, row.email, name, token, row.created_at, row.expires_at)


def _tell_owner(uow: UnitOfWork, row: AccountEmail, owner: User) -> PendingAccountEmail | None:
    """Return what tells an account that somebody wants its address or document; None if it was told often today.

    What its owner asks for from their own address is not counted: nobody else uses that up.
    """
    is_first_try_of_another = row.tries == 0 and row.email != owner.email
    if is_first_try_of_another and not count_taken_email(uow, owner.id):
        return None
    return _without_link(row, TAKEN, owner.email, owner.first_name)


def _without_link(row: AccountEmail, kind: str, email: str, name: str) -> PendingAccountEmail:
    key = emails.email_key(row)
    return PendingAccountEmail(row.id, key, kind, email, name, "", row.created_at, row.expires_at)
