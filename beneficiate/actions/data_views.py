"""Who of the staff opens the data of a member: recorded in the audit log, and shown to the member."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from peewee import ModelSelect, fn

from beneficiate.actions import audit
from beneficiate.domain.audit_kinds import VIEWED_AUDIT
from beneficiate.models.appointments import Appointment
from beneficiate.models.audit import AuditEntry
from beneficiate.models.base import lock_number
from beneficiate.models.chats import SUPPORT, Attachment, Chat
from beneficiate.models.data_requests import DataRequest
from beneficiate.unit_of_work import UnitOfWork

VIEWS_LOCK = 7_120_250_003
"""The number of the advisory lock of whoever records that data was opened, taken before that of the chain."""


@dataclass(frozen=True, slots=True)
class OpenedData:
    """What was opened: a part of `domain/audit_kinds.py`, and its subject, which says whose it is."""

    part: str
    subject: str


@dataclass(frozen=True, slots=True)
class OpenedChats:
    """Chats of which a list shows what was written: a comment of a rating, a message that a search found."""

    part: str
    chat_ids: frozenset[int]


def record_data_view(uow: UnitOfWork, opened: OpenedData) -> None:
    """Record that the actor opened the data of a member, once in an hour for each two of them: what came first.

    It runs after the data was read, in a thread of its own, so that opening a page waits neither for this nor for the
    chain of the audit log. It has no quota: what was read already is not left out because it was much. Without a member
    whom it concerns, as in a chat of two colleagues, nothing is recorded; nor are the actor's own data.
    """
    person_id = _find_person(opened.subject)
    if person_id is None or person_id == uow.actor.user_id or _is_recorded(uow, person_id):
        return
    # Two processes may record the same at this moment: the second one sees what the first has committed.
    lock_number(VIEWS_LOCK)
    if not _is_recorded(uow, person_id):
        _record(uow, opened, person_id)


def record_chat_views(uow: UnitOfWork, opened: OpenedChats) -> None:
    """Record that the actor read what was written in these chats, as `record_data_view` does, once for each member."""
    query = Chat.select(Chat.user, fn.MIN(Chat.id)).where(Chat.id.in_(opened.chat_ids), Chat.kind == SUPPORT)
    query = query.where(Chat.user != uow.actor.user_id)
    first = dict(query.group_by(Chat.user).order_by(Chat.user).tuples())
    _record_each(uow, opened.part, {person_id: f"chat:{chat_id}" for person_id, chat_id in first.items()})


def record_entry_views(uow: UnitOfWork, entry_ids: frozenset[int]) -> None:
    """Record that the actor read what was written in these entries of the audit log, once for each member."""
    entries = AuditEntry.select(AuditEntry.person_id, fn.MIN(AuditEntry.id)).where(AuditEntry.id.in_(entry_ids))
    entries = entries.where(AuditEntry.person_id != uow.actor.user_id).group_by(AuditEntry.person_id)
    first = dict(entries.order_by(AuditEntry.person_id).tuples())
    _record_each(uow, VIEWED_AUDIT, {person_id: f"audit:{entry_id}" for person_id, entry_id in first.items()})


def begin_of_hour(instant: datetime) -> datetime:
    """Return the beginning of the hour, which is the same in Bogotá as in UTC."""
    return instant.replace(minute=0, second=0, microsecond=0)


def _record_each(uow: UnitOfWork, part: str, subject_of: Mapping[int, str]) -> None:
    """Record that the actor opened this part of the data of these members, by whose id their subjects are."""
    if subject_of.keys() <= _find_recorded(uow, subject_of):
        return
    lock_number(VIEWS_LOCK)
    recorded = _find_recorded(uow, subject_of)
    for person_id, subject in subject_of.items():
        if person_id not in recorded:
            _record(uow, OpenedData(part, subject), person_id)


def _record(uow: UnitOfWork, opened: OpenedData, person_id: int) -> None:
    changes = {"part": (None, opened.part)}
    audit.record_act(uow, "people.view", opened.subject, changes=changes, person_id=person_id)


def _is_recorded(uow: UnitOfWork, person_id: int) -> bool:
    return bool(_select_recorded(uow, [person_id]).exists())


def _find_recorded(uow: UnitOfWork, person_ids: Iterable[int]) -> set[int]:
    return {person_id for (person_id,) in _select_recorded(uow, list(person_ids)).tuples()}


def _select_recorded(uow: UnitOfWork, person_ids: list[int]) -> ModelSelect:
    """Return those of these members whose data the actor has opened in this hour."""
    is_view = AuditEntry.person_id.in_(person_ids) & (AuditEntry.what == "people.view")
    is_now = (AuditEntry.actor_id == uow.actor.user_id) & (AuditEntry.at >= begin_of_hour(uow.now))
    return AuditEntry.select(AuditEntry.person_id).where(is_view, is_now)


def _find_person(subject: str) -> int | None:
    """Return the member whom a chat, an appointment, a file, an entry, a request or an account belongs to."""
    kind, _, rest = subject.partition(":")
    if kind == "user":
        return int(rest)
    if kind == "audit":
        return AuditEntry.select(AuditEntry.person_id).where(AuditEntry.id == int(rest)).scalar()  # type: ignore[no-any-return]
    if kind == "appointment":
        return Appointment.select(Appointment.user).where(Appointment.id == int(rest)).scalar()  # type: ignore[no-any-return]
    if kind == "request":
        return DataRequest.select(DataRequest.user).where(DataRequest.id == int(rest)).scalar()  # type: ignore[no-any-return]
    query = Chat.select(Chat.user).where(Chat.kind == SUPPORT)
    if kind == "file":
        query = query.where(Chat.id == Attachment.select(Attachment.chat).where(Attachment.id == rest))
    else:
        query = query.where(Chat.id == int(rest))
    return query.scalar()  # type: ignore[no-any-return]
