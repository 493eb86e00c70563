"""Roll-ups of the facts for reports: facts are added to them once, in the order of their ids.

Whoever adds holds a lock for the transaction, so that two processes never add the same facts.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date

import msgspec
from peewee import EXCLUDED, chunked, fn

from beneficiate.domain.facts import APPOINTMENT
from beneficiate.domain.metrics.rollups import RolledFact, Rollup, RollupKey, Rollups, roll_up
from beneficiate.models.base import lock_number
from beneficiate.models.facts import Fact
from beneficiate.models.rollups import AppointmentRollup, FactAgent, FactRollup, RollupState
from beneficiate.queries.appointment_tallies import AppointmentKey, appointment_key, load_appointment_keys
from beneficiate.queries.rollups import STATE_ROW_ID, read_rollup_rows
from beneficiate.unit_of_work import UnitOfWork

FOLD_LOCK = 7_120_250_037
"""The number of the advisory lock of whoever changes roll-ups."""
FACTS_PER_FOLD = 500
ROWS_PER_STATEMENT = 1000


@dataclass(frozen=True, slots=True)
class FoldFacts:
    """Add facts to the roll-ups: those up to an id, all of which are committed, and not more than so many."""

    up_to_id: int
    limit: int = FACTS_PER_FOLD


def fold_facts(uow: UnitOfWork, command: FoldFacts) -> int:
    """Add the next facts to the roll-ups; return how many."""
    lock_number(FOLD_LOCK)
    state = _get_state()
    columns = (Fact.at, Fact.kind, Fact.detail, Fact.agent_id, Fact.topic, fn.COALESCE(Fact.duration_s, Fact.value))
    query = Fact.select(*columns, Fact.id, Fact.appointment_id, Fact.starts_at, Fact.agent_name, Fact.agent_code)
    is_next = (Fact.id > state.folded_id) & (Fact.id <= command.up_to_id)
    rows = list(query.where(is_next).order_by(Fact.id).limit(command.limit).tuples())
    if not rows:
        return 0
    facts = [RolledFact(*row[:6]) for row in rows]
    _add_rollups(roll_up(facts))
    steps = [
        (row[7], appointment_key(row[8], fact.detail, fact.agent_id))
        for row, fact in zip(rows, facts, strict=True)
        if fact.kind == APPOINTMENT
    ]
    _move_appointments(steps, state.folded_id)
    _name_agents({fact.agent_id: row[9:11] for row, fact in zip(rows, facts, strict=True) if fact.agent_id})
    state.folded_id = rows[-1][6]
    state.newest_at = max([fact.at for fact in facts] + ([state.newest_at] if state.newest_at else []))
    state.save(only=[RollupState.folded_id, RollupState.newest_at])
    return len(rows)


def empty_rollups(uow: UnitOfWork) -> None:
    """Delete all roll-ups, so that they are made again. Meanwhile reports are read from the facts."""
    lock_number(FOLD_LOCK)
    state = _get_state()
    FactRollup.delete().execute()
    AppointmentRollup.delete().execute()
    FactAgent.delete().execute()
    state.folded_id, state.newest_at, state.differing_day = 0, None, None
    state.save()


def store_rollup_check(uow: UnitOfWork, checked: tuple[date, date | None]) -> None:
    """Store that roll-ups were checked on a day, and which day was found to differ from its facts, if any."""
    lock_number(FOLD_LOCK)
    state = _get_state()
    state.checked_on, differing_day = checked
    # Stays until the roll-ups are made again, whatever is found of other days.
    state.differing_day = differing_day or state.differing_day
    state.save(only=[RollupState.checked_on, RollupState.differing_day])


def _get_state() -> RollupState:
    RollupState.insert(id=STATE_ROW_ID).on_conflict_ignore().execute()
    state: RollupState = RollupState.get_by_id(STATE_ROW_ID)
    return state


def _add_rollups(added: Rollups) -> None:
    stored = read_rollup_rows(FactRollup.fetch_by_keys(added))
    for key, rollup in stored.items():
        added[key].merge(rollup)
    FactRollup.replace_bulk(_rollup_row(key, rollup) for key, rollup in added.items())


def _rollup_row(key: RollupKey, rollup: Rollup) -> tuple[object, ...]:
    measures = rollup.measures
    counts = (msgspec.json.encode(counts).decode() for counts in (measures.buckets, rollup.hours))
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


def _name_agents(names: dict[int, tuple[str, str]]) -> None:
    if names:
        table = FactAgent
        rows = [(agent_id, name, code) for agent_id, (name, code) in names.items()]
        update = {table.name: EXCLUDED.name, table.code: EXCLUDED.code}
        insert = table.insert_many(rows, [table.id, table.name, table.code])
        insert.on_conflict(conflict_target=[table.id], update=update).execute()
