"""The roll-ups of the reports made again from the facts, a day at a time, while reports go on reading them.

Each step puts the rows of one day instead of those that there were, and those of a month after its last day. How far
it is, is a row: what was interrupted goes on from there.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from peewee import fn

from beneficiate.actions.board import emit_board_outdated
from beneficiate.actions.rollups import add_rollups, name_agents, take_rollups
from beneficiate.domain.metrics.rollups import NOBODY, Grain, merge_days, roll_up
from beneficiate.formatting import bogota_date
from beneficiate.models.facts import Fact
from beneficiate.models.rollups import AppointmentRollup, FactRollup, RollupState
from beneficiate.queries.local_time import extract_day
from beneficiate.queries.rollup_plans import list_topics
from beneficiate.queries.rollups import (
    MAX_HORIZON,
    ROLLED_KINDS,
    day_of_bogota,
    load_day_rollups,
    read_facts,
    select_facts_of_day,
)
from beneficiate.unit_of_work import UnitOfWork

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RebuiltDay:
    """Of how many facts a day was made again, and whether it was the last one."""

    facts: int
    is_last: bool


def rebuild_next_day(uow: UnitOfWork) -> RebuiltDay:
    """Make the roll-ups of the next day again from the facts that they have; the first day if none was made yet."""
    state = take_rollups()
    bounds = _find_days()
    if bounds is None or not state.folded_id:
        _end_rebuild(uow, state)
        return RebuiltDay(0, is_last=True)
    first, last = bounds
    if state.rebuilt_until is None:
        _delete_outside(first, last, state.facts_since)
        _rebuild_appointments(state)
    day = state.rebuilt_until or first
    facts = _rebuild_day(day, state.folded_id)
    if day >= last or (day + ONE_DAY).day == 1:
        _rebuild_month(day.replace(day=1))
    if day >= last:
        _end_rebuild(uow, state)
    else:
        state.rebuilt_until = day + ONE_DAY
        state.save(only=[RollupState.rebuilt_until])
    return RebuiltDay(facts, is_last=day >= last)


def _end_rebuild(uow: UnitOfWork, state: RollupState) -> None:
    if state.differing_day is not None:
        emit_board_outdated(uow)
    state.rebuilt_until = state.differing_day = None
    state.save(only=[RollupState.rebuilt_until, RollupState.differing_day])


def _find_days() -> tuple[date, date] | None:
    """Return the days of the first and the last fact; None without any."""
    found: list[date] = []
    # Kind by kind, so that each is one step in the index.
    for kind in ROLLED_KINDS:
        bounds = Fact.select(fn.MIN(Fact.at), fn.MAX(Fact.at)).where(Fact.kind == kind).tuples().get()
        found += [bogota_date(one) for one in bounds if one is not None]
    return (min(found), max(found)) if found else None


def _delete_outside(first: date, last: date, facts_since: date | None) -> None:
    """Delete rows of days and months that have no facts, and had none before some were detached."""
    day, grain = FactRollup.day, FactRollup.grain
    is_ours = day >= (facts_since or date.min)
    FactRollup.delete().where(is_ours & ((day < first.replace(day=1)) | (day > last))).execute()
    FactRollup.delete().where(is_ours & (grain == Grain.DAY.value) & (day < first)).execute()


def _rebuild_day(day: date, folded_id: int) -> int:
    query = select_facts_of_day(day, folded_id).select_extend(Fact.agent_name, Fact.agent_code)
    rows = list(read_facts(query.order_by(Fact.id)))
    FactRollup.delete().where((FactRollup.grain == Grain.DAY.value) & (FactRollup.day == day)).execute()
    add_rollups({key: one for key, one in roll_up(fact for fact, _ in rows).items() if key.grain == Grain.DAY.value})
    name_agents({fact.agent_id: (name, code) for fact, (name, code) in rows if fact.agent_id})
    return len(rows)


def _rebuild_month(month: date) -> None:
    FactRollup.delete().where((FactRollup.grain == Grain.MONTH.value) & (FactRollup.day == month)).execute()
    # Topic by topic: PostgreSQL ends a transaction that computes for five seconds without a statement.
    for topic in list_topics(Grain.DAY):
        add_rollups(merge_days(load_day_rollups(month, FactRollup.topic == topic)))


def _rebuild_appointments(state: RollupState) -> None:
    """Count the appointments again by their last steps; those whose steps may be detached stay as they are."""
    table, step = AppointmentRollup, Fact.alias()
    since = state.facts_since + MAX_HORIZON if state.facts_since else date.min
    is_known = step.appointment_id.is_null(False) & (step.id <= state.folded_id)
    last = step.select(fn.MAX(step.id)).where(is_known).group_by(step.appointment_id)
    key = [extract_day(Fact.starts_at), Fact.detail, fn.COALESCE(Fact.agent_id, NOBODY)]
    is_rebuilt = Fact.starts_at >= day_of_bogota(since)[0] if state.facts_since else Fact.starts_at.is_null(False)
    counted = Fact.select(*key, fn.COUNT(Fact.id)).where(Fact.id.in_(last), is_rebuilt)
    table.delete().where(table.day >= since).execute()
    table.insert_from(counted.group_by(*key), [table.day, table.detail, table.agent_id, table.times]).execute()
