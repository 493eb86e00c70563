"""The chain of the audit log, read to be continued or to be verified."""

import json
from dataclasses import dataclass
from datetime import datetime

from beneficiate.domain.audit_chain import HASHED_FIELDS, ChainBreak, ChainedEntry, ChainLink, follow_chain
from beneficiate.models.audit import AuditEntry, AuditHead, AuditState
from beneficiate.models.base import instant_to_text
from beneficiate.queries.audit_texts import find_broken_texts
from beneficiate.unit_of_work import UnitOfWork

VERIFIED_PER_READ = 1000


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """How far the chain was verified, where it breaks, and whether it ends there."""

    last: ChainLink
    broken_at: ChainBreak | None
    is_complete: bool


@dataclass(frozen=True, slots=True)
class VerifiedLinks:
    """The last entry that a job verified, and the one up to which it verified the chain once more."""

    last: ChainLink
    again: ChainLink


@dataclass(frozen=True, slots=True)
class JoinedEntries:
    """How many entries got their place in the chain after they were written; when the last ones, and what tells so."""

    count: int
    last_at: datetime
    told_by: int


def find_last_link(uow: UnitOfWork) -> ChainLink:
    """Return the link of the newest entry that was written, whether it is still there or not."""
    return ChainLink(*AuditHead.select(AuditHead.position, AuditHead.hash).where(AuditHead.id == 1).tuples().get())


def find_link(uow: UnitOfWork, position: int) -> ChainLink | None:
    """Return the link at a position of the chain."""
    row = AuditEntry.get_or_none(AuditEntry.position == position)
    return ChainLink(row.position, row.hash) if row else None


def find_verified_links(uow: UnitOfWork) -> VerifiedLinks:
    """Return how far a job has verified the chain."""
    row = AuditState.get_or_none() or AuditState()
    return VerifiedLinks(ChainLink(row.position, row.hash), ChainLink(row.again_position, row.again_hash))


def count_unchained_entries(uow: UnitOfWork) -> int:
    """Return the number of entries that are not in the chain (yet)."""
    return int(AuditEntry.select().where(AuditEntry.position.is_null()).count())


def load_joined_entries(uow: UnitOfWork) -> JoinedEntries | None:
    """Return what is recorded of entries that got their place in the chain after they were written."""
    joins = list(AuditEntry.select().where(AuditEntry.what == "audit.join").order_by(AuditEntry.id))
    if not joins:
        return None
    count = sum(json.loads(one.after)["rows"] for one in joins)
    return JoinedEntries(count, joins[-1].at, joins[-1].position)


def verify_next_entries(uow: UnitOfWork, last: ChainLink) -> ChainCheck:
    """Verify at most 1,000 entries of the chain that follow `last`: from the beginning, all that have a position."""
    is_next = AuditEntry.position > last.position if last.position else AuditEntry.position.is_null(False)
    rows = list(AuditEntry.select().where(is_next).order_by(AuditEntry.position).limit(VERIFIED_PER_READ))
    broken = find_broken_texts(rows)
    entries = [
        ChainedEntry(
            ChainLink(row.position, row.hash),
            row.previous_hash,
            hashed_content(row),
            has_its_texts=row.position not in broken,
        )
        for row in rows
    ]
    end = follow_chain(last, entries)
    if isinstance(end, ChainBreak):
        return ChainCheck(last, end, is_complete=False)
    return ChainCheck(end, None, is_complete=len(entries) < VERIFIED_PER_READ)


def hashed_content(entry: AuditEntry) -> dict[str, str | int | None]:
    """Return the content of an entry as it is hashed: the same on both databases."""
    values = ((name, getattr(entry, name)) for name in HASHED_FIELDS)
    return {name: instant_to_text(value) if isinstance(value, datetime) else value for name, value in values}
