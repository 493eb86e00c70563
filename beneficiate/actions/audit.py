"""The audit log of what the staff does."""

import json

from beneficiate.actions import quotas
from beneficiate.models.audit import AuditEntry
from beneficiate.unit_of_work import UnitOfWork


def record_audit(
    uow: UnitOfWork, action: str, subject: str, address: str, reason: str, **changes: tuple[object, object]
) -> None:
    """Record that the actor did `action` to `subject`; `changes` are (before, after) by column name.

    Raises RateLimited for who does too much: then what was to be recorded is rolled back.
    """
    quotas.consume_quota(uow, uow.rules.quotas.audited_actions)
    AuditEntry.create(
        at=uow.now,
        actor=uow.actor.user_id or None,
        actor_role=uow.actor.role,
        address=address,
        what=action,
        subject=subject,
        before=json.dumps({name: before for name, (before, _) in changes.items()}, default=str),
        after=json.dumps({name: after for name, (_, after) in changes.items()}, default=str),
        reason=reason,
    )
