"""Quotas: how much a person may create in a period, counted in the transaction that creates it, for all processes."""

import math
from datetime import timedelta

from beneficiate.errors import RateLimited
from beneficiate.limits import Quota
from beneficiate.models.base import lock_rows
from beneficiate.models.quotas import QuotaUse
from beneficiate.queries.access import STAFF_ROLES
from beneficiate.unit_of_work import Actor, UnitOfWork

KEPT = timedelta(days=2)
"""Longer than the longest period."""


def consume_quota(uow: UnitOfWork, quota: Quota, amount: int = 1, actor: Actor | None = None) -> None:
    """Count something that a person creates, by default the actor. Raises RateLimited when it is too much.

    What is rolled back is not counted. The system itself has no quota.
    """
    person = actor or uow.actor
    if not person.user_id:
        return
    is_it = (QuotaUse.user == person.user_id) & (QuotaUse.quota == quota.name)
    new = QuotaUse.insert(user=person.user_id, quota=quota.name, used=0, began_at=uow.now)
    new.on_conflict_ignore().execute()
    row = lock_rows(QuotaUse.select().where(is_it)).get()
    ends_at = row.began_at + quota.period
    if uow.now >= ends_at:
        row.used, row.began_at, ends_at = 0, uow.now, uow.now + quota.period
    if row.used + amount > (quota.staff_amount if person.role in STAFF_ROLES else quota.amount):
        raise RateLimited(math.ceil((ends_at - uow.now).total_seconds()), quota.sentence)
    QuotaUse.update(used=row.used + amount, began_at=row.began_at).where(QuotaUse.id == row.id).execute()


def delete_old_quota_uses(uow: UnitOfWork) -> None:
    """Delete what was used long ago. Running it twice is harmless."""
    QuotaUse.delete().where(QuotaUse.began_at < uow.now - KEPT).execute()
