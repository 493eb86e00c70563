"""Changes of the schema while an older version uses the database. A migration that uses these is not `atomic`.

In PostgreSQL each statement is a transaction of its own: a lock on a table is held for one change of the catalogue, and
never while rows are read or indexes built. A migration that was interrupted is run again from its beginning, so each
function here does nothing where its work is done. In SQLite a migration is one transaction.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from peewee import Database, PostgresqlDatabase

_SERVER_TYPES = {"serial": "SERIAL", "big": "BIGINT", "boolean": "BOOLEAN"}
_FILE_TYPES = {"serial": "INTEGER", "big": "INTEGER", "boolean": "INTEGER"}
_INDEX_NAME = re.compile(r"(?<=INDEX )\w+(?= ON )")


@contextmanager
def schema_change(database: Database) -> Iterator[None]:
    """Be one transaction in SQLite, where nobody else can write meanwhile, and none in PostgreSQL."""
    if isinstance(database, PostgresqlDatabase):
        yield
        return
    with database.atomic():
        yield


def create_tables(database: Database, statements: Iterable[str]) -> None:
    """Create the tables that are missing; `{serial}` is a numbered key, `{big}` a 64-bit number, `{boolean}` a flag."""
    types = _SERVER_TYPES if isinstance(database, PostgresqlDatabase) else _FILE_TYPES
    for statement in statements:
        database.execute_sql(statement.format(**types))


def add_columns(database: Database, table: str, columns: Mapping[str, str]) -> None:
    """Add the columns that the table lacks; `columns` has the type and constraints of each by name.

    What is NOT NULL needs a constant DEFAULT, and keeps it: no row is touched, and an older version, which does not
    know the column, can insert rows. A foreign key is declared with REFERENCES, so that no row is checked.
    """
    known = {column.name for column in database.get_columns(table)}
    for name, definition in columns.items():
        if name not in known:
            database.execute_sql(f"ALTER TABLE {table} ADD COLUMN {name} {_of_dialect(database, definition)}")


def drop_columns(database: Database, table: str, names: Iterable[str]) -> None:
    """Drop the columns that the table still has. An older version that reads them fails from then on."""
    known = {column.name for column in database.get_columns(table)}
    for name in names:
        if name in known:
            database.execute_sql(f"ALTER TABLE {table} DROP COLUMN {name}")


def create_indexes(database: Database, statements: Iterable[str]) -> None:
    """Build the indexes that are missing, in PostgreSQL while others write."""
    for statement in statements:
        (name,) = _INDEX_NAME.findall(statement)
        if not isinstance(database, PostgresqlDatabase):
            database.execute_sql(statement.replace(f"INDEX {name}", f"INDEX IF NOT EXISTS {name}"))
            continue
        (is_broken,) = database.execute_sql(
            "SELECT EXISTS (SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(%s) AND NOT indisvalid)", (name,)
        ).fetchone()
        if is_broken:
            # Building it was interrupted.
            drop_index(database, name)
        _execute_patiently(database, statement.replace(f"INDEX {name}", f"INDEX CONCURRENTLY IF NOT EXISTS {name}"))


def drop_index(database: Database, name: str) -> None:
    """Drop an index, in PostgreSQL while others use the table."""
    if isinstance(database, PostgresqlDatabase):
        _execute_patiently(database, f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    else:
        database.execute_sql(f"DROP INDEX IF EXISTS {name}")


def _execute_patiently(database: Database, statement: str) -> None:
    """Execute a statement that waits for all transactions that began before it, while nobody waits for it."""
    (lock_timeout,) = database.execute_sql("SHOW lock_timeout").fetchone()
    database.execute_sql("SET lock_timeout = 0")
    try:
        database.execute_sql(statement)
    finally:
        database.execute_sql("SELECT set_config('lock_timeout', %s, false)", (lock_timeout,))


def _of_dialect(database: Database, definition: str) -> str:
    """Return a definition with the types that Peewee uses: BOOLEAN is INTEGER in SQLite."""
    is_postgresql = isinstance(database, PostgresqlDatabase)
    return definition if is_postgresql else definition.replace("BOOLEAN", "INTEGER").replace("FALSE", "0")
