"""Lifting a block: what somebody used up counts as unused, in all processes."""

from dataclasses import dataclass

from beneficiate.actions import audit
from beneficiate.errors import NotFound
from beneficiate.models.account_emails import EmailRequestCount
from beneficiate.models.accounts import SignInThrottle
from beneficiate.models.base import lock_rows
from beneficiate.models.quotas import QuotaUse
from beneficiate.queries.blocks import find_blocked_user, is_row_id
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views import blocks as views

IS_OVER = "Ese bloqueo ya terminó."


@dataclass(frozen=True, slots=True)
class LiftBlock:
    """Which block: its kind and the reference that the list gave it, as they were typed."""

    kind: str
    reference: str


def lift_block(uow: UnitOfWork, command: LiftBlock) -> None:
    """Lift a block and record it. Raises NotFound when there is none any more, RateLimited.

    Of a rate it is only recorded: whoever counts it gives it back (`RateLimiters.lift`).
    """
    if command.kind == views.RATE:
        _record_rate(uow, command.reference)
        return
    if not is_row_id(command.reference):
        raise NotFound(IS_OVER)
    row_id = int(command.reference)
    if command.kind == views.SIGN_IN:
        _lift_sign_in(uow, row_id)
    elif command.kind == views.EMAIL:
        _lift_emails(uow, row_id)
    elif command.kind == views.QUOTA:
        _lift_quota(uow, row_id)
    else:
        raise NotFound(IS_OVER)


def _lift_sign_in(uow: UnitOfWork, row_id: int) -> None:
    is_blocked = (SignInThrottle.id == row_id) & (SignInThrottle.blocked_until > uow.now)
    row = lock_rows(SignInThrottle.select().where(is_blocked)).first()
    if row is None:
        raise NotFound(IS_OVER)
    _record(uow, "sign_in", row.blocked)
    row.failures, row.blocked_until, row.blocked = 0, None, ""
    row.save()


def _lift_emails(uow: UnitOfWork, row_id: int) -> None:
    row = lock_rows(EmailRequestCount.select().where(EmailRequestCount.id == row_id)).first()
    if row is None or not row.blocked:
        raise NotFound(IS_OVER)
    _record(uow, "emails", row.blocked)
    row.used, row.blocked = 0, ""
    row.save()


def _lift_quota(uow: UnitOfWork, row_id: int) -> None:
    row = lock_rows(QuotaUse.select().where(QuotaUse.id == row_id, QuotaUse.used > 0)).first()
    if row is None:
        raise NotFound(IS_OVER)
    _record(uow, row.quota, views.describe_blocked_email(row.user.email), row.user_id)
    row.used = 0
    row.save()


def _record_rate(uow: UnitOfWork, reference: str) -> None:
    limit, _, key = reference.partition(":")
    if limit not in views.RATE_LABELS:
        raise NotFound(IS_OVER)
    user = find_blocked_user(key)
    if user is None:
        _record(uow, limit, views.describe_blocked_network(key))
    else:
        _record(uow, limit, views.describe_blocked_email(user.email), user.id)


def _record(uow: UnitOfWork, limit: str, who: str, person_id: int | None = None) -> None:
    audit.record_audit(uow, "blocks.lift", f"limit:{limit}", who, person_id=person_id)
