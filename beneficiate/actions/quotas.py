"""Quotas: how much a person may create in a period, counted in the transaction that creates it, for all processes."""

import math
from collections.abc import Iterable
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
    for problem in consume_quota_of_each(uow, quota, [actor or uow.actor], amount).values():
        raise problem


def consume_quota_of_each(
    uow: UnitOfWork, quota: Quota, actors: Iterable[Actor], amount: int = 1
) -> dict[int, RateLimited]:
    """Count what each of these people creates, in three or four statements; return the refusals by user id."""
    people = {actor.user_id: actor for actor in actors if actor.user_id}
    if not people:
        return {}
    new = [{"user": user_id, "quota": quota.name, "used": 0, "began_at": uow.now} for user_id in sorted(people)]
    QuotaUse.insert_many(new).on_conflict_ignore().execute()
    is_counted = (QuotaUse.quota == quota.name) & QuotaUse.user.in_(list(people))
    refusals: dict[int, RateLimited] = {}
    going_on: list[int] = []
    beginning: list[int] = []
    for row in lock_rows(QuotaUse.select().where(is_counted).order_by(QuotaUse.user)):
        ends_at = row.began_at + quota.period
        is_over = uow.now >= ends_at
        limit = quota.staff_amount if people[row.user_id].role in STAFF_ROLES else quota.amount
        if (0 if is_over else row.used) + amount > limit:
            left = quota.period if is_over else ends_at - uow.now
            refusals[row.user_id] = RateLimited(math.ceil(left.total_seconds()), quota.sentence)
        else:
            (beginning if is_over else going_on).append(row.id)
    if going_on:
        QuotaUse.update(used=QuotaUse.used + amount).where(QuotaUse.id.in_(going_on)).execute()
    if beginning:
        QuotaUse.update(used=amount, began_at=uow.now).where(QuotaUse.id.in_(beginning)).execute()
    return refusals


def delete_old_quota_uses(uow: UnitOfWork) -> None:
    """Delete what was used long ago. Running it twice is harmless."""
    QuotaUse.delete().where(QuotaUse.began_at < uow.now - KEPT).execute()
