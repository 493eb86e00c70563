"""The texts of entries of the audit log, which are kept apart from them."""

import json
from collections.abc import Iterable, Sequence

from peewee import ModelSelect

from beneficiate.domain.audit_texts import REASON, are_texts_as_sealed, find_seals, put_values
from beneficiate.domain.erasures import ERASED_TEXT
from beneficiate.models.audit import AuditEntry, AuditText
from beneficiate.models.chats import Chat, Message
from beneficiate.models.erasures import ERASED, ERASING, Erasure

_CHAT, _MESSAGE = "chat:", "message:"
EntryValues = tuple[dict[str, object], dict[str, object], str]
"""What was before, what came after, and the reason."""


def open_entries(rows: Iterable[AuditEntry]) -> dict[int, EntryValues]:
    """Return what entries say, by id, with the texts in their places; of one that was erased, that it was."""
    entries = list(rows)
    texts = _load_texts(entries)
    return {row.id: _open(row, texts.get(row.position)) for row in entries}


def find_broken_texts(rows: Iterable[AuditEntry]) -> set[int]:
    """Return the positions of entries whose texts are not those that were sealed.

    A text may be gone only where the data of its person were erased, or its chat was kept long enough and cleared.
    """
    entries = [row for row in rows if row.person_id is not None]
    sealed = {row.position: seals for row in entries if (seals := _find_seals(row))}
    texts = _load_texts(row for row in entries if row.position in sealed)
    gone = [row for row in entries if row.position in sealed and row.position not in texts]
    changed = {
        position
        for position, text in texts.items()
        if not are_texts_as_sealed(sealed[position], text.salt, json.loads(text.texts))
    }
    return changed | (_find_missing(gone) if gone else set())


def list_audited_subjects(chat_id: int) -> list[str]:
    """Return the subjects of the entries that have words of a chat: the chat, and its messages that were recalled."""
    recalled = Message.select(Message.id).where(Message.chat == chat_id, Message.recalled_at.is_null(False))
    return [f"{_CHAT}{chat_id}", *(f"{_MESSAGE}{message_id}" for (message_id,) in recalled.tuples())]


def select_positions(subjects: Sequence[str]) -> ModelSelect:
    """Return the positions of the entries about these subjects."""
    return AuditEntry.select(AuditEntry.position).where(AuditEntry.subject.in_(list(subjects)))


def _find_missing(gone: Sequence[AuditEntry]) -> set[int]:
    """Return the positions of those entries without their texts whose texts should be there."""
    people = [row.person_id for row in gone]
    is_gone = Erasure.user.in_(people) & Erasure.state.in_([ERASING, ERASED])
    erased = {user_id for (user_id,) in Erasure.select(Erasure.user).where(is_gone).tuples()}
    chats, messages = _find_ids(gone, _CHAT), _find_ids(gone, _MESSAGE)
    of_messages = Message.select(Message.id).join(Chat).where(Message.id.in_(messages), Chat.cleared_at.is_null(False))
    of_chats = Chat.select(Chat.id).where(Chat.id.in_(chats), Chat.cleared_at.is_null(False))
    cleared = {f"{_CHAT}{id_}" for (id_,) in of_chats.tuples()} | {
        f"{_MESSAGE}{id_}" for (id_,) in of_messages.tuples()
    }
    return {row.position for row in gone if row.person_id not in erased and row.subject not in cleared}


def _find_ids(rows: Iterable[AuditEntry], prefix: str) -> list[int]:
    found = (row.subject.removeprefix(prefix) for row in rows if row.subject.startswith(prefix))
    return [int(number) for number in found if number.isdecimal()]


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
