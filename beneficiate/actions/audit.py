"""The audit log of what the staff does: each entry joins the chain in the transaction of what it records."""

import json
from collections.abc import Mapping
from types import MappingProxyType

from beneficiate.actions import quotas
from beneficiate.domain.audit_chain import HASHED_FIELDS, ChainLink, next_link
from beneficiate.models.audit import AuditEntry
from beneficiate.models.base import instant_to_text, lock_number
from beneficiate.queries.audit_chain import find_last_link, hashed_content
from beneficiate.unit_of_work import UnitOfWork

CHAIN_LOCK = 7_120_250_002
"""The number of the advisory lock of whoever adds to the chain."""
CHAINED_PER_RUN = 500
NO_CHANGES: Mapping[str, tuple[object, object]] = MappingProxyType({})


def record_audit(
    uow: UnitOfWork,
    action: str,
    subject: str,
    reason: str = "",
    changes: Mapping[str, tuple[object, object]] = NO_CHANGES,
    person_id: int | None = None,
) -> None:
    """Record that the actor did `action` to `subject`; `changes` are (before, after) by column name.

    `person_id` is the member whom it concerns. Raises RateLimited for who does too much: then what was to be recorded
    is rolled back.
    """
    quotas.consume_quota(uow, uow.rules.quotas.audited_actions)
    content = {
        "at": instant_to_text(uow.now),
        "actor_id": uow.actor.user_id or None,
        "actor_name": uow.actor.name,
        "actor_role": uow.actor.role,
        "address": uow.actor.address,
        "request_id": uow.actor.request_id,
        "what": action,
        "subject": subject,
        "person_id": person_id,
        "before": json.dumps({name: before for name, (before, _) in changes.items()}, default=str),
        "after": json.dumps({name: after for name, (_, after) in changes.items()}, default=str),
        "reason": reason,
    }
    last = _lock_chain()
    link = next_link(last, content)
    row = {**content, "at": uow.now, "position": link.position, "previous_hash": last.hash, "hash": link.hash}
    AuditEntry.create(**row)


def chain_entries(uow: UnitOfWork) -> int:
    """Add at most 500 entries that an older version wrote to the chain, the oldest first; return how many."""
    unchained = AuditEntry.select().where(AuditEntry.position.is_null()).order_by(AuditEntry.id)
    if not unchained.exists():
        return 0
    last, count = _lock_chain(), 0
    for entry in unchained.limit(CHAINED_PER_RUN):
        link = next_link(last, hashed_content({name: getattr(entry, name) for name in HASHED_FIELDS}))
        changes = {"position": link.position, "previous_hash": last.hash, "hash": link.hash}
        AuditEntry.update(changes).where(AuditEntry.id == entry.id).execute()
        last, count = link, count + 1
    return count


def _lock_chain() -> ChainLink:
    """Return the end of the chain, which nobody else continues until the unit of work ends."""
    lock_number(CHAIN_LOCK)
    return find_last_link()
