"""The partitions of the facts on PostgreSQL: made ahead, and detached when they are old. SQLite has one table.

What is changed is the catalogue: no row is read or moved. Whoever changes it holds a lock for the transaction.
"""

from dataclasses import dataclass
from datetime import date, datetime

from beneficiate.actions.rollups import take_rollups
from beneficiate.domain.dates import add_months
from beneficiate.domain.facts import MONTHS_KEPT
from beneficiate.errors import Invalid
from beneficiate.formatting import bogota_date
from beneficiate.models.base import database, is_postgresql, lock_number
from beneficiate.models.chats import CLOSED, SUPPORT, Chat
from beneficiate.models.rollups import RollupState
from beneficiate.queries.fact_partitions import DEFAULT_PARTITION, FactPartition, list_fact_partitions
from beneficiate.queries.rollups import day_of_bogota
from beneficiate.unit_of_work import UnitOfWork

PARTITIONS_LOCK = 7_120_250_038
"""The number of the advisory lock of whoever changes partitions."""
MONTHS_AHEAD = 3


@dataclass(frozen=True, slots=True)
class MadePartitions:
    """The names of the partitions that were made, and whether facts are where no month has them."""

    names: list[str]
    has_unplaced: bool


def make_fact_partitions(uow: UnitOfWork) -> MadePartitions:
    """Make the partitions that are missing of this month and of the next three.

    Facts of months that had none are in the default partition; with them it becomes the partition of these months.
    """
    if not is_postgresql():
        return MadePartitions([], has_unplaced=False)
    lock_number(PARTITIONS_LOCK)
    month = add_months(bogota_date(uow.now), 0)
    end = max((one.end for one in list_fact_partitions()), default=month)
    made, unplaced = [], _find_unplaced()
    if unplaced is not None and unplaced[0] >= end:
        last = add_months(unplaced[1], 1)
        made.append(_turn_default_into(FactPartition(end, last, _name_of(end, last))))
        end, unplaced = last, None
    while end <= add_months(month, MONTHS_AHEAD) and unplaced is None:
        following = add_months(end, 1)
        made.append(_add_month(FactPartition(end, following, _name_of(end, following))))
        end = following
    if made:
        # The statistics of the whole, which nothing else renews.
        database.execute_sql("ANALYZE facts")
    return MadePartitions(made, has_unplaced=unplaced is not None)


def detach_fact_partitions(uow: UnitOfWork, before: date) -> list[str]:
    """Detach the partitions of the months before this one; return their names. They stay as tables.

    Raises Invalid for months that reports still need facts of, while a chat of one is open, and on SQLite.
    """
    if not is_postgresql():
        raise Invalid("SQLite guarda los hechos en una sola tabla: no hay meses que separar.")
    if before > add_months(bogota_date(uow.now), -MONTHS_KEPT):
        raise Invalid(f"Los últimos {MONTHS_KEPT} meses no se separan.")
    lock_number(PARTITIONS_LOCK)
    old = [one for one in list_fact_partitions() if one.end <= before]
    if not old:
        return []
    end = old[-1].end
    opened = (Chat.kind == SUPPORT) & (Chat.status != CLOSED) & (Chat.created_at < day_of_bogota(end)[0])
    if count := Chat.select().where(opened).count():
        raise Invalid(f"Hay {count} chats abiertos que comenzaron en esos meses: ciérrelos antes.")
    state = take_rollups()
    state.facts_since = end
    state.save(only=[RollupState.facts_since])
    for one in old:
        database.execute_sql(f"ALTER TABLE facts DETACH PARTITION {one.name}")
    return [one.name for one in old]


def _find_unplaced() -> tuple[date, date] | None:
    """Return the days of the first and the last fact that no month has; None without any."""
    sql = f"SELECT MIN(at), MAX(at) FROM {DEFAULT_PARTITION}"  # noqa: S608  a constant
    bounds: tuple[datetime | None, ...] = database.execute_sql(sql).fetchone()
    days = [bogota_date(one) for one in bounds if one is not None]
    return (days[0], days[1]) if days else None


def _turn_default_into(partition: FactPartition) -> str:
    database.execute_sql(f"ALTER TABLE facts DETACH PARTITION {DEFAULT_PARTITION}")
    database.execute_sql(f"ALTER TABLE {DEFAULT_PARTITION} RENAME TO {partition.name}")
    _create_like_facts(DEFAULT_PARTITION)
    _attach(partition)
    database.execute_sql(f"ALTER TABLE facts ATTACH PARTITION {DEFAULT_PARTITION} DEFAULT")
    return partition.name


def _add_month(partition: FactPartition) -> str:
    _create_like_facts(partition.name)
    _attach(partition)
    return partition.name


def _create_like_facts(name: str) -> None:
    """Create a table for a partition. To make it as one would keep everybody from the facts until the commit."""
    database.execute_sql(f"CREATE TABLE {name} (LIKE facts INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
    database.execute_sql(
        f"CREATE TRIGGER facts_not_emptied BEFORE TRUNCATE ON {name} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_fact_changes()"
    )


def _attach(partition: FactPartition) -> None:
    first, end = (day_of_bogota(day)[0].isoformat() for day in (partition.first, partition.end))
    database.execute_sql(
        f"ALTER TABLE facts ATTACH PARTITION {partition.name} FOR VALUES FROM ('{first}') TO ('{end}')"
    )


def _name_of(first: date, end: date) -> str:
    last = add_months(end, -1)
    return f"facts_{first:%Y_%m}" if last == first else f"facts_{first:%Y_%m}_until_{last:%Y_%m}"
