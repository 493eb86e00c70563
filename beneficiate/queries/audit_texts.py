"""The texts of entries of the audit log, which are kept apart from them."""

import json
from collections.abc import Iterable

from beneficiate.domain.audit_texts import REASON, are_texts_as_sealed, find_seals, put_values
from beneficiate.domain.erasures import ERASED_TEXT
from beneficiate.models.audit import AuditEntry, AuditText
from beneficiate.models.erasures import ERASED, ERASING, Erasure

EntryValues = tuple[dict[str, object], dict[str, object], str]
"""What was before, what came after, and the reason."""


def open_entries(rows: Iterable[AuditEntry]) -> dict[int, EntryValues]:
    """Return what entries say, by id, with the texts in their places; of one that was erased, that it was."""
    entries = list(rows)
    texts = _load_texts(entries)
    return {row.id: _open(row, texts.get(row.position)) for row in entries}


def find_broken_texts(rows: Iterable[AuditEntry]) -> set[int]:
    """Return the positions of entries whose texts are not those that were sealed.

    A text may be gone only where the data of its person were erased.
    """
    entries = [row for row in rows if row.person_id is not None]
    sealed = {row.position: (row.person_id, seals) for row in entries if (seals := _find_seals(row))}
    texts = _load_texts(row for row in entries if row.position in sealed)
    missing = {person_id for position, (person_id, _) in sealed.items() if position not in texts}
    is_gone = Erasure.user.in_(list(missing)) & Erasure.state.in_([ERASING, ERASED])
    erased = {user_id for (user_id,) in Erasure.select(Erasure.user).where(is_gone).tuples()} if missing else set()
    return {
        position
        for position, (person_id, seals) in sealed.items()
        if not (
            are_texts_as_sealed(seals, texts[position].salt, json.loads(texts[position].texts))
            if position in texts
            else person_id in erased
        )
    }


def _load_texts(entries: Iterable[AuditEntry]) -> dict[int, AuditText]:
    positions = [row.position for row in entries if row.person_id is not None and row.position is not None]
    found = AuditText.select().where(AuditText.position.in_(positions)) if positions else ()
    return {row.position: row for row in found}


def _open(row: AuditEntry, text: AuditText | None) -> EntryValues:
    before, after, reason = json.loads(row.before), json.loads(row.after), row.reason
    if row.person_id is None:
        return before, after, reason
    texts = json.loads(text.texts) if text else {}
    shown = {place: texts.get(place, ERASED_TEXT) for place in find_seals(before, after, reason)}
    return put_values("before", before, shown), put_values("after", after, shown), shown.get(REASON, reason)


def _find_seals(row: AuditEntry) -> dict[str, str]:
    return find_seals(json.loads(row.before), json.loads(row.after), row.reason)
