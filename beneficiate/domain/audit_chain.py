"""The chain of the audit log: each entry has a hash of its content and of the hash before it.

Whoever changes, removes or inserts an entry has to change all that follow, and the hash that was noted elsewhere.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

HASHED_FIELDS = (
    "at",
    "actor_id",
    "actor_name",
    "actor_role",
    "address",
    "request_id",
    "what",
    "subject",
    "person_id",
    "before",
    "after",
    "reason",
)
"""The content of an entry, in the order in which it is hashed."""


@dataclass(frozen=True, slots=True)
class ChainLink:
    """The place of an entry in the chain, from 1, and its hash; 0 and an empty hash stand before the first."""

    position: int = 0
    hash: str = ""


@dataclass(frozen=True, slots=True)
class ChainedEntry:
    """An entry as it is stored: its link, the hash that it has of the one before, and its content by field.

    `has_its_texts`: what people wrote in it, which is kept apart, is what was sealed, or was erased with their data.
    """

    link: ChainLink
    previous_hash: str
    content: Mapping[str, str | int | None]
    has_its_texts: bool = True


@dataclass(frozen=True, slots=True)
class ChainBreak:
    """The first position at which the chain is not as it was written: `missing`, `changed` or `relinked`."""

    position: int
    reason: str


def next_link(last: ChainLink, content: Mapping[str, str | int | None]) -> ChainLink:
    """Return the link of an entry that follows `last`; `content` has `HASHED_FIELDS`, `at` as text in UTC."""
    position = last.position + 1
    hashed = [last.hash, position, *(content[name] for name in HASHED_FIELDS)]
    text = json.dumps(hashed, ensure_ascii=False, separators=(",", ":"))
    return ChainLink(position, hashlib.sha256(text.encode()).hexdigest())


def follow_chain(last: ChainLink, entries: Iterable[ChainedEntry]) -> ChainLink | ChainBreak:
    """Return the last link of entries, in order of position, that follow `last`; or where the chain breaks."""
    for entry in entries:
        if entry.link.position <= last.position:
            return ChainBreak(entry.link.position, "relinked")
        if entry.link.position != last.position + 1:
            return ChainBreak(last.position + 1, "missing")
        if entry.previous_hash != last.hash:
            return ChainBreak(entry.link.position, "relinked")
        if not entry.has_its_texts or entry.link != next_link(last, entry.content):
            return ChainBreak(entry.link.position, "changed")
        last = entry.link
    return last
