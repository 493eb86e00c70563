"""Importing rows of the old service: a part of them in one transaction, with what each became.

No event is emitted and, but for the appointments to come, no fact is recorded: what happened there is no figure of here
(docs/decisions/0045).
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from beneficiate.actions import audit
from beneficiate.domain.legacy.plans import ChangedRow, ImportIndex, ImportOutcome, OldRow, Plan
from beneficiate.models.accounts import Agent, Beneficiary, User
from beneficiate.models.appointments import Appointment, AppointmentChange, Reminder, Tick
from beneficiate.models.audit import AuditEntry
from beneficiate.models.base import BaseModel, database, instant_to_text, is_postgresql
from beneficiate.models.chats import Chat, Message
from beneficiate.models.facts import Fact
from beneficiate.models.imports import ImportedRow
from beneficiate.models.payments import Payment, PaymentTransaction, Subscription
from beneficiate.models.payments import Plan as PlanRow
from beneficiate.models.professionals import (
    AvailabilityBlock,
    Professional,
    ProfessionalSpecialty,
    Specialty,
)
from beneficiate.queries.legacy_imports import build_import_context, count_imported_rows
from beneficiate.unit_of_work import UnitOfWork

ID_CHUNK = 20
MESSAGES = "chat_lines"
_MODELS: dict[str, type[BaseModel]] = {
    "plans": PlanRow,
    "users": User,
    "agents": Agent,
    "beneficiaries": Beneficiary,
    "payments": Payment,
    "subscriptions": Subscription,
    "transactions": PaymentTransaction,
    "specialties": Specialty,
    "professionals": Professional,
    "professional_specialties": ProfessionalSpecialty,
    "availabilities": AvailabilityBlock,
    "appointments": Appointment,
    "appointment_changes": AppointmentChange,
    "ticks": Tick,
    "reminders": Reminder,
    "facts": Fact,
    "chats": Chat,
    MESSAGES: Message,
    "imported_rows": ImportedRow,
}
"""The tables that are written, each behind those that it refers to."""
_PLACES = {table: place for place, table in enumerate(_MODELS)}


@dataclass(frozen=True, slots=True)
class LegacyPart:
    """Rows of the old service, what they become, what is known, and the zone of their times."""

    plan: Plan
    rows: list[OldRow]
    index: ImportIndex
    zone: tzinfo


def import_legacy_rows(uow: UnitOfWork, part: LegacyPart) -> list[ImportOutcome]:
    """Import a part and return what became of its rows. The caller keeps what the index has learnt, once it is stored.

    The unit may run again after a conflict: then nothing is known of the first attempt.
    """
    part.index.begin()
    ids = _IdSource()
    context = build_import_context(uow, part.index, ids.take, part.zone)
    outcomes = list(part.plan(part.rows, context))
    _insert_all(outcomes, ids)
    _change_all(change for outcome in outcomes for change in outcome.changes)
    return outcomes


def record_legacy_import(uow: UnitOfWork) -> bool:
    """Record how many rows of the old service are here, as one act of the system, unless that is recorded already.

    The numbers are those of all runs together: one that was interrupted and goes on ends with the same entry.
    """
    counts = count_imported_rows(uow)
    last = AuditEntry.select(AuditEntry.after).where(AuditEntry.what == "legacy.import").order_by(AuditEntry.id.desc())
    if not counts or json.loads(last.scalar() or "{}") == counts:
        return False
    changes: dict[str, tuple[object, object]] = {name: (None, count) for name, count in sorted(counts.items())}
    audit.record_act(uow, "legacy.import", "import", changes=changes)
    return True


class _IdSource:
    """Ids of new rows: from the sequence of PostgreSQL, in SQLite those after the last, whose only writer we are."""

    def __init__(self) -> None:
        self._free: defaultdict[str, list[int]] = defaultdict(list)
        self._last: dict[str, int] = {}

    def take(self, table: str) -> int:
        """Return the next id of a table."""
        free = self._free[table]
        if not free:
            free.extend(reversed(self.take_many(table, ID_CHUNK)))
        return free.pop()

    def take_many(self, table: str, count: int) -> list[int]:
        """Return so many ids, in order."""
        if is_postgresql():
            sql = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
            return sorted(row[0] for row in database.execute_sql(sql, (table, count)).fetchall())
        if table not in self._last:
            sql = f"SELECT COALESCE(MAX(id), 0) FROM {table}"  # noqa: S608
            self._last[table] = database.execute_sql(sql).fetchone()[0]
        first = self._last[table] + 1
        self._last[table] += count
        return list(range(first, first + count))


def _insert_all(outcomes: list[ImportOutcome], ids: _IdSource) -> None:
    """Insert the rows of all outcomes, those of one table and the same columns in one statement."""
    rows: defaultdict[tuple[str, tuple[str, ...]], list[tuple[object, ...]]] = defaultdict(list)
    for outcome in outcomes:
        for new in outcome.inserts:
            rows[new.table, new.columns] += new.rows
    for (table, columns), values in sorted(rows.items(), key=lambda item: _PLACES[item[0][0]]):
        if not values:
            continue
        if table == MESSAGES:
            numbers = ids.take_many(table, len(values))
            values = [(number, *row[1:]) for number, row in zip(numbers, values, strict=True)]
        _MODELS[table].insert_bulk(columns, [tuple(map(_to_json, row)) for row in values], returning=columns[0])


def _change_all(changes: Iterable[ChangedRow]) -> None:
    for row_id, columns in changes:
        if isinstance(row_id, tuple):
            is_it = (ImportedRow.kind == row_id[0]) & (ImportedRow.old_id == row_id[1])
            ImportedRow.update(columns).where(is_it).execute()
        else:
            Chat.update(columns).where(Chat.id == row_id).execute()


def _to_json(value: object) -> object:
    """Return a value as `insert_bulk` takes it."""
    if isinstance(value, datetime):
        return instant_to_text(value)
    return value.isoformat() if isinstance(value, date) else value
