"""Databases of the tests: on PostgreSQL a migrated template, and for each test a database that is like it."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2

from beneficiate.migrations import run_migrations
from beneficiate.models.base import database, open_database

TEMPLATE_DATABASE = f"beneficiate_template_{os.getpid()}"
ROLLED_BACK_DATABASE = f"beneficiate_rolled_back_{os.getpid()}"
"""For tests that are rolled back. Nobody else connects to the template: it is copied only while nobody does."""
GIVEN_DATABASE_URL = os.environ.get("DATABASE_URL", "")
BACKENDS = [
    backend
    for backend in ("sqlite", "postgresql")
    if not GIVEN_DATABASE_URL or GIVEN_DATABASE_URL.startswith(backend[:6])
]
END_OTHER_SESSIONS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""
RESTART_SEQUENCES = """
    SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S' AND relname <> ALL(%s)"""
IS_WAITED_FOR = "SELECT EXISTS(SELECT FROM pg_locks WHERE NOT granted AND transactionid = pg_current_xact_id()::xid)"
"""Whether somebody waits for what the transaction holds."""
_template_cache: dict[str, tuple[int, int | None]] = {}


def with_template(url: str) -> Iterator[str]:
    """Make the template on a server, and the database of tests that are rolled back; drop all of ours at the end."""
    execute_sql(
        url, f"DROP DATABASE IF EXISTS {TEMPLATE_DATABASE} WITH (FORCE)", f"CREATE DATABASE {TEMPLATE_DATABASE}"
    )
    migrate_database(replace_database(url, TEMPLATE_DATABASE))
    execute_sql(url, f"CREATE DATABASE {ROLLED_BACK_DATABASE} TEMPLATE {TEMPLATE_DATABASE} STRATEGY FILE_COPY")
    yield url
    for name in (TEMPLATE_DATABASE, ROLLED_BACK_DATABASE, f"beneficiate_test_{os.getpid()}"):
        execute_sql(url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def fresh_postgresql(url: str) -> Iterator[str]:
    """A database like the template: the one of the test before, swept, or a copy when that cannot be.

    To copy one takes 200 ms, to sweep one 10.
    """
    name = f"beneficiate_test_{os.getpid()}"
    if not _clean_database(url, name):
        execute_sql(
            url,
            f"DROP DATABASE IF EXISTS {name} WITH (FORCE)",
            f"CREATE DATABASE {name} TEMPLATE {TEMPLATE_DATABASE} STRATEGY FILE_COPY",
        )
    yield replace_database(url, name)


@contextmanager
def empty_postgresql(url: str, name: str) -> Iterator[str]:
    """Create a database without tables on the server of a URL; it is dropped afterwards."""
    drop = f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"
    execute_sql(url, drop, f"CREATE DATABASE {name}")
    try:
        yield replace_database(url, name)
    finally:
        execute_sql(url, drop)


def _clean_database(url: str, name: str) -> bool:
    """Return whether the database is there and was made like its template again.

    Open connections are ended and what was written is deleted. Data of the template that was changed is not restored.
    """
    try:
        with closing(psycopg2.connect(replace_database(url, name))) as database, database, database.cursor() as cursor:
            cursor.execute(END_OTHER_SESSIONS)
            cursor.execute("SET session_replication_role = replica")
            expected = _template_fingerprints(url)
            written = _tables_with_pages(cursor)
            if any(_fingerprint(cursor, table) != one for table, one in expected.items()):
                return False
            for table in written - expected.keys():
                cursor.execute(f"DELETE FROM {table}")  # noqa: S608
            cursor.execute(RESTART_SEQUENCES, ([f"{table}_id_seq" for table in expected],))
    except psycopg2.OperationalError:
        return False
    return True


def _template_fingerprints(url: str) -> dict[str, tuple[int, int | None]]:
    """The tables of the template that have rows."""
    if not _template_cache:
        template = psycopg2.connect(replace_database(url, TEMPLATE_DATABASE))
        with closing(template), template.cursor() as cursor:
            prints = {table: _fingerprint(cursor, table) for table in _tables_with_pages(cursor)}
            _template_cache.update({table: one for table, one in prints.items() if one[0]})
    return _template_cache


def _tables_with_pages(cursor: Any) -> set[str]:
    """The tables that rows were written to, also those that have none any more: to look into all takes 10 ms."""
    cursor.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        " AND pg_relation_size(oid) > 0"
    )
    return {str(row[0]) for row in cursor.fetchall()}


def _fingerprint(cursor: Any, table: str) -> tuple[int, int | None]:
    """What tells whether the rows of a table are the same: how many, and a sum over their text."""
    cursor.execute(f"SELECT count(*), sum(hashtext(one::text)) FROM {table} one")  # noqa: S608
    count, total = cursor.fetchone()
    return int(count), None if total is None else int(total)


def replace_database(url: str, name: str) -> str:
    """Return the URL of another database of the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def migrate_database(url: str) -> None:
    """Bring a database up to date; the models are bound to it and not connected afterwards."""
    database.initialize(open_database(url))
    run_migrations(database)
    database.obj.close_all()


def execute_sql(url: str, *statements: str) -> None:
    """Execute statements on PostgreSQL, each in a transaction of its own."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        for statement in statements:
            connection.cursor().execute(statement)
    finally:
        connection.close()
