"""Whether a search for people was recorded before."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from beneficiate.models.audit import AuditEntry
from beneficiate.unit_of_work import UnitOfWork

SAME_LOOKUP = timedelta(minutes=10)
"""A list that is searched is loaded again with each change: within this time it is one search."""
DIGEST_CHARS = 32


@dataclass(frozen=True, slots=True)
class PersonLookup:
    """A search for people by `document` (or telephone), `email` or `name`."""

    kind: str
    text: str

    @property
    def subject(self) -> str:
        """The subject of its entry in the audit: what was searched as a digest, so that it is known again."""
        digest = hashlib.sha256(self.text.strip().lower().encode("utf-8", "replace")).hexdigest()
        return f"{self.kind}:{digest[:DIGEST_CHARS]}"


def is_recent_lookup(uow: UnitOfWork, lookup: PersonLookup) -> bool:
    """Return whether the actor has searched for this in the last ten minutes."""
    since = uow.now - SAME_LOOKUP
    recent = AuditEntry.select().where(
        AuditEntry.subject == lookup.subject, AuditEntry.actor_id == uow.actor.user_id, AuditEntry.at > since
    )
    return bool(recent.exists())
