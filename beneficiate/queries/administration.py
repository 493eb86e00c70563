"""What the lists of the administration have in common: search, counts by state, pages."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from peewee import Expression, Field, ModelSelect

from beneficiate.folding import fold
from beneficiate.models.audit import AuditEntry
from beneficiate.search import matches_query
from beneficiate.views.administration import AdministrationList, ListFilters, ListRow, R
from beneficiate.views.edit_forms import LastChange

ROWS_PER_PAGE = 50
ANY_STATE = {"": "Todos"}
"""For lists whose rows have no state."""
MAX_ROWS = 5_000
"""A company has some hundred agents, replies or professionals: all are read, and sorted as Spanish is."""


def page_rows(rows: list[R], filters: ListFilters, states: Mapping[str, str]) -> AdministrationList[R]:
    """Return 50 of these rows that match, by name; the numbers of the tabs are those that match the text.

    `states` has the label of each state, the first with the empty name for all.
    """
    found = [row for row in rows if matches_query(filters.text, row.search_text)]
    counts = Counter(row.state for row in found)
    tabs = [(state, label, counts[state] if state else len(found)) for state, label in states.items()]
    last_key = next((_sort_key(row) for row in rows if row.row_id == filters.after), None)
    shown = sorted(
        (row for row in found if filters.state in ("", row.state) and (last_key is None or _sort_key(row) > last_key)),
        key=_sort_key,
    )
    next_id = shown[ROWS_PER_PAGE - 1].row_id if len(shown) > ROWS_PER_PAGE else 0
    return AdministrationList(filters, shown[:ROWS_PER_PAGE], tabs, next_id)


# Any: rows of whichever table.
def page_newest(query: ModelSelect, key: Field, filters: ListFilters, size: int) -> tuple[list[Any], int]:
    """Return so many rows of a query, the newest first, that come after that of the filters; and where the next begin.

    `key` is the id of the table.
    """
    found = query.where(key < filters.after) if filters.after else query
    rows = list(found.order_by(key.desc()).limit(size + 1))
    return rows[:size], int(rows[size - 1].id) if len(rows) > size else 0


def find_last_change(subject: str, *kinds: str, where: Expression | None = None) -> LastChange | None:
    """Return who did something of these kinds to a subject last, of what is true; None when nobody has."""
    query = AuditEntry.select(AuditEntry.actor_name, AuditEntry.at)
    if where is not None:
        query = query.where(where)
    row = query.where(AuditEntry.subject == subject, AuditEntry.what.in_(kinds)).order_by(AuditEntry.id.desc()).first()
    return None if row is None else LastChange(row.actor_name, row.at)


def _sort_key(row: ListRow) -> tuple[str, int]:
    return fold(row.name), row.row_id
