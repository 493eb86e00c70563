"""How many e-mails anybody may ask for, without a sign-in: for one address, and from one network.

An address is counted whether or not it has an account, and what was sent goes on working: who asks in somebody's name
keeps them from nothing.
"""

import math
from collections.abc import Iterable
from datetime import timedelta

from beneficiate.errors import RateLimited
from beneficiate.limits import DAY, EMAILS_PER_ADDRESS, EMAILS_PER_NETWORK, HOUR, TAKEN_EMAILS_PER_ACCOUNT, network_of
from beneficiate.models.account_emails import EmailRequestCount
from beneficiate.models.base import lock_rows
from beneficiate.queries.accounts import digest_secret
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.blocks import describe_blocked_email, describe_blocked_network

KEPT = timedelta(days=2)
SENTENCE = "Ya enviamos varios correos a esa dirección. Búsquelos también en no deseados."


def count_email_request(uow: UnitOfWork, email: str, address: str) -> None:
    """Count an e-mail that is asked for. Raises RateLimited when it is too many for the address or the network."""
    network = network_of(address)
    counted = {
        digest_secret(f"email:{email}"): (EMAILS_PER_ADDRESS, describe_blocked_email(email)),
        digest_secret(f"network:{network}"): (EMAILS_PER_NETWORK, describe_blocked_network(network)),
    }
    for row in _lock_counts(uow, counted, HOUR):
        limit, shown = counted[row.key]
        if row.used >= limit:
            left = row.began_at + HOUR - uow.now
            raise RateLimited(math.ceil(left.total_seconds()), SENTENCE)
        row.used += 1
        if row.used >= limit:
            row.blocked = shown
        row.save()


def count_taken_email(uow: UnitOfWork, user_id: int) -> bool:
    """Count an e-mail to an account that somebody wants its address or document; return whether it may be sent.

    Who asks names the document: addresses of their own would bring its owner an e-mail each.
    """
    (row,) = _lock_counts(uow, [digest_secret(f"taken:{user_id}")], DAY)
    if row.used >= TAKEN_EMAILS_PER_ACCOUNT:
        return False
    row.used += 1
    row.save()
    return True


def _lock_counts(uow: UnitOfWork, keys: Iterable[str], period: timedelta) -> list[EmailRequestCount]:
    """Return the counts of these keys, locked in one order; those whose period is over begin anew."""
    in_order = sorted(keys)
    new = [{"key": key, "began_at": uow.now} for key in in_order]
    EmailRequestCount.insert_many(new).on_conflict_ignore().execute()
    is_counted = EmailRequestCount.key.in_(in_order)
    rows = list(lock_rows(EmailRequestCount.select().where(is_counted).order_by(EmailRequestCount.key)))
    for row in rows:
        if uow.now >= row.began_at + period:
            row.used, row.began_at, row.blocked = 0, uow.now, ""
    return rows


def forget_email_requests(uow: UnitOfWork, email: str) -> None:
    """Forget what was asked for in the name of an address."""
    EmailRequestCount.delete().where(EmailRequestCount.key == digest_secret(f"email:{email}")).execute()


def delete_old_email_requests(uow: UnitOfWork) -> None:
    """Delete what was counted long ago. Running it twice is harmless."""
    EmailRequestCount.delete().where(EmailRequestCount.began_at < uow.now - KEPT).execute()
