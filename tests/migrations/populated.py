"""Rows for every table of whatever schema a database has, made from its catalogue."""

from dataclasses import dataclass, field
from string import ascii_lowercase
from typing import Any

from peewee import PostgresqlDatabase

LONG_AGO = "2026-01-02 03:04:05.000006+00:00"
MEANT = {
    ("chats", "kind"): "SUPPORT",
    ("chats", "status"): "WAITING",
    ("chat_lines", "sender_type"): "USER",
    ("chat_events", "kind"): "reopened",
}
"""What migrations ask for: with these values they find the rows that they change."""
WITH_THEIR_ROW = {"audit_head"}
"""Tables that have one row for ever, which a migration inserts."""
_VALUES = {
    "bool": lambda number: number % 2 == 0,
    # Far apart, and far from the first: triggers and the reference data give numbers between them.
    "int": lambda number: 10_000 * (number + 1),
    "big": lambda number: 10_000 * (number + 1),
    "timestamp": lambda number: LONG_AGO,
    "date": lambda number: LONG_AGO[:10],
    "time": lambda number: "08:00:00",
    "double": float,
    "real": float,
    "bytea": lambda number: b"a",
    "blob": lambda number: b"a",
}
"""The value of a column by the beginning of its type; all others are texts."""
_POSTGRESQL_COLUMNS = """
SELECT relname, attname, format_type(atttypid, NULL), attnotnull, pg_get_expr(adbin, adrelid),
    EXISTS (SELECT 1 FROM pg_index WHERE indrelid = pg_class.oid AND indisprimary AND attnum = ANY(indkey)),
    (SELECT confrelid::regclass::text FROM pg_constraint
        WHERE conrelid = pg_class.oid AND contype = 'f' AND conkey = ARRAY[attnum])
FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
    LEFT JOIN pg_attrdef ON adrelid = pg_class.oid AND adnum = attnum
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
ORDER BY relname, attnum
"""
_SQLITE_COLUMNS = """
SELECT one.name, col.name, col.type, col."notnull", col.dflt_value, col.pk > 0, ref."table"
FROM sqlite_master AS one JOIN pragma_table_info(one.name) AS col
    LEFT JOIN pragma_foreign_key_list(one.name) AS ref ON ref."from" = col.name
WHERE one.type = 'table' AND one.name NOT LIKE 'line_words%' AND one.name NOT LIKE 'sqlite%'
ORDER BY one.name, col.cid
"""
"""Without the index of words, which is a virtual table and what belongs to it."""

Row = dict[str, Any]
Tables = dict[str, dict[tuple[object, ...], Row]]
"""The rows of each table by the values of its primary key."""


@dataclass
class Column:
    """A column; `target` is the table that it refers to."""

    data_type: str
    is_required: bool
    default: str | None
    target: str | None


@dataclass
class Table:
    """The columns of a table, and which of them are its primary key."""

    columns: dict[str, Column] = field(default_factory=dict)
    key: list[str] = field(default_factory=list)


def read_catalogue(opened: Any) -> dict[str, Table]:
    """Return all tables by their names; a table with partitions is one."""
    found: dict[str, Table] = {}
    sql = _POSTGRESQL_COLUMNS if isinstance(opened, PostgresqlDatabase) else _SQLITE_COLUMNS
    for table, name, data_type, is_required, default, is_key, target in opened.execute_sql(sql).fetchall():
        if table == "schema_migration":
            continue
        one = found.setdefault(table, Table())
        one.columns[name] = Column(data_type.lower(), bool(is_required), default, target)
        if is_key:
            one.key.append(name)
    return found


def add_row_to_each_table(opened: Any, tables: dict[str, Table], number: int) -> None:
    """Insert a row into every table, after those that it refers to; all columns have values."""
    added: dict[str, Row] = {}
    while waiting := tables.keys() - added.keys() - WITH_THEIR_ROW:
        ready = [name for name in waiting if not (_required_tables(name, tables[name]) & waiting)]
        assert ready, f"{waiting} refer to each other"
        for name in sorted(ready):
            added[name] = _add_row(opened, name, tables[name], number, added)


def read_rows(opened: Any, tables: dict[str, Table]) -> Tables:
    """Return the rows of all tables by the values of their keys."""
    found: Tables = {}
    for name, table in tables.items():
        cursor = opened.execute_sql(f"SELECT * FROM {name}")  # noqa: S608
        columns = [column[0] for column in cursor.description]
        rows = [dict(zip(columns, values, strict=True)) for values in cursor.fetchall()]
        found[name] = {tuple(row[column] for column in table.key): row for row in rows}
        assert len(found[name]) == len(rows), name
    return found


def _required_tables(name: str, table: Table) -> set[str]:
    return {one.target for one in table.columns.values() if one.target and one.is_required} - {name}


def _add_row(opened: Any, name: str, table: Table, number: int, added: dict[str, Row]) -> Row:
    row: Row = {}
    for column, one in table.columns.items():
        if one.target:
            target = added.get(one.target, {})
            row[column] = target.get("id", target.get(column))
        else:
            row[column] = MEANT.get((name, column), _value_of(one.data_type, number))
    place = "%s" if isinstance(opened, PostgresqlDatabase) else "?"
    names, places = ", ".join(row), ", ".join([place] * len(row))
    opened.execute_sql(f"INSERT INTO {name} ({names}) VALUES ({places})", (*row.values(),))  # noqa: S608
    return row


def _value_of(data_type: str, number: int) -> object:
    for beginning, make in _VALUES.items():
        if data_type.startswith(beginning):
            return make(number)
    # Short, since some columns take two characters, and different from each other and from the reference data.
    return ascii_lowercase[number // 26] + ascii_lowercase[number % 26]
