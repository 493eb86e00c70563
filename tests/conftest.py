"""Databases, servers and browsers for every test.

A test that asks for `database_url` (or anything that needs one) runs twice: on SQLite and on PostgreSQL. With
DATABASE_URL in the environment it runs once, on a database of that server.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest

from beneficiate.app import Server
from beneficiate.migrations import migrate
from beneficiate.models.base import database, open_database
from beneficiate.settings import Settings
from beneficiate.store import Actor, Emission, Order, Work
from tests import people, servers
from tests.flows.payments import Strange
from tests.people import SECRET

TEMPLATE = f"beneficiate_template_{os.getpid()}"
_given = os.environ.get("DATABASE_URL", "")
BACKENDS = [backend for backend in ("sqlite", "postgresql") if not _given or _given.startswith(backend[:6])]


LONG = ("browser", "flows")
"""The folders whose tests take seconds: a browser keeps a processor busy, sockets mostly wait."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files of the long folders first and in turn, so that workers share the processors well and end together."""
    places: dict[Path, tuple[bool, int, str]] = {}
    for item in items:
        folder = item.path.parent
        if item.path not in places:
            number = sum(1 for path in places if path.parent == folder)
            places[item.path] = (folder.name not in LONG, number, str(folder))
    items.sort(key=lambda item: places[item.path])


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A PostgreSQL server, with a template database that is migrated and has the reference data."""
    if _given.startswith("postgres"):
        yield from _with_template(_given)
        return
    with servers.postgresql() as url:
        # Nothing here outlives the run, and a database of its own for each test is made several times faster.
        _sql(url, "ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET full_page_writes = off", "SELECT pg_reload_conf()")
        yield from _with_template(url)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with servers.redis() as url:
        yield url


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database of this test alone, migrated, without people."""
    if backend == "sqlite":
        path = tmp_path / "test.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    yield from _fresh_postgresql(request.getfixturevalue("postgresql_url"))


@pytest.fixture
def db(database_url: str) -> Iterator[Any]:
    """The models bound to the test's database."""
    database.initialize(open_database(database_url))
    database.obj.connect()
    yield database.obj
    database.obj.close_all()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        secret=SECRET,
        database_url=database_url,
        files=str(tmp_path / "files"),
        port=0,
        address="127.0.0.1",
        presence_grace_s=0.4,
        beat_s=5.0,
    )


@pytest.fixture
def start(io_loop: Any, settings: Settings) -> Iterator[Callable[..., Any]]:
    """Start servers of the house in this process; they stop when the test is over."""
    started: list[Server] = []

    async def start_one(**changes: Any) -> Server:
        values = {name: getattr(settings, name) for name in Settings.__slots__}
        server = Server(Settings(**{**values, **changes}))
        await server.start()
        started.append(server)
        return server

    yield start_one
    io_loop.run_sync(people.close_all)
    for server in started:
        io_loop.run_sync(server.stop)


@pytest.fixture
def server(io_loop: Any, start: Callable[..., Any]) -> Server:
    """One running server on the test's database."""
    running: Server = io_loop.run_sync(start)
    return running


@pytest.fixture
def strange(io_loop: Any) -> Iterator[Strange]:
    """A Wompi that answers strangely."""
    running = Strange()
    io_loop.run_sync(running.start)
    yield running
    io_loop.run_sync(running.stop)


@pytest.fixture
def act(db: Any) -> Callable[..., Any]:
    """Run one action without a loop: `act(action, command, actor)` returns its result and what it said."""

    def run(
        action: Callable[..., Any], command: Any, actor: Actor, now: datetime | None = None
    ) -> tuple[Any, list[Emission]]:
        work = Work(actor, now or datetime.now(UTC))
        with db.atomic():
            if hasattr(action, "batch_limit"):
                result = action(work, [Order(actor, command)])[0]
                if isinstance(result, Exception):
                    raise result
            else:
                result = action(work, command)
        return result, work.emissions

    return run


def _with_template(url: str) -> Iterator[str]:
    _sql(url, f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)", f"CREATE DATABASE {TEMPLATE}")
    _migrate(_named(url, TEMPLATE))
    yield url
    for name in (TEMPLATE, f"beneficiate_test_{os.getpid()}"):
        _sql(url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _fresh_postgresql(url: str) -> Iterator[str]:
    """A database like the template: the one of the test before, swept, or a copy when that cannot be.

    To copy one takes 200 ms, to sweep one 10.
    """
    name = f"beneficiate_test_{os.getpid()}"
    if not _is_swept(url, name):
        _sql(
            url,
            f"DROP DATABASE IF EXISTS {name} WITH (FORCE)",
            f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY",
        )
    yield _named(url, name)


def _is_swept(url: str, name: str) -> bool:
    """Whether the database is there and is like the template again: whoever is still in it is sent away, what was
    written is deleted. Not when the data that the template has was changed."""
    _sql(url, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608
    try:
        with closing(psycopg2.connect(_named(url, name))) as database, database, database.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
            tables = sorted(row[0] for row in cursor.fetchall())
            prints = {table: _print_of(cursor, table) for table in tables}
            expected = _template_prints(url, tables)
            if any(prints[table] != one for table, one in expected.items() if one != NO_ROWS):
                return False
            for table in (one for one in tables if prints[one] != expected[one]):
                cursor.execute(f"DELETE FROM {table}")  # noqa: S608
            numbers = "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S' AND relname = ANY(%s)"
            cursor.execute(numbers, ([f"{table}_id_seq" for table, one in expected.items() if one == NO_ROWS],))
    except psycopg2.OperationalError:
        return False
    return True


NO_ROWS = (0, None)
_prints: dict[str, tuple[int, int | None]] = {}


def _template_prints(url: str, tables: list[str]) -> dict[str, tuple[int, int | None]]:
    if not _prints:
        with closing(psycopg2.connect(_named(url, TEMPLATE))) as database, database.cursor() as cursor:
            _prints.update({table: _print_of(cursor, table) for table in tables})
    return _prints


def _print_of(cursor: Any, table: str) -> tuple[int, int | None]:
    """What tells whether the rows of a table are the same: how many, and a sum over their text."""
    cursor.execute(f"SELECT count(*), sum(hashtext(one::text)) FROM {table} one")  # noqa: S608
    count, total = cursor.fetchone()
    return int(count), None if total is None else int(total)


def _named(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _migrate(url: str) -> None:
    database.initialize(open_database(url))
    migrate(database)
    database.obj.close_all()


def _sql(url: str, *statements: str) -> None:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        for statement in statements:
            connection.cursor().execute(statement)
    finally:
        connection.close()
