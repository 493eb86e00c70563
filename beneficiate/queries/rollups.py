"""How far facts may be rolled up, and whether roll-ups are what their facts say."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import msgspec
from peewee import Expression, ModelSelect, fn

from beneficiate.domain.facts import APPOINTMENT
from beneficiate.domain.metrics.measures import Measures
from beneficiate.domain.metrics.rollups import (
    EVERY_AGENT,
    EVERY_TOPIC,
    Grain,
    RolledFact,
    Rollup,
    RollupKey,
    Rollups,
    roll_up,
)
from beneficiate.formatting import BOGOTA, bogota_date
from beneficiate.models.base import Row, database, is_postgresql
from beneficiate.models.facts import Fact
from beneficiate.models.rollups import FactRollup, RollupState
from beneficiate.unit_of_work import UnitOfWork

STATE_ROW_ID = 1
MAX_SNAPSHOT_TRIES = 3
_WRITERS = (
    "SELECT DISTINCT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND relation = 'facts'::regclass "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND mode = 'RowExclusiveLock' AND pid <> pg_backend_pid()"
)
decode_counts = msgspec.json.Decoder(dict[int, int]).decode


@dataclass(frozen=True, slots=True)
class FoldBound:
    """The greatest id that a fact has, and the transactions that may still commit facts with smaller ones."""

    fact_id: int
    writers: frozenset[str]


def find_fold_bound(uow: UnitOfWork) -> FoldBound:
    """Return how far facts may be rolled up once the transactions that write now have ended.

    Ids are given before a commit, so a greater one may be seen earlier. Whoever has taken an id holds the lock of a
    writer on the table since before that and until its facts are seen. So the id is read first, then who holds it.
    The id is 0 while there are no facts to roll up.
    """
    if not Fact.select(Fact.id).where(Fact.id > load_rollup_state().folded_id).exists():
        return FoldBound(0, frozenset())
    if not is_postgresql():
        return FoldBound(Fact.select(fn.MAX(Fact.id)).scalar() or 0, frozenset())
    (last_id,) = database.execute_sql("SELECT last_value FROM facts_id_seq").fetchone()
    return FoldBound(last_id, _list_writers())


def list_remaining_writers(uow: UnitOfWork, bound: FoldBound) -> frozenset[str]:
    """Return those of the transactions that have not ended."""
    return bound.writers & _list_writers() if bound.writers else bound.writers


def _list_writers() -> frozenset[str]:
    return frozenset(row[0] for row in database.execute_sql(_WRITERS).fetchall())


def load_rollup_state() -> RollupState:
    """Return how far the facts are in the roll-ups."""
    return RollupState.get_or_none(RollupState.id == STATE_ROW_ID) or RollupState()


def select_rolled_facts(*conditions: Expression) -> ModelSelect:
    """Return the query for what roll-ups have of facts."""
    measure = fn.COALESCE(Fact.duration_s, Fact.value)
    return Fact.select(Fact.at, Fact.kind, Fact.detail, Fact.agent_id, Fact.topic, measure).where(*conditions)


def read_rollup_rows(rows: Iterable[Row]) -> Rollups:
    """Return rows by their keys, as `FactRollup.fetch_by_keys` has them."""
    return {_read_key(row): read_rollup(*row[6:]) for row in rows}


def read_rollup(
    times: int, measured: int, total: int, greatest: int | None, buckets: str = "{}", hours: str = "{}"
) -> Rollup:
    """Return what a row has of its facts; nothing of what was not read."""
    return Rollup(times, Measures(measured, total, greatest, decode_counts(buckets)), decode_counts(hours))


def _read_key(row: Row) -> RollupKey:
    grain, topic, agent_id, kind, day, detail = row[:6]
    return RollupKey(grain, topic, agent_id, kind, date.fromisoformat(day) if isinstance(day, str) else day, detail)


def day_of_bogota(day: date) -> tuple[datetime, datetime]:
    """Return when a day begins in Bogotá, and when the next one does."""
    start = datetime.combine(day, time(), BOGOTA)
    return start, start + timedelta(days=1)


def find_first_day() -> date | None:
    """Return the day of the first fact about a chat or a payment, from which on there are reports; None without any."""
    is_of_all = (FactRollup.topic == EVERY_TOPIC) & (FactRollup.agent_id == EVERY_AGENT)
    rolled = FactRollup.select(fn.MIN(FactRollup.day)).where(FactRollup.grain == Grain.DAY.value, is_of_all).scalar()
    newer = (
        Fact.select(fn.MIN(Fact.at)).where(Fact.id > load_rollup_state().folded_id, Fact.kind != APPOINTMENT).scalar()
    )
    return min((day for day in (rolled, newer and bogota_date(newer)) if day), default=None)


def find_days_to_check(uow: UnitOfWork) -> tuple[date, date] | None:
    """Return the first and the last whole day of facts; None without any, or when the last one was checked already."""
    first, last = find_first_day(), bogota_date(uow.now) - timedelta(days=1)
    checked_on = load_rollup_state().checked_on
    if first is None or last < first or (checked_on is not None and checked_on >= last):
        return None
    return first, last


def differs_from_facts(uow: UnitOfWork, day: date) -> bool:
    """Return whether the roll-ups of a day are not those of its facts, or those of its month not those of its days."""
    for _ in range(MAX_SNAPSHOT_TRIES):
        folded_id = load_rollup_state().folded_id
        differs = _differs(day, folded_id)
        # Rolled up meanwhile: compared anew.
        if not differs or load_rollup_state().folded_id == folded_id:
            return differs
    return False


def _differs(day: date, folded_id: int) -> bool:
    start, end = day_of_bogota(day)
    is_counted = (Fact.id <= folded_id) & (Fact.kind != APPOINTMENT)
    facts = select_rolled_facts(Fact.at >= start, Fact.at < end, is_counted)
    expected = roll_up(RolledFact(*row) for row in facts.tuples().iterator())
    month = day.replace(day=1)
    stored = _load_rollups(Grain.DAY, month, (month + timedelta(days=32)).replace(day=1))
    of_day = {key: one for key, one in stored.items() if key.day == day}
    if of_day != {key: one for key, one in expected.items() if key.grain == Grain.DAY.value}:
        return True
    together: Rollups = {}
    for key, one in stored.items():
        together.setdefault(key._replace(grain=Grain.MONTH.value, day=month), Rollup()).merge(one)
    return together != _load_rollups(Grain.MONTH, month, month + timedelta(days=1))


def _load_rollups(grain: Grain, first: date, end: date) -> Rollups:
    columns = [getattr(FactRollup, name) for name in (*RollupKey._fields, "times", "measured", "total", "greatest",
                                                      "buckets", "hours")]  # fmt: skip
    is_in_time = (FactRollup.grain == grain.value) & (FactRollup.day >= first) & (FactRollup.day < end)
    return read_rollup_rows(FactRollup.select(*columns).where(is_in_time).tuples())
