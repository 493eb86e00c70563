"""The database, datetimes in UTC, row locks and bulk writes."""

import os
import socket
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from peewee import Database, DatabaseProxy, Expression, Field, Model, PostgresqlDatabase, Query

from beneficiate.database_url import parse_database_url
from beneficiate.folding import list_person_words
from beneficiate.models.bulk_sql import KEEP_STORED, fetch_sql, insert_sql, rows_to_json, update_sql
from beneficiate.models.postgresql import QueueingPostgresqlDatabase
from beneficiate.models.sqlite import SelfEndingSqliteDatabase
from beneficiate.models.write_lock import write_lock

database = DatabaseProxy()

TCP_KEEPALIVE = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3, "tcp_user_timeout": 10_000}
"""A server that disappeared is noticed within about ten seconds."""
LOCK_TIMEOUT_MS = 3_000
SESSION_OPTIONS = {
    "timezone": "UTC",
    "statement_timeout": 30_000,
    # A unit holds its rows for milliseconds: who holds one longer was stopped in a transaction, or is none of ours.
    "lock_timeout": LOCK_TIMEOUT_MS,
    # A process that is suspended in a transaction loses it, so that the rows which it holds come free.
    "idle_in_transaction_session_timeout": 5_000,
    # Only what `models/postgresql.py` prepares: rows by their ids, which has one good plan. Planning anew each time
    # takes longer than carrying out.
    "plan_cache_mode": "force_generic_plan",
}
"""Settings of every session of PostgreSQL; times in milliseconds."""

Q = TypeVar("Q", bound=Query)
Row = tuple[Any, ...]
NamedRow = dict[str, Any]
"""Any, since the types of the columns are known only to the caller who names them."""


def open_database(url: str, pooler: str = "") -> Database:
    """Return the database of a URL: `sqlite:///path` (relative, or absolute with four slashes) or `postgresql://…`.

    SQLite: WAL, and `synchronous=FULL`, since a message is acknowledged only after it is on the disk. A write waits up
    to 10 s for programs that do not take `write_lock`. PostgreSQL: see `SESSION_OPTIONS`; with a `pooler` those of the
    role are used, and nothing is kept in a session, which may be another one for each transaction. Raises ValueError
    for any other URL.
    """
    path = parse_database_url(url)
    if path is not None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        opened = SelfEndingSqliteDatabase(
            path,
            check_same_thread=False,
            pragmas={
                "busy_timeout": 10_000,
                "journal_mode": "wal",
                "synchronous": "full",
                "foreign_keys": 1,
                "cache_size": -32_000,
                "temp_store": "memory",
                # What is deleted or written anew is overwritten in the file: an erasure means it.
                "secure_delete": 1,
            },
        )
        opened.register_function(list_person_words, "list_person_words", 4)
        return opened
    options = "" if pooler else " ".join(f"-c {name}={value}" for name, value in SESSION_OPTIONS.items())
    return QueueingPostgresqlDatabase(url, keeps_plans=not pooler, options=options, connect_timeout=5, **TCP_KEEPALIVE)


def is_postgresql() -> bool:
    """Return whether the database is PostgreSQL; otherwise it is SQLite."""
    return isinstance(database.obj, PostgresqlDatabase)


def write_transaction() -> AbstractContextManager[object]:
    """Return a transaction that writes.

    On SQLite writers take turns, and the transaction is IMMEDIATE: a deferred BEGIN that reads first fails at once when
    another process wrote meanwhile. Raises OperationalError when the turn did not come within 10 s.
    """
    return database.obj.atomic() if is_postgresql() else _sqlite_write_transaction(database.obj)


@contextmanager
def _sqlite_write_transaction(sqlite: SelfEndingSqliteDatabase) -> Iterator[None]:
    if sqlite.in_transaction():
        with sqlite.atomic():
            yield
        return
    with write_lock(sqlite.database), sqlite.atomic("IMMEDIATE"):
        yield


@contextmanager
def read_snapshot() -> Iterator[None]:
    """Read the database as it is at one instant, whatever is committed meanwhile. Part of a transaction that goes on.

    For queries that are true only together, as a sum and what it does not have yet.
    """
    if database.in_transaction():
        yield
        return
    with database.obj.atomic():
        if is_postgresql():
            database.execute_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def limit_lock_wait(milliseconds: int) -> None:
    """Let the current transaction wait so long for a row that somebody holds (PostgreSQL)."""
    if is_postgresql():
        database.execute_sql(f"SET LOCAL lock_timeout = {milliseconds}")


def has_begun_transaction() -> bool:
    """Return whether the database has carried out a statement of the last transaction of this thread."""
    return bool(database.has_begun) if is_postgresql() else True


# Any: the connection of whichever driver.
def cut_connection(connection: Any) -> None:
    """Make the call fail that another thread has under way on this connection of the driver.

    Only the socket of PostgreSQL is shut down: the thread itself closes the connection, whose memory it uses.
    """
    if isinstance(connection, sqlite3.Connection):
        connection.interrupt()
    elif not connection.closed:
        with suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as duplicate:
            duplicate.shutdown(socket.SHUT_RDWR)


def lock_rows(query: Q, *, skips_held: bool = False) -> Q:
    """Return the query so that it locks its rows until the transaction ends (PostgreSQL); SQLite has a single writer.

    `NO KEY`, so that rows which only refer to these (a foreign key check) need not wait. `skips_held` skips held rows.
    """
    lock = f"FOR NO KEY UPDATE{' SKIP LOCKED' if skips_held else ''}"
    return query.for_update(lock) if is_postgresql() else query  # type: ignore[no-any-return]


def lock_number(number: int) -> None:
    """Wait until nobody else holds this number, and hold it until the transaction ends; SQLite has a single writer."""
    if is_postgresql():
        database.execute_sql("SELECT pg_advisory_xact_lock(%s)", (number,))


def begins_with(column: Field, beginning: str) -> Expression:
    """Return the condition that a text column begins so, byte by byte, as its index is ordered (`COLLATE "C"`)."""
    compared = ordered_by_bytes(column)
    return (compared >= beginning) & (compared < f"{beginning}\U0010ffff")


# Any: a part of a query, which Peewee does not type.
def ordered_by_bytes(column: Field) -> Any:
    """Return a text column as it is compared byte by byte."""
    return column.collate('"C"') if is_postgresql() else column


def instant_to_text(instant: datetime) -> str:
    """Return a datetime in the text form of SQLite, which `insert_bulk` and `update_bulk` pass to both databases."""
    return instant.astimezone(UTC).isoformat(sep=" ", timespec="microseconds")


class _InstantField(Field):  # type: ignore[misc]
    """A datetime in UTC: `timestamptz` in PostgreSQL, ISO 8601 text of fixed width in SQLite (so that it sorts)."""

    field_type = "TIMESTAMPTZ"

    def db_value(self, value: datetime | None) -> datetime | str | None:
        if value is None:
            return value
        # Others may name a zone of 16 hours or more, which PostgreSQL refuses to read.
        return value.astimezone(UTC) if is_postgresql() else instant_to_text(value)

    def python_value(self, value: datetime | str | None) -> datetime | None:
        return datetime.fromisoformat(value) if isinstance(value, str) else value


InstantField: Any = _InstantField
"""Any, as the type checker sees Peewee's own fields: a column on the model, a value on an instance."""


class BaseModel(Model):  # type: ignore[misc]
    """The base class of all models."""

    class Meta:
        database = database
        legacy_table_names = False

    @classmethod
    def fetch_bulk(cls, columns: Sequence[str], ids: Iterable[int], *, lock: bool) -> list[Row]:
        """Return columns of the rows with these ids, in order of id; `lock` locks them as `lock_rows` does.

        The text of the statement is built once: building it through Peewee costs 0.3 ms, which is felt where a few
        messages make a batch.
        """
        wanted = list(ids)
        sql = fetch_sql(cls._meta.table_name, tuple(columns), lock, is_postgresql())
        return list(_execute_prepared(sql, (wanted if is_postgresql() else rows_to_json(wanted),)).fetchall())

    @classmethod
    def queue_lock(cls, ids: Iterable[int]) -> None:
        """Lock the rows with these ids, in order of id, as `lock_rows` does; with the next statement.

        That one sees what others have committed until the rows were locked. A statement that locks and reads does so
        for the rows that it locks, but not for those of other tables.
        """
        if is_postgresql():
            database.queue_prepared(fetch_sql(cls._meta.table_name, ("id",), True, True), (list(ids),))

    @classmethod
    def queue_insert(
        cls, columns: Sequence[str], rows: Iterable[Sequence[object]], *, keeps_stored: bool = False
    ) -> None:
        """Insert many rows as `insert_bulk` does, with the next statement, which cannot know their ids.

        With `keeps_stored` a row that a unique index refuses is left out.
        """
        values = cls._read_from_json(tuple(columns), is_postgresql())
        sql = insert_sql(cls._meta.table_name, values, (), KEEP_STORED if keeps_stored else "", is_postgresql())
        _queue_prepared(sql, (rows_to_json(list(rows)),))

    @classmethod
    def insert_bulk(cls, columns: Sequence[str], rows: Iterable[Sequence[object]], returning: str = "id") -> list[Row]:
        """Insert many rows in one statement and return the `returning` columns, in no promised order.

        Columns that have a default and are not given get it.

        The rows travel as one JSON parameter: 0.5 µs a row to bind, where a parameter a value costs 20 µs a row through
        `insert_many` and 7 µs as arrays. Datetimes have the form of `instant_to_text`.
        """
        defaults = {
            field.column_name: value
            for field, value in cls._meta.defaults.items()
            if field.column_name not in columns and not callable(value)
        }
        sql = insert_sql(
            cls._meta.table_name,
            cls._read_from_json(tuple(columns), is_postgresql()),
            cls._bind(defaults),
            f"RETURNING {returning}",
            is_postgresql(),
        )
        return list(_execute_prepared(sql, (*defaults.values(), rows_to_json(list(rows)))).fetchall())

    @classmethod
    def update_bulk(cls, changes: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Update many rows by id in one statement: in `changes`, the SET list, `new.name` reads a column of `rows`.

        The first column must be the id.
        """
        values = list(rows)
        sql = update_sql(
            cls._meta.table_name, changes, cls._read_from_json(tuple(columns), is_postgresql()), is_postgresql()
        )
        # The ids once more, as an array: so the planner uses the index.
        ids = ([row[0] for row in values],) if is_postgresql() else ()
        _queue_prepared(sql, (rows_to_json(values), *ids))

    @classmethod
    @cache
    def _read_from_json(cls, columns: tuple[str, ...], is_postgresql: bool) -> tuple[tuple[str, str], ...]:
        """Return each column with the expression that reads it from the JSON array of a row."""
        if not is_postgresql:
            return tuple((column, f"json_extract(new.value, '$[{index}]')") for index, column in enumerate(columns))
        return tuple((one, f"(new.value->>{index})::{cls._type_of(one)}") for index, one in enumerate(columns))

    @classmethod
    def _bind(cls, columns: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """Return each column with a parameter for its value."""
        return tuple((column, f"%s::{cls._type_of(column)}" if is_postgresql() else "?") for column in columns)

    @classmethod
    def _type_of(cls, column: str) -> str:
        """Return the type of a column in PostgreSQL."""
        kind: str = cls._meta.columns[column].field_type
        return _CASTS.get(kind, kind)


_CASTS = {"AUTO": "integer", "BIGAUTO": "bigint", "INT": "integer", "VARCHAR": "text", "BOOL": "boolean"}


# Any: the cursor of whichever driver.
def _execute_prepared(sql: str, params: tuple[object, ...]) -> Any:
    return database.execute_prepared(sql, params) if is_postgresql() else database.execute_sql(sql, params)


def _queue_prepared(sql: str, params: tuple[object, ...]) -> None:
    if is_postgresql():
        database.queue_prepared(sql, params)
    else:
        database.execute_sql(sql, params)
