"""The import of the database of the old service: table by table, in parts, each of which is stored as a whole.

A run that was interrupted goes on where it was, since what is stored is known by `imported_rows` and the keys of ours.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import tzinfo
from itertools import count
from operator import itemgetter

from beneficiate.actions.legacy_imports import LegacyPart, import_legacy_rows, record_legacy_import
from beneficiate.clients import legacy_tables
from beneficiate.clients.legacy_database import LegacyDatabase
from beneficiate.domain.legacy import bookings, conversations, people, products, professionals, purchases
from beneficiate.domain.legacy.plans import REFUSED, ImportContext, ImportIndex, ImportOutcome, OldRow, Plan, plan_each
from beneficiate.queries.legacy_imports import build_import_context, load_legacy_index
from beneficiate.store import Store
from beneficiate.unit_of_work import UnitOfWork

ROWS_PER_PART = 500
"""With a thousand messages each transaction takes 50 ms: others wait for no row and no writer for long."""
MESSAGES_PER_PART = 1000


@dataclass(frozen=True, slots=True)
class ImportStep:
    """A table of the old service: how its rows are read and what they become.

    Rows with the same `group` are in one part, since they belong together.
    """

    read: Callable[[LegacyDatabase], Iterator[OldRow]]
    plan: Plan
    group: str = "id"
    rows_per_part: int = ROWS_PER_PART


def _read_chats_of(table: str) -> Callable[[LegacyDatabase], Iterator[OldRow]]:
    return lambda old: legacy_tables.read_chats(old, table)


def _read_messages_without_chat(table: str) -> Callable[[LegacyDatabase], Iterator[OldRow]]:
    return lambda old: legacy_tables.read_messages_without_chat(old, table)


STEPS = (
    ImportStep(legacy_tables.read_townships, plan_each(people.TOWNSHIPS, people.plan_township)),
    ImportStep(legacy_tables.read_plans, plan_each(products.PLANS, products.plan_plan)),
    ImportStep(legacy_tables.read_users, plan_each(people.USERS, people.plan_user)),
    ImportStep(legacy_tables.read_agents, people.plan_agents, "user_id"),
    ImportStep(legacy_tables.read_beneficiaries, plan_each(people.BENEFICIARIES, people.plan_beneficiary)),
    ImportStep(legacy_tables.read_payments, purchases.plan_purchases, "user_id"),
    ImportStep(legacy_tables.read_transactions, plan_each(purchases.TRANSACTIONS, purchases.plan_transaction)),
    ImportStep(legacy_tables.read_running_plans, plan_each(purchases.RUNNING_PLANS, purchases.check_running_plan)),
    ImportStep(legacy_tables.read_specialties, plan_each(professionals.SPECIALTIES, professionals.plan_specialty)),
    ImportStep(
        legacy_tables.read_professionals, plan_each(professionals.PROFESSIONALS, professionals.plan_professional)
    ),
    ImportStep(legacy_tables.read_appointments, plan_each(bookings.APPOINTMENTS, bookings.plan_appointment)),
)
CHAT_STEPS = tuple(
    ImportStep(_read_chats_of(table), conversations.plan_chat_parts(table), "", MESSAGES_PER_PART)
    for table in conversations.MESSAGES_OF
)
LOST_MESSAGE_STEPS = tuple(
    ImportStep(_read_messages_without_chat(table), conversations.refuse_messages_without_chat(table))
    for table in conversations.MESSAGES_OF
)
JOINED_TABLES = (
    "departments",
    "call_assignments",
    *legacy_tables.AVAILABILITY_TABLES,
    *legacy_tables.SPECIALTY_TABLES,
)
"""The tables that are read with others."""
IMPORTED_TABLES = (
    *(people.TOWNSHIPS, products.PLANS, people.USERS, people.AGENTS, people.BENEFICIARIES),
    *(purchases.PAYMENTS, purchases.TRANSACTIONS, professionals.SPECIALTIES, professionals.PROFESSIONALS),
    *(bookings.APPOINTMENTS, *JOINED_TABLES),
    *conversations.MESSAGES_OF,
    *conversations.MESSAGES_OF.values(),
)
"""The tables that are read; of the others it is said how many rows stay there."""


PROGRESS_TABLES = tuple(table for table in IMPORTED_TABLES if table not in JOINED_TABLES)
"""The tables whose rows a run goes through one by one."""


TABLE_OF_RECORD = {
    people.AGENTS: "agents",
    purchases.TRANSACTIONS: "payments",
    professionals.SPECIALTIES: "specialties",
    professionals.PROFESSIONALS: "professionals",
    bookings.APPOINTMENTS: "appointments",
    **dict.fromkeys((*conversations.MESSAGES_OF, *conversations.MESSAGES_OF.values()), "chats"),
}
"""The table of ours with the record that a row becomes, or that has it, where it has another name than the old one."""


@dataclass(slots=True)
class ImportReport:
    """How many rows of each table became what, how many lost something, and how many rows are not imported at all."""

    results: Counter[tuple[str, str]] = field(default_factory=Counter)
    losses: Counter[str] = field(default_factory=Counter)
    left_behind: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LegacyImport:
    """An import: from where, into which store, whether it only says what it would do, and who is told of each row.

    `on_outcome` gets what rows became, with the id of the record of ours: None if there is none, and below zero for one
    that a run which only says so would make. `on_progress` gets how many rows were done.
    """

    old: LegacyDatabase
    store: Store
    zone: tzinfo
    is_dry_run: bool
    on_outcome: Callable[[ImportOutcome, int | str | None], None]
    on_progress: Callable[[int], None]

    async def run(self) -> ImportReport:
        """Import everything, or say what would become of it. Raises LegacyUnavailable and what the store raises."""
        report = ImportReport(left_behind=self.count_left_behind())
        index = await self.store.read(load_legacy_index)
        for step in STEPS:
            await self._run_step(step, index, report)
        chosen = await self.store.read(self._choose_open_chats, index)
        index.put("open_chats", "", chosen)
        index.keep()
        for step in (*CHAT_STEPS, *LOST_MESSAGE_STEPS):
            await self._run_step(step, index, report)
        if not self.is_dry_run:
            await self.store.run(record_legacy_import)
        return report

    def count_left_behind(self) -> dict[str, int]:
        """Return how many rows each table has that is not imported."""
        return {table: self.old.count_rows(table) for table in sorted(self.old.columns) if table not in IMPORTED_TABLES}

    async def _run_step(self, step: ImportStep, index: ImportIndex, report: ImportReport) -> None:
        for rows in split_into_parts(step.read(self.old), step.group, step.rows_per_part):
            part = LegacyPart(step.plan, rows, index, self.zone)
            if self.is_dry_run:
                outcomes = await self.store.read(plan_legacy_rows, part)
            else:
                outcomes = await self.store.run(import_legacy_rows, part)
            index.keep()
            self._add(outcomes, index, report)

    def _add(self, outcomes: Iterable[ImportOutcome], index: ImportIndex, report: ImportReport) -> None:
        done = 0
        for outcome in outcomes:
            count = len(outcome.each_id)
            report.results[outcome.table, outcome.result] += count
            done += count
            if outcome.reason:
                report.losses[outcome.table] += outcome.result != REFUSED
            self.on_outcome(outcome, find_record(outcome, index))
        self.on_progress(done)

    def _choose_open_chats(self, uow: UnitOfWork, index: ImportIndex) -> set[tuple[str, str]]:
        context = ImportContext(index, lambda table: 0, self.zone, uow.now)
        return conversations.choose_open_chats(legacy_tables.read_open_chats(self.old), context)


def find_record(outcome: ImportOutcome, index: ImportIndex) -> int | str | None:
    """Return the id of the record of ours that rows became, or that has them; None if there is none (any more)."""
    key = outcome.holder or (outcome.table, outcome.old_id)
    return None if outcome.result == REFUSED else index.get(*key) or None


_made_up_ids = count(-1, -1)


def plan_legacy_rows(uow: UnitOfWork, part: LegacyPart) -> list[ImportOutcome]:
    """Return what would become of the rows of a part; nothing is stored, and new rows get ids below zero."""
    part.index.begin()
    context = build_import_context(uow, part.index, lambda table: next(_made_up_ids), part.zone)
    return list(part.plan(part.rows, context))


def split_into_parts(rows: Iterable[OldRow], group: str, size: int) -> Iterator[list[OldRow]]:
    """Yield rows in parts of about `size`; those with the same `group`, one after the other, stay together."""
    part: list[OldRow] = []
    key = itemgetter(group) if group else None
    for row in rows:
        if len(part) >= size and (key is None or key(row) != key(part[-1])):
            yield part
            part = []
        part.append(row)
    if part:
        yield part
