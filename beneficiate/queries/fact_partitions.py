"""The partitions of the facts on PostgreSQL: which months each has."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from beneficiate.formatting import bogota_date
from beneficiate.models.base import database

DEFAULT_PARTITION = "facts_default"
_BOUNDS = re.compile(r"FROM \((.+?)\) TO \((.+?)\)")
_SQL = """
SELECT relname, pg_get_expr(relpartbound, pg_class.oid) FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
WHERE inhparent = 'facts'::regclass AND relname <> %s
"""


@dataclass(frozen=True, slots=True, order=True)
class FactPartition:
    """A table with the facts from the first of a month until before that of another one; `date.min` has no start."""

    first: date
    end: date
    name: str


def list_fact_partitions() -> list[FactPartition]:
    """Return the partitions by month, the oldest first, without that for what belongs to none."""
    found = []
    for name, bounds in database.execute_sql(_SQL, (DEFAULT_PARTITION,)).fetchall():
        match = _BOUNDS.search(bounds)
        if match is not None:
            found.append(FactPartition(_read_bound(match[1]), _read_bound(match[2]), name))
    return sorted(found)


def _read_bound(text: str) -> date:
    return date.min if text == "MINVALUE" else bogota_date(datetime.fromisoformat(text.strip("'")))
