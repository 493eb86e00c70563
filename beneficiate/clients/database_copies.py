"""Copies of the whole database, made while others write: SQLite by its backup API, PostgreSQL by `pg_dump`."""

import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import NamedTuple

from peewee import Database, PostgresqlDatabase, SqliteDatabase, Table
from psycopg2 import extensions

from beneficiate.database_url import parse_database_url
from beneficiate.models.base import database, is_postgresql

_PARTITIONS = "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'"
LOCK_WAIT_MS = 30_000
"""How long `pg_dump` waits for a table that a migration changes."""


class CopyFailed(Exception):
    """A program or a disk that makes or loads a copy failed; the text is for an operator and has no password."""


class CopiedRows(NamedTuple):
    """What a copy has: the number of rows by table, and the ids of the files that it refers to.

    `data_copy_ids` are those of the copies of their data that members asked for, which are for 48 hours.
    """

    counts: dict[str, int]
    attachment_ids: set[str]
    data_copy_ids: set[str]


def copy_database(url: str, target: Path) -> CopiedRows:
    """Write a copy of the database to `target`, as it was at one moment; writers do not wait. Raises CopyFailed."""
    return _dump_postgresql(url, target) if is_postgresql() else _copy_sqlite(database.obj.database, target)


def load_database(source: Path, url: str) -> None:
    """Fill the empty database of the URL with a copy. Raises CopyFailed, and then has changed nothing."""
    path = parse_database_url(url)
    if path is None:
        # Owners and rights are those of whoever restores: a copy is often loaded on another server.
        options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
        _run_tool("pg_restore", url, *options, str(source))
        return
    try:
        _copy_pages(source, Path(path))
    except (sqlite3.Error, OSError) as problem:
        Path(path).unlink(missing_ok=True)
        raise CopyFailed(f"{path} cannot be written: {problem}.") from problem


def count_rows(counted: Database) -> dict[str, int]:
    """Return the number of rows of each table of a database; those of a partition count in its table."""
    names = set(counted.get_tables())
    if isinstance(counted, PostgresqlDatabase):
        names -= {name for (name,) in counted.execute_sql(_PARTITIONS).fetchall()}
    return {name: int(Table(name).bind(counted).select().count()) for name in sorted(names)}


def _copy_sqlite(path: str, target: Path) -> CopiedRows:
    try:
        _copy_pages(Path(path), target)
    except (sqlite3.Error, OSError) as problem:
        raise CopyFailed(f"{path} cannot be copied: {problem}.") from problem
    # One file, without the log beside it that WAL needs.
    with SqliteDatabase(target, pragmas={"journal_mode": "delete"}) as copy:
        return _describe_rows(copy)


def _copy_pages(source: Path, target: Path) -> None:
    """Copy all pages in one step: a reader of WAL delays no writer, and a copy in parts begins anew at each write."""
    with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(target)) as copy:
        original.backup(copy)


def _dump_postgresql(url: str, target: Path) -> CopiedRows:
    with _shared_snapshot() as snapshot:
        options = ["--format=custom", "--no-owner", "--no-privileges", f"--lock-wait-timeout={LOCK_WAIT_MS}"]
        _run_tool("pg_dump", url, *options, f"--snapshot={snapshot}", f"--file={target}")
        return _describe_rows(database.obj)


def _describe_rows(of: Database) -> CopiedRows:
    counts = count_rows(of)
    # A database that an older version migrated may have no copies of data yet.
    sql = "SELECT file_id FROM data_copies WHERE file_id <> ''"
    data_copy_ids = _list_keys(of, sql) if "data_copies" in counts else set()
    return CopiedRows(counts, _list_keys(of, "SELECT id FROM attachments"), data_copy_ids)


def _list_keys(of: Database, sql: str) -> set[str]:
    return {key for (key,) in of.execute_sql(sql).fetchall()}


@contextmanager
def _shared_snapshot() -> Iterator[str]:
    """Yield the name of a snapshot that `pg_dump` can read: what is counted in this transaction is what it dumps."""
    with database.obj.connection_context(), database.obj.atomic():
        database.execute_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
            database.execute_sql(f"SET LOCAL {name} = 0")
        yield database.execute_sql("SELECT pg_export_snapshot()").fetchone()[0]


def _run_tool(program: str, url: str, *arguments: str) -> None:
    """Run a program of PostgreSQL; the password is in a file of ours, not among the arguments that everybody sees."""
    parameters = extensions.parse_dsn(url)
    password = re.sub(r"([:\\])", r"\\\1", parameters.pop("password", ""))
    with NamedTemporaryFile("w") as passfile:
        passfile.write(f"*:*:*:*:{password}\n")
        passfile.flush()
        where = extensions.make_dsn(**parameters, passfile=passfile.name)
        command = [program, f"--dbname={where}", *arguments]
        try:
            subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - names and paths of ours
        except FileNotFoundError as problem:
            raise CopyFailed(f"{program} is not installed: it comes with the client of PostgreSQL.") from problem
        except subprocess.CalledProcessError as problem:
            raise CopyFailed(f"{program} failed: {problem.stderr.strip()}") from problem
