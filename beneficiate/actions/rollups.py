"""Roll-ups of the facts for reports: facts are added to them once, in the order of their ids.

Whoever adds holds a lock for the transaction, so that two processes never add the same facts.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date

import msgspec
from peewee import EXCLUDED, chunked

from beneficiate.actions.board import emit_board_outdated
from beneficiate.domain.facts import APPOINTMENT
from beneficiate.domain.metrics.rollups import Rollup, RollupKey, Rollups, roll_up
from beneficiate.models.base import database, is_postgresql, lock_number
from beneficiate.models.facts import Fact
from beneficiate.models.rollups import AppointmentRollup, FactAgent, FactRollup, RollupState
from beneficiate.queries.appointment_tallies import AppointmentKey, appointment_key, load_appointment_keys
from beneficiate.queries.rollups import STATE_ROW_ID, read_facts, read_rollup_rows, select_rolled_facts
from beneficiate.unit_of_work import UnitOfWork

FOLD_LOCK = 7_120_250_037
"""The number of the advisory lock of whoever changes roll-ups."""
FACTS_PER_FOLD = 500
ROWS_PER_STATEMENT = 1000
IDLE_TIMEOUT_MS = 60_000
"""For what is computed between the statements: 20,000 facts take a second of a core, and five on a busy machine."""


@dataclass(frozen=True, slots=True)
class FoldFacts:
    """Add facts to the roll-ups: those up to an id, all of which are committed, and not more than so many."""

    up_to_id: int
    limit: int = FACTS_PER_FOLD


def fold_facts(uow: UnitOfWork, command: FoldFacts) -> int:
    """Add the next facts to the roll-ups; return how many."""
    state = take_rollups()
    query = select_rolled_facts((Fact.id > state.folded_id) & (Fact.id <= command.up_to_id))
    columns = (Fact.id, Fact.appointment_id, Fact.starts_at, Fact.agent_name, Fact.agent_code)
    rows = list(read_facts(query.select_extend(*columns).order_by(Fact.id).limit(command.limit)))
    if not rows:
        return 0
    add_rollups(roll_up(fact for fact, _ in rows))
    steps = [
        (more[1], appointment_key(Fact.starts_at.python_value(more[2]), fact.detail, fact.agent_id))
        for fact, more in rows
        if fact.kind == APPOINTMENT
    ]
    _move_appointments(steps, state.folded_id)
    name_agents({fact.agent_id: (more[3], more[4]) for fact, more in rows if fact.agent_id})
    state.folded_id = rows[-1][1][0]
    state.newest_at = max([fact.at for fact, _ in rows] + ([state.newest_at] if state.newest_at else []))
    state.save(only=[RollupState.folded_id, RollupState.newest_at])
    return len(rows)


def store_rollup_check(uow: UnitOfWork, checked: tuple[date, date | None]) -> None:
    """Store that roll-ups were checked on a day, and which day was found to differ from its facts, if any."""
    state = take_rollups()
    state.checked_on, differing_day = checked
    # Stays until the roll-ups are made again, whatever is found of other days.
    state.differing_day = differing_day or state.differing_day
    state.save(only=[RollupState.checked_on, RollupState.differing_day])
    if differing_day is not None:
        emit_board_outdated(uow)


def take_rollups() -> RollupState:
    """Return how far the facts are in the roll-ups, which nobody else changes until the transaction ends.

    It may be idle for longer than others: only who changes roll-ups waits for it.
    """
    lock_number(FOLD_LOCK)
    if is_postgresql():
        database.execute_sql(f"SET LOCAL idle_in_transaction_session_timeout = {IDLE_TIMEOUT_MS}")
    RollupState.insert(id=STATE_ROW_ID).on_conflict_ignore().execute()
    state: RollupState = RollupState.get_by_id(STATE_ROW_ID)
    return state


def add_rollups(added: Rollups) -> None:
    """Add rows to those that there are."""
    stored = read_rollup_rows(FactRollup.fetch_by_keys(added))
    for key, rollup in stored.items():
        added[key].merge(rollup)
    FactRollup.replace_bulk(_rollup_row(key, rollup) for key, rollup in added.items())


def _rollup_row(key: RollupKey, rollup: Rollup) -> tuple[object, ...]:
    measures = rollup.measures
    by_hour = {hour: (one.count, one.total, one.greatest, one.buckets) for hour, one in rollup.hour_measures.items()}
    counts = (msgspec.json.encode(counts).decode() for counts in (measures.buckets, rollup.hours, by_hour))
    return (*key, rollup.times, measures.count, measures.total, measures.greatest, *counts)


def _move_appointments(steps: list[tuple[int, AppointmentKey | None]], folded_id: int) -> None:
    """Count appointments where their steps lead, and no longer where they were before."""
    if not steps:
        return
    now = load_appointment_keys({appointment_id for appointment_id, _ in steps}, Fact.id <= folded_id)
    changes: Counter[AppointmentKey] = Counter()
    for appointment_id, key in steps:
        before, now[appointment_id] = now.get(appointment_id), key
        for one, times in ((before, -1), (key, 1)):
            if one is not None:
                changes[one] += times
    rows = [(*key, times) for key, times in changes.items() if times]
    table = AppointmentRollup
    target = (table.day, table.detail, table.agent_id)
    for part in chunked(rows, ROWS_PER_STATEMENT):
        insert = table.insert_many(part, [*target, table.times])
        insert.on_conflict(conflict_target=target, update={table.times: table.times + EXCLUDED.times}).execute()


def name_agents(names: dict[int, tuple[str, str]]) -> None:
    """Store the names and codes of agents by their ids."""
    if names:
        table = FactAgent
        rows = [(agent_id, name, code) for agent_id, (name, code) in names.items()]
        update = {table.name: EXCLUDED.name, table.code: EXCLUDED.code}
        insert = table.insert_many(rows, [table.id, table.name, table.code])
        insert.on_conflict(conflict_target=[table.id], update=update).execute()
