"""How far facts may be rolled up, and whether roll-ups are what their facts say."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import msgspec
from peewee import Expression, ModelSelect, fn

from beneficiate.domain.dates import add_months
from beneficiate.domain.facts import APPOINTMENT, FACT_KINDS
from beneficiate.domain.metrics.measures import Measures
from beneficiate.domain.metrics.rollups import (
    EVERY_AGENT,
    EVERY_TOPIC,
    Grain,
    RolledFact,
    Rollup,
    RollupKey,
    Rollups,
    merge_days,
    roll_up,
)
from beneficiate.formatting import BOGOTA, bogota_date
from beneficiate.models.base import Row, database, is_postgresql, read_snapshot
from beneficiate.models.facts import MEASURE, Fact
from beneficiate.models.rollups import FactRollup, RollupState
from beneficiate.unit_of_work import UnitOfWork

STATE_ROW_ID = 1
MAX_DELAY = timedelta(days=1)
"""No transaction takes so long: a fact that comes after others is of a later time than theirs less this."""
MAX_HORIZON = timedelta(days=367)
"""An appointment is at most so long after its facts (`horizon_days`)."""
ROLLED_KINDS = [kind for kind in FACT_KINDS if kind != APPOINTMENT]
_WRITERS = (
    "SELECT DISTINCT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND relation = 'facts'::regclass "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND mode = 'RowExclusiveLock' AND pid <> pg_backend_pid()"
)
NO_COUNTS = "{}"
"""Stands for what was not read."""
decode_counts = msgspec.json.Decoder(dict[int, int]).decode
_decode_by_hour = msgspec.json.Decoder(dict[int, tuple[int, int, int, dict[int, int]]]).decode


@dataclass(frozen=True, slots=True)
class FoldBound:
    """The greatest id that a fact has, and the transactions that may still commit facts with smaller ones."""

    fact_id: int
    writers: frozenset[str]


@dataclass(frozen=True, slots=True)
class RolledFacts:
    """Which facts roll-ups have: those up to an id, the newest of which is of `newest_at`; whether there are others."""

    folded_id: int
    newest_at: datetime | None
    has_newer: bool

    @property
    def are_newer(self) -> Expression:
        """The condition of the facts that roll-ups do not have.

        Their time leaves out the partitions of earlier months. What a load of the past
        adds counts when it is rolled up.
        """
        found = Fact.id > self.folded_id
        return found if self.newest_at is None else found & (Fact.at >= self.newest_at - MAX_DELAY)


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


def load_rolled_facts() -> RolledFacts:
    """Return which facts roll-ups have. Only in a `read_snapshot` it stays true for the next query."""
    state = load_rollup_state()
    known = RolledFacts(state.folded_id, state.newest_at, has_newer=False)
    return replace(known, has_newer=Fact.select(Fact.id).where(known.are_newer).exists())


def select_rolled_facts(*conditions: Expression) -> ModelSelect:
    """Return the query for what roll-ups have of facts."""
    return Fact.select(Fact.at, Fact.kind, Fact.detail, Fact.agent_id, Fact.topic, MEASURE).where(*conditions)


def select_facts_of_day(day: date, folded_id: int) -> ModelSelect:
    """Return the query for the facts up to an id that the roll-ups of a day have."""
    start, end = day_of_bogota(day)
    # The kinds are named, so that the index of kind and time finds a day among millions.
    return select_rolled_facts(Fact.kind.in_(ROLLED_KINDS), Fact.at >= start, Fact.at < end, Fact.id <= folded_id)


def read_facts(query: ModelSelect) -> Iterator[tuple[RolledFact, Row]]:
    """Yield facts of `select_rolled_facts`, each with the further columns of its row.

    Peewee would take as long to convert the rows as everything else that is done with them: only the time is converted.
    """
    for at, *values in database.execute(query):
        yield RolledFact(Fact.at.python_value(at), *values[:5]), tuple(values[5:])


def read_rollup_rows(rows: Iterable[Row]) -> Rollups:
    """Return rows by their keys, as `FactRollup.fetch_by_keys` has them."""
    return {_read_key(row): read_rollup(*row[6:]) for row in rows}


def read_rollup(
    times: int,
    measured: int,
    total: int,
    greatest: int | None,
    buckets: str = NO_COUNTS,
    hours: str = NO_COUNTS,
    hour_measures: str = NO_COUNTS,
) -> Rollup:
    """Return what a row has of its facts; nothing of what was not read."""
    measures = Measures(measured, total, greatest, _decode_read(buckets))
    return Rollup(times, measures, _decode_read(hours), decode_hour_measures(hour_measures))


def decode_hour_measures(text: str) -> dict[int, Measures]:
    """Return what is measured by hour of the week; nothing of what was not read."""
    if text == NO_COUNTS:
        return {}
    return {hour: Measures(*values) for hour, values in _decode_by_hour(text).items()}


def _decode_read(counts: str) -> dict[int, int]:
    """Return counts by number; most columns were not read."""
    return {} if counts == NO_COUNTS else decode_counts(counts)


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
    first, last, state = find_first_day(), bogota_date(uow.now) - timedelta(days=1), load_rollup_state()
    checked_on = state.checked_on
    if first is not None and state.facts_since is not None:
        first = max(first, state.facts_since)
    if first is None or last < first or (checked_on is not None and checked_on >= last):
        return None
    return first, last


def differs_from_facts(uow: UnitOfWork, day: date) -> bool:
    """Return whether the roll-ups of a day are not those of its facts, or those of its month not those of its days."""
    month = day.replace(day=1)
    with read_snapshot():
        facts = [fact for fact, _ in read_facts(select_facts_of_day(day, load_rollup_state().folded_id))]
        stored = load_day_rollups(month)
        of_month = _load_rollups((FactRollup.grain == Grain.MONTH.value) & (FactRollup.day == month))
    of_day = {key: one for key, one in stored.items() if key.day == day}
    expected = roll_up(facts)
    if of_day != {key: one for key, one in expected.items() if key.grain == Grain.DAY.value}:
        return True
    return merge_days(stored) != of_month


def load_day_rollups(month: date, *conditions: Expression) -> Rollups:
    """Return the rows of the days of a month for which conditions are true."""
    is_in_month = (FactRollup.day >= month) & (FactRollup.day < add_months(month, 1))
    return _load_rollups((FactRollup.grain == Grain.DAY.value) & is_in_month, *conditions)


def _load_rollups(*conditions: Expression) -> Rollups:
    columns = [getattr(FactRollup, name) for name in (*RollupKey._fields, "times", "measured", "total", "greatest",
                                                      "buckets", "hours", "hour_measures")]  # fmt: skip
    return read_rollup_rows(database.execute(FactRollup.select(*columns).where(*conditions)))
