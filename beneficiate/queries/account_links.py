"""Links of e-mails about accounts: which one a token opens, and for which state of the account it is good."""

from peewee import JOIN

from beneficiate.errors import NotFound
from beneficiate.models.account_emails import (
    IMPORTED,
    RECOVERY,
    REGISTRATION,
    AccountEmail,
    Registration,
)
from beneficiate.models.accounts import User
from beneficiate.queries.accounts import digest_secret
from beneficiate.unit_of_work import UnitOfWork

MAX_TOKEN_CHARS = 64
CLOSED_LINK = "Este enlace ya no sirve."
SAME_LINKS = {RECOVERY: (RECOVERY, IMPORTED)}
"""Kinds whose links open the same page."""


def account_version(user: User) -> str:
    """Return the version of an account: another one once its address or its password has changed."""
    return digest_secret(f"{user.email}\n{user.password_hash}")


def find_open_link(uow: UnitOfWork, kind: str, token: str) -> AccountEmail:
    """Return the e-mail whose link has this token, with its account. Raises NotFound, whatever the reason.

    It is open until it expires, while its account is active and as it was when the link was sent.
    """
    link = find_account_link(kind, token)
    if link is None or link.expires_at <= uow.now or not (kind == REGISTRATION or _is_for_account(link)):
        raise NotFound(CLOSED_LINK)
    return link


def find_account_link(kind: str, token: str) -> AccountEmail | None:
    """Return the e-mail whose link has this token, open or not, with its account and registration."""
    is_of_kind = AccountEmail.kind.in_(SAME_LINKS.get(kind, (kind,)))
    found: AccountEmail | None = (
        AccountEmail.select(AccountEmail, User, Registration)
        .join(User, JOIN.LEFT_OUTER)
        .join_from(AccountEmail, Registration, JOIN.LEFT_OUTER)
        .where(AccountEmail.token_hash == digest_secret(token[:MAX_TOKEN_CHARS]), is_of_kind)
        .first()
    )
    return found


def _is_for_account(link: AccountEmail) -> bool:
    """Return whether a link is for an account as it is now."""
    user = link.user
    return user is not None and user.is_active and link.account_version == account_version(user)
