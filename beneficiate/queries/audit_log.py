"""The audit log for supervisors: filters as they are typed, a page of entries, one entry."""

from collections import defaultdict
from collections.abc import Callable

from peewee import ModelSelect

from beneficiate.domain.audit_kinds import describe_kind
from beneficiate.domain.audit_texts import find_texts
from beneficiate.domain.erasures import ERASED_TEXT
from beneficiate.errors import NotFound
from beneficiate.models.accounts import Agent, User
from beneficiate.models.appointments import Appointment
from beneficiate.models.audit import AuditEntry, AuditState
from beneficiate.models.call_centre import Topic
from beneficiate.models.payments import Plan
from beneficiate.models.professionals import Professional, Specialty
from beneficiate.queries.audit_chain import find_last_link
from beneficiate.queries.audit_filters import FoundFilters, audit_conditions
from beneficiate.queries.audit_texts import EntryValues, open_entries
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.audit_changes import RecordedChanges, ReferredNames
from beneficiate.views.audit_log import (
    AuditedPerson,
    AuditEntryView,
    AuditList,
    ChainStatus,
    TypedFilters,
    describe_audit_actor,
    describe_subject,
    subject_path,
)
from beneficiate.views.member_panel import MemberContact

ENTRIES_PER_PAGE = 50
_NAMED_FIELDS = ("agent", "assignee", "professional", "topic")
_NAMED_SUBJECTS = ("agent", "appointment", "plan", "professional", "specialty", "topic", "user")
_NAMES: dict[str, Callable[[], ModelSelect]] = {
    "agent": lambda: Agent.select(Agent.id, User.first_name, User.last_name).join(User),
    "appointment": lambda: Appointment.select(Appointment.id, Appointment.ticket_number),
    "assignee": lambda: User.select(User.id, User.first_name, User.last_name),
    "plan": lambda: Plan.select(Plan.id, Plan.name),
    "professional": lambda: Professional.select(Professional.id, Professional.first_name, Professional.last_name),
    "specialty": lambda: Specialty.select(Specialty.id, Specialty.name),
    "topic": lambda: Topic.select(Topic.id, Topic.name),
    "user": lambda: User.select(User.id, User.first_name, User.last_name),
}
"""How the names of ids are read, by the field or the subject that has them."""


def load_audit_list(uow: UnitOfWork, query: tuple[TypedFilters, FoundFilters]) -> AuditList:
    """Return 50 entries that match, the newest first."""
    typed, found = query
    rows = list_audit_rows(found, ENTRIES_PER_PAGE + 1)
    shown = rows[:ENTRIES_PER_PAGE]
    before = shown[-1].id if len(rows) > len(shown) else None
    return AuditList(typed, describe_entries(shown), before, is_first=found.before is None)


def load_audit_entry(uow: UnitOfWork, entry_id: int) -> AuditEntryView:
    """Return one entry with everything that it has. Raises NotFound."""
    row = AuditEntry.get_or_none(AuditEntry.id == entry_id)
    if row is None:
        raise NotFound("No encontramos ese registro.")
    return describe_entries([row], shows_private=True)[0]


def load_chain_status(uow: UnitOfWork) -> ChainStatus:
    """Return how far a job has verified the chain; nothing is verified here."""
    row, end = AuditState.get_or_none() or AuditState(), find_last_link(uow)
    return ChainStatus(row.position, row.verified_at, row.broken_position, row.broken_reason, end.position)


def list_audit_rows(found: FoundFilters, limit: int) -> list[AuditEntry]:
    """Return the entries that match, the newest first."""
    where = list(audit_conditions(found))
    query = AuditEntry.select().where(*where) if where else AuditEntry.select()
    return list(query.order_by(AuditEntry.id.desc()).limit(limit))


def count_audit_rows(found: FoundFilters, limit: int) -> int:
    """Return how many entries match, `limit` at most."""
    where = list(audit_conditions(found))
    query = AuditEntry.select(AuditEntry.id)
    return int((query.where(*where) if where else query).limit(limit).count())


def describe_entries(rows: list[AuditEntry], *, shows_private: bool = False) -> list[AuditEntryView]:
    """Return entries as the page shows them, with the names of what they refer to as they are now."""
    opened = open_entries(rows)
    changes = {row_id: (before, after) for row_id, (before, after, _) in opened.items()}
    names = _load_names(rows, [one for pair in changes.values() for one in pair])
    persons = _load_persons({row.person_id for row in rows if row.person_id is not None})
    return [
        AuditEntryView(
            entry_id=row.id,
            position=row.position,
            at=row.at,
            actor=describe_audit_actor(row.actor_id, row.actor_name, row.actor_role),
            kind=describe_kind(row.what, changes[row.id][1]),
            code=row.what,
            subject=describe_subject(row.subject, names),
            subject_path=subject_path(row.subject),
            person=persons.get(row.person_id),
            changes=RecordedChanges(*changes[row.id], names, row.subject).describe(shows_private=shows_private),
            reason=opened[row.id][2],
            address=row.address,
            request_id=row.request_id,
            hash=row.hash,
            previous_hash=row.previous_hash,
            has_words=_has_words(row, opened[row.id], shows_private=shows_private),
        )
        for row in rows
    ]


def _has_words(row: AuditEntry, values: EntryValues, *, shows_private: bool) -> bool:
    """Return whether what an entry shows has words of people about a member, which nobody erased.

    The reasons of a job are sentences of ours.
    """
    if row.person_id is None or row.actor_id is None:
        return False
    texts = find_texts(*values).items()
    return any(text != ERASED_TEXT and (shows_private or not place.endswith(".message")) for place, text in texts)


def _load_persons(user_ids: set[int]) -> dict[int | None, AuditedPerson]:
    columns = (User.id, User.first_name, User.last_name, User.document_type, User.document_number, User.email)
    users = User.select(*columns, User.phone).where(User.id.in_(user_ids)) if user_ids else []
    return {user.id: AuditedPerson(user.id, user.name, MemberContact.from_user(user).mask().document) for user in users}


def _load_names(rows: list[AuditEntry], changes: list[dict[str, object]]) -> ReferredNames:
    """Return the names of what entries refer to by id."""
    wanted: defaultdict[str, set[int]] = defaultdict(set)
    for columns in changes:
        for name in _NAMED_FIELDS:
            if isinstance(number := columns.get(name), int):
                wanted[name].add(number)
    for row in rows:
        kind, _, rest = row.subject.partition(":")
        if kind in _NAMED_SUBJECTS and rest.isascii() and rest.isdecimal():
            wanted[kind].add(int(rest))
    return {
        (name, row[0]): " ".join(row[1:]) for name, ids in wanted.items() for row in _select_named(name, ids).tuples()
    }


def _select_named(name: str, ids: set[int]) -> ModelSelect:
    query = _NAMES[name]()
    return query.where(query.model.id.in_(ids))
