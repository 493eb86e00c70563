"""What people of the staff do that somebody may ask about later."""

import json
from typing import Any

from beneficiate.models.audit import AuditEntry
from beneficiate.store import Work


def record(work: Work, what: str, subject: str, address: str, reason: str, **changes: tuple[Any, Any]) -> None:
    """Write down that the actor did `what` to `subject`; `changes` are (before, after) by name."""
    AuditEntry.create(
        at=work.now,
        actor=work.actor.user_id or None,
        actor_role=work.actor.role,
        address=address,
        what=what,
        subject=subject,
        before=json.dumps({name: before for name, (before, _) in changes.items()}, default=str),
        after=json.dumps({name: after for name, (_, after) in changes.items()}, default=str),
        reason=reason,
    )
