"""Where appointments are counted: on the day that they are on, with the status that their last fact gave them."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime

from peewee import Expression, chunked, fn

from beneficiate.domain.facts import APPOINTMENT
from beneficiate.domain.metrics.rollups import NOBODY
from beneficiate.formatting import bogota_date
from beneficiate.models.base import read_snapshot
from beneficiate.models.facts import Fact
from beneficiate.models.rollups import AppointmentRollup
from beneficiate.queries.metrics import FactSelection
from beneficiate.queries.rollups import MAX_HORIZON, RolledFacts, day_of_bogota, load_rollup_state
from beneficiate.unit_of_work import UnitOfWork

IDS_PER_QUERY = 1000
AppointmentKey = tuple[date, str, int]
"""The day of an appointment, its status and the agent who gave it; 0 is none of them."""


def count_appointments(
    selection: FactSelection, rolled: RolledFacts, *, by_day: bool = True
) -> Counter[AppointmentKey]:
    """Return how many appointments of the days of a selection are counted where; on the first of them unless `by_day`.

    Appointments with a fact that the roll-ups do not have, or one after the instant, are moved from where the roll-ups
    have them to where they were at that instant.
    """
    first, last = bogota_date(selection.starts_at), bogota_date(selection.until)
    counts = _load_counts(first, last, selection.agent_id, by_day=by_day)
    as_of = selection.as_of or selection.until
    moved = _find_moved(rolled, as_of)
    for known, step in ((Fact.id <= rolled.folded_id, -1), (Fact.at <= as_of, 1)):
        for key in load_appointment_keys(moved, known).values():
            if key is not None and first <= key[0] <= last and selection.agent_id in (None, key[2]):
                counts[key if by_day else (first, *key[1:])] += step
    return Counter({key: times for key, times in counts.items() if times})


def _load_counts(first: date, last: date, agent_id: int | None, *, by_day: bool) -> Counter[AppointmentKey]:
    """Return what the roll-ups have of these days; the database sums the days, which are most rows of a year."""
    table = AppointmentRollup
    conditions = [table.day >= first, table.day <= last, *([] if agent_id is None else [table.agent_id == agent_id])]
    key = [*([table.day] if by_day else []), table.detail, table.agent_id]
    counted = table.select(*key, fn.SUM(table.times).cast("BIGINT")).where(*conditions).group_by(*key)
    of_days = ((row if by_day else (first, *row)) for row in counted.tuples())
    return Counter({(day, detail, agent): times for day, detail, agent, times in of_days})


def appointments_differ(uow: UnitOfWork, day: date) -> bool:
    """Return whether the appointments that are counted on a day are not those that their last facts bring there.

    A day that an appointment may have come to by facts that are detached is not compared.
    """
    start, end = day_of_bogota(day)
    table = AppointmentRollup
    with read_snapshot():
        state = load_rollup_state()
        if state.facts_since is not None and day < state.facts_since + MAX_HORIZON:
            return False
        is_known = Fact.id <= state.folded_id
        came = (
            Fact.select(Fact.appointment_id).where(Fact.starts_at >= start, Fact.starts_at < end, is_known).distinct()
        )
        keys = load_appointment_keys([id_ for (id_,) in came.tuples()], is_known)
        stored = table.select(table.day, table.detail, table.agent_id, table.times).where(table.day == day)
        counts: Counter[AppointmentKey] = Counter({tuple(key): times for *key, times in stored.tuples()})
    # As equal counters: a row that counts nobody any more stays.
    return counts != Counter(key for key in keys.values() if key is not None and key[0] == day)


def load_appointment_keys(appointment_ids: Iterable[int], known: Expression) -> dict[int, AppointmentKey | None]:
    """Return where appointments are counted by the facts for which a condition is true; None without a time."""
    keys: dict[int, AppointmentKey | None] = {}
    for part in chunked(sorted(appointment_ids), IDS_PER_QUERY):
        last = Fact.select(fn.MAX(Fact.id)).where(Fact.appointment_id.in_(list(part)), known)
        columns = (Fact.appointment_id, Fact.starts_at, Fact.detail, Fact.agent_id)
        ids = [id_ for (id_,) in last.group_by(Fact.appointment_id).tuples()]
        for appointment_id, starts_at, detail, agent_id in Fact.select(*columns).where(Fact.id.in_(ids)).tuples():
            keys[appointment_id] = appointment_key(starts_at, detail, agent_id)
    return keys


def appointment_key(starts_at: datetime | None, detail: str, agent_id: int | None) -> AppointmentKey | None:
    """Return where a fact brings an appointment; None without a time."""
    return None if starts_at is None else (bogota_date(starts_at), detail, agent_id or NOBODY)


def _find_moved(rolled: RolledFacts, as_of: datetime) -> set[int]:
    """Return the ids of the appointments that the roll-ups may have elsewhere than they were at an instant."""
    ids = Fact.select(Fact.appointment_id).where(Fact.appointment_id.is_null(False), Fact.kind == APPOINTMENT)
    return {id_ for query in (ids.where(rolled.are_newer), ids.where(Fact.at > as_of)) for (id_,) in query.tuples()}
