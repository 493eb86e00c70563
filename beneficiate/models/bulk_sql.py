"""The texts of statements for many rows, which travel as one JSON parameter. Each is built once."""

import re
from collections.abc import Sequence
from functools import cache

import msgspec

KEEP_STORED = "WHERE true ON CONFLICT DO NOTHING"
"""SQLite takes ON CONFLICT for the condition of a join unless there is a WHERE."""


@cache
def fetch_sql(table: str, columns: tuple[str, ...], lock: bool, is_postgresql: bool) -> str:
    """Return the statement that reads columns of the rows with some ids, in order of id."""
    ids = "= ANY(%s::integer[])" if is_postgresql else "IN (SELECT value FROM json_each(?))"
    lock_clause = " FOR NO KEY UPDATE" if lock and is_postgresql else ""
    return f"SELECT {', '.join(columns)} FROM {table} WHERE id {ids} ORDER BY id{lock_clause}"  # noqa: S608


@cache
def insert_sql(
    table: str,
    columns: tuple[tuple[str, str], ...],
    defaults: tuple[tuple[str, str], ...],
    ending: str,
    is_postgresql: bool,
) -> str:
    """Return the statement that inserts rows from JSON: each column with the expression of its value."""
    names, values = (", ".join(parts) for parts in zip(*columns, *defaults, strict=True))
    source = _json_rows(is_postgresql)
    return f"INSERT INTO {table} ({names}) SELECT {values} FROM {source} {ending}".rstrip()  # noqa: S608


@cache
def update_sql(table: str, changes: str, columns: tuple[tuple[str, str], ...], is_postgresql: bool) -> str:
    """Return the statement that updates rows by their ids: in `changes`, the SET list, `new.name` reads a column."""
    for column, value in columns:
        changes = re.sub(rf"\bnew\.{column}\b", value, changes)
    source, row_id = _json_rows(is_postgresql), columns[0][1]
    id_filter = f" AND {table}.id = ANY(%s::{row_id.rpartition(':')[2]}[])" if is_postgresql else ""
    return f"UPDATE {table} SET {changes} FROM {source} WHERE {table}.id = {row_id}{id_filter}"  # noqa: S608


@cache
def select_by_key_sql(
    table: str, key: tuple[tuple[str, str], ...], values: tuple[str, ...], is_postgresql: bool
) -> str:
    """Return the statement that reads the rows whose keys come as JSON: each column of the key with its expression."""
    names = ", ".join(f"{table}.{column}" for column in (*(column for column, _ in key), *values))
    matches = " AND ".join(f"{table}.{column} = {value}" for column, value in key)
    return f"SELECT {names} FROM {_json_rows(is_postgresql)} JOIN {table} ON {matches}"  # noqa: S608


@cache
def upsert_sql(
    table: str,
    columns: tuple[tuple[str, str], ...],
    key: tuple[str, ...],
    values: tuple[str, ...],
    is_postgresql: bool,
) -> str:
    """Return the statement that inserts rows from JSON, and where one with the same key is changes its values."""
    changes = ", ".join(f"{column} = excluded.{column}" for column in values)
    names, expressions = (", ".join(parts) for parts in zip(*columns, strict=True))
    # Without WHERE, SQLite takes ON for a join.
    return (
        f"INSERT INTO {table} ({names}) SELECT {expressions} FROM {_json_rows(is_postgresql)} WHERE true "  # noqa: S608
        f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}"
    )


def _json_rows(is_postgresql: bool) -> str:
    return "json_array_elements(%s::json) AS new(value)" if is_postgresql else "json_each(?) AS new"


def rows_to_json(rows: Sequence[object]) -> str:
    """Return the parameter that the statements read their rows from."""
    return msgspec.json.encode(rows).decode()
