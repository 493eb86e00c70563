"""The audit log of what the staff does: each entry joins the chain in the transaction of what it records.

Whoever records waits for those who recorded before and have not committed. So entries are written at the end of the
transaction, when it locks no more rows: two that wait for each other's would be a deadlock.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from beneficiate.actions import quotas
from beneficiate.domain.audit_chain import ChainBreak, ChainLink, next_link
from beneficiate.domain.audit_texts import REASON, find_texts, new_salt, put_values, seal_text
from beneficiate.models.audit import AuditEntry, AuditState, AuditText
from beneficiate.models.base import lock_number
from beneficiate.queries.audit_chain import find_last_link, hashed_content
from beneficiate.unit_of_work import SYSTEM, Actor, UnitOfWork

CHAIN_LOCK = 7_120_250_002
"""The number of the advisory lock of whoever adds to the chain."""
CHAINED_PER_RUN = 500
NO_CHANGES: Mapping[str, tuple[object, object]] = MappingProxyType({})
STATE_ID = 1


@dataclass(frozen=True, slots=True)
class AuditDetails:
    """What an entry says beside who did what: see `record_audit`."""

    subject: str
    reason: str
    changes: Mapping[str, tuple[object, object]]
    person_id: int | None


@dataclass(frozen=True, slots=True)
class ExportAudit:
    """An export of the audit log: its filters, of the member only that one was named, and how many entries it has."""

    actor: str
    has_member: bool
    subject: str
    kind: str
    since: date | None
    until: date | None
    rows: int


@dataclass(frozen=True, slots=True)
class _NewEntry:
    """An entry that is not in the chain yet, and the texts that are kept apart from it, by their place."""

    entry: AuditEntry
    salt: str
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class VerifiedChain:
    """What was verified: up to which entry, where the chain breaks, and how far it was verified once more."""

    last: ChainLink
    broken_at: ChainBreak | None
    again: ChainLink


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
    _defer_entry(uow, uow.actor, action, AuditDetails(subject, reason, changes, person_id))


def record_act(
    uow: UnitOfWork,
    action: str,
    subject: str,
    reason: str = "",
    changes: Mapping[str, tuple[object, object]] = NO_CHANGES,
    person_id: int | None = None,
    actor: Actor | None = None,
) -> None:
    """Record as `record_audit` does what has a limit of its own, or what a job does; by default of the unit's actor.

    Another actor, who was nobody when the unit began, acts from where it was asked for. What members do themselves is
    not recorded.
    """
    actor = actor or uow.actor
    if actor.role != "member":
        _defer_entry(uow, actor, action, AuditDetails(subject, reason, changes, person_id))


def record_own_act(
    uow: UnitOfWork, action: str, subject: str, changes: Mapping[str, tuple[object, object]] = NO_CHANGES
) -> None:
    """Record what the actor did with the rights over their own data, a member too. It has a limit of its own."""
    _defer_entry(uow, uow.actor, action, AuditDetails(subject, "", changes, uow.actor.user_id))


def record_audit_export(uow: UnitOfWork, export: ExportAudit) -> None:
    """Record that the actor takes entries of the audit log with them. Raises RateLimited."""
    columns = {
        "actor": export.actor,
        "search": "member" if export.has_member else "",
        "subject": export.subject,
        "kind": export.kind,
        "since": export.since,
        "until": export.until,
        "rows": export.rows,
    }
    changes = {name: (None, value) for name, value in columns.items()}
    record_audit(uow, "audit.export", "audit", changes=changes)


def store_verification(uow: UnitOfWork, verified: VerifiedChain) -> None:
    """Store how far the chain was verified just now; of several processes that verify, the last one counts."""
    broken_at = verified.broken_at
    columns = {
        "position": verified.last.position,
        "hash": verified.last.hash,
        "verified_at": uow.now,
        "broken_position": broken_at.position if broken_at else None,
        "broken_reason": broken_at.reason if broken_at else "",
        "again_position": verified.again.position,
        "again_hash": verified.again.hash,
    }
    AuditState.insert(id=STATE_ID).on_conflict_ignore().execute()
    AuditState.update(columns).where(AuditState.id == STATE_ID).execute()


def chain_entries(uow: UnitOfWork) -> int:
    """Add at most 500 entries without a place to the chain, the oldest first; return how many.

    An older version wrote them, or somebody in the database. That is an entry of its own: once they have a place,
    nothing else tells them from the others.
    """
    last = _lock_chain(uow)
    unchained = AuditEntry.select().where(AuditEntry.position.is_null()).order_by(AuditEntry.id)
    entries = list(unchained.limit(CHAINED_PER_RUN))
    for entry in entries:
        last = _chain(entry, last)
        entry.save(only=[AuditEntry.position, AuditEntry.previous_hash, AuditEntry.hash])
    if entries:
        record_act(uow, "audit.join", "audit", changes={"rows": (None, len(entries))})
    return len(entries)


def _defer_entry(uow: UnitOfWork, actor: Actor, action: str, details: AuditDetails) -> None:
    before = {name: before for name, (before, _) in details.changes.items()}
    after = {name: after for name, (_, after) in details.changes.items()}
    # What people wrote about a member can be erased with their data, so it is not in the entry itself.
    texts = find_texts(before, after, details.reason) if details.person_id is not None else {}
    salt = new_salt()
    seals = {place: seal_text(salt, place, text) for place, text in texts.items()}
    # Nor is a member's own name or address: their number says who acted.
    is_member = actor.role == "member"
    origin = actor if actor.address or actor.role == SYSTEM.role else uow.actor
    entry = AuditEntry(
        at=uow.now,
        actor_id=actor.user_id or None,
        actor_name="" if is_member else actor.name,
        actor_role=actor.role or SYSTEM.role,
        address="" if is_member else origin.address,
        request_id=origin.request_id,
        what=action,
        subject=details.subject,
        person_id=details.person_id,
        before=json.dumps(put_values("before", before, seals), default=str),
        after=json.dumps(put_values("after", after, seals), default=str),
        reason=seals.get(REASON, details.reason),
    )
    uow.defer(_add_to_chain, _NewEntry(entry, salt, texts))


def _add_to_chain(uow: UnitOfWork, new: list[_NewEntry]) -> None:
    """Let the entries of a unit of work follow the last one of the chain, in the order in which they were recorded."""
    last = _lock_chain(uow)
    for one in new:
        last = _chain(one.entry, last)
    AuditEntry.insert_many([one.entry.__data__ for one in new]).execute()
    texts = [
        {
            "position": one.entry.position,
            "person_id": one.entry.person_id,
            "salt": one.salt,
            "texts": json.dumps(dict(one.texts), ensure_ascii=False),
        }
        for one in new
        if one.texts
    ]
    if texts:
        AuditText.insert_many(texts).execute()


def _lock_chain(uow: UnitOfWork) -> ChainLink:
    """Return the end of the chain, which nobody else continues until the unit of work ends."""
    lock_number(CHAIN_LOCK)
    return find_last_link(uow)


def _chain(entry: AuditEntry, last: ChainLink) -> ChainLink:
    """Let an entry follow `last`, and return its link."""
    link = next_link(last, hashed_content(entry))
    entry.position, entry.previous_hash, entry.hash = link.position, last.hash, link.hash
    return link
