"""Databases, servers and browsers for every test.

A test that asks for `database_url` (or anything that needs one) runs twice: on SQLite and on PostgreSQL. With
DATABASE_URL in the environment it runs once, on a database of that server.
"""

import asyncio
import gc
import os
import shutil
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import redis
import structlog
from hypothesis import settings as hypothesis_settings

from beneficiate import logs, passwords
from beneficiate.app import Server
from beneficiate.clients.wompi import WompiClient
from beneficiate.domain.booking.rules import DEFAULT_RULES, BusinessRules
from beneficiate.models.base import database, open_database
from beneficiate.models.sqlite import SelfEndingSqliteDatabase
from beneficiate.rate_limiters import RateLimiters
from beneficiate.realtime.redis_buckets import LIMIT_PREFIX, REFUSALS_KEY
from beneficiate.sandbox.server import Sandbox
from beneficiate.settings import Settings
from beneficiate.unit_of_work import Actor, OutgoingEvent, UnitOfWork
from tests import factories, fork_server, server_process, servers
from tests.databases import (
    BACKENDS,
    GIVEN_DATABASE_URL,
    ROLLED_BACK_DATABASE,
    execute_sql,
    fresh_postgresql,
    migrate_database,
    replace_database,
    with_template,
)
from tests.factories import SECRET
from tests.flows.payment_steps import SHOP_KEYS, MisbehavingWompi, settings_over
from tests.node import MISSING_NODE_TOOLS
from tests.push_service import PushService
from tests.unit_of_work import call

# By default a traceback is printed with all variables of its frames, which takes seconds on a busy machine.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)

# The first test with a loop would make another one besides, which nobody closes: in whichever test it is collected as
# garbage, that one would fail with a ResourceWarning.
asyncio.set_event_loop(None)

# A deadline would make every property a timed test: on a busy machine 200 ms pass without anything being wrong.
hypothesis_settings.register_profile("beneficiate", deadline=None)
hypothesis_settings.load_profile("beneficiate")

SLOW_FOLDERS = ("browser", "flows")
"""The folders whose tests take seconds: a browser keeps a processor busy, sockets mostly wait."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage among the tests, neither while they are collected, for 1.2 s of each worker, nor later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files of the long folders first and in turn, so that workers share the processors well and end together."""
    places: dict[Path, tuple[bool, int, str]] = {}
    files: Counter[Path] = Counter()
    for item in items:
        if item.path not in places:
            folder = item.path.parent
            places[item.path] = (folder.name not in SLOW_FOLDERS, files[folder], str(folder))
            files[folder] += 1
    items.sort(key=lambda item: places[item.path])


@pytest.fixture(scope="session", autouse=True)
def _reversed_rows() -> Iterator[None]:
    """Let SQLite return rows in reverse where a statement names no order: PostgreSQL returns them in any."""
    before = SelfEndingSqliteDatabase.__init__

    def init(self: SelfEndingSqliteDatabase, path: str, pragmas: Any = None, **options: Any) -> None:
        before(self, path, pragmas={**(pragmas or {}), "reverse_unordered_selects": 1}, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SelfEndingSqliteDatabase, "__init__", init)
        yield


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    """Undo what a command does to the umask of its process, which here is that of all tests and their servers."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture(autouse=True)
def _new_failure_throttle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every test see the first of each failure in the log."""
    monkeypatch.setattr(logs, "_failures", logs.LogThrottle(logs.FAILURE_INTERVAL_S))


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a password that a test chooses be hashed in no time: the hash of an account takes 0.1 s of a core."""
    monkeypatch.setattr(passwords, "_hasher", factories.cheap_hasher)


@pytest.fixture(scope="session", autouse=True)
def _fork_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let the processes of the application be forked where that is possible, and share what they compile."""
    run = tmp_path_factory.getbasetemp()
    templates = (run.parent if "PYTEST_XDIST_WORKER" in os.environ else run) / "templates"
    templates.mkdir(exist_ok=True)
    fork_server.keep_compiled_templates(templates)
    if not fork_server.is_available():
        yield
        return
    server_process.fork_server = fork_server.ForkServer(tmp_path_factory.mktemp("fork"), templates)
    yield
    server_process.fork_server.stop()
    server_process.fork_server = None


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A PostgreSQL server, with a template database that is migrated and has the reference data."""
    if GIVEN_DATABASE_URL.startswith("postgres"):
        yield from with_template(GIVEN_DATABASE_URL)
        return
    with servers.postgresql_server() as url:
        # Nothing here outlives the run, and a database of its own for each test is made several times faster.
        execute_sql(
            url, "ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET full_page_writes = off", "SELECT pg_reload_conf()"
        )
        yield from with_template(url)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    migrate_database(f"sqlite:///{path}")
    return path


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say loudly which tests were skipped because something is missing; a worker's skip is only known here."""
    reasons = {report.longrepr[2].removeprefix("Skipped: ") for report in terminalreporter.stats.get("skipped", ())}
    for what, reason in (
        ("REDIS", servers.NO_REDIS),
        ("NGINX", servers.NO_NGINX),
        ("PGBOUNCER", servers.NO_PGBOUNCER),
        ("NODE", MISSING_NODE_TOOLS),
    ):
        if reason in reasons:
            terminalreporter.section(f"NO TEST WITH {what} HAS RUN", sep="!", red=True, bold=True)
            terminalreporter.line(reason)


@pytest.fixture(scope="session")
def redis_server_url() -> Iterator[str]:
    with servers.redis_server() as url:
        yield url


@pytest.fixture
def redis_url(redis_server_url: str) -> str:
    """A Redis in which nobody has used anything of a limit: the people of each test have the same ids."""
    with redis.Redis.from_url(redis_server_url) as client:
        for key in [REFUSALS_KEY, *client.scan_iter(f"{LIMIT_PREFIX}*", 1000)]:
            client.delete(key)
    return redis_server_url


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
    yield from fresh_postgresql(request.getfixturevalue("postgresql_url"))


@pytest.fixture
def db(database_url: str) -> Iterator[Any]:
    """The models bound to the test's database."""
    opened = open_database(database_url)
    database.initialize(opened)
    opened.connect()
    yield opened
    # Not `database.obj`: a server that the test started has bound the models to a database of its own.
    opened.close_all()


@pytest.fixture
def rolled_back_db(backend: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The models bound to a migrated database without people: what the test does is rolled back.

    Tests of a folder or a module whose tests are one transaction each let `db` return it.
    """
    if backend == "sqlite":
        url = f"sqlite:///{request.getfixturevalue('sqlite_template')}"
    else:
        url = replace_database(request.getfixturevalue("postgresql_url"), ROLLED_BACK_DATABASE)
    database.initialize(open_database(url))
    database.obj.connect()
    if backend == "postgresql":
        # The transaction lasts as long as the test, on a busy machine longer than those of the product may.
        database.obj.execute_sql("SET idle_in_transaction_session_timeout = 0")
    with database.obj.atomic() as unit:
        yield database.obj
        unit.rollback()
    database.obj.close_all()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        secret=SECRET,
        database_url=database_url,
        files_folder=str(tmp_path / "files"),
        erasures_file=str(tmp_path / "erasures.jsonl"),
        port=0,
        address="127.0.0.1",
        presence_grace_s=0.4,
        ping_interval_s=5.0,
        open_appointments=1000,
        open_per_specialty=1000,
        bookings_per_hour=1000,
        appointment_changes_per_hour=1000,
    )


@pytest.fixture
def start(io_loop: Any, db: Any, settings: Settings) -> Iterator[Callable[..., Any]]:
    """Start servers of the application in this process; they stop when the test is over.

    After `db`, so that the models are bound to the database of the last server, and `db` closes only
    connections of its own: closing one that a thread of a server reads from ends the process.
    """
    started: list[Server] = []

    async def start_one(**changes: Any) -> Server:
        values = {name: getattr(settings, name) for name in Settings.__slots__}
        server = Server(Settings(**{**values, **changes}))
        await server.start()
        started.append(server)
        return server

    yield start_one
    io_loop.run_sync(factories.close_all_sockets)
    for server in started:
        io_loop.run_sync(server.stop)


def stop_refilling(server: Server) -> Server:
    """Let the rate limits of a server give what they have and no more, however slow the machine is."""
    server.context.limiters = RateLimiters.from_settings(server.settings, clock=lambda: 0.0)
    return server


@pytest.fixture
def server(io_loop: Any, start: Callable[..., Any]) -> Server:
    """One running server on the test's database."""
    running: Server = io_loop.run_sync(start)
    return running


@pytest.fixture
def misbehaving_wompi(io_loop: Any) -> Iterator[MisbehavingWompi]:
    """A Wompi whose responses a test decides."""
    running = MisbehavingWompi()
    io_loop.run_sync(running.start)
    yield running
    io_loop.run_sync(running.stop)


@pytest.fixture
def push_service(io_loop: Any) -> Iterator[PushService]:
    """A push service that checks what it gets."""
    running = PushService()
    io_loop.run_sync(running.start)
    yield running
    io_loop.run_sync(running.stop)


@pytest.fixture
def sandbox(io_loop: Any) -> Iterator[Sandbox]:
    running = Sandbox("", keys=SHOP_KEYS, retry_s=(), settle_s=0.02)
    running.behaviour.lose_events = True
    io_loop.run_sync(running.start)
    yield running
    io_loop.run_sync(running.stop)


@pytest.fixture
def wompi_client(io_loop: Any) -> Iterator[Callable[..., WompiClient]]:
    """Clients of a Wompi: `wompi_client(sandbox, **settings)`."""
    made: list[WompiClient] = []

    def make(wompi: Any, **changes: Any) -> WompiClient:
        made.append(WompiClient(Settings(secret=SECRET, **settings_over(wompi, **changes))))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def rules() -> BusinessRules:
    """The rules of `act`; a test may have others."""
    return DEFAULT_RULES


@pytest.fixture
def act(db: Any, rules: BusinessRules) -> Callable[..., Any]:
    """Run one action without a loop: `act(action, command, actor)` returns its result and what it said."""

    def run(
        action: Callable[..., Any], command: Any, actor: Actor, now: datetime | None = None
    ) -> tuple[Any, list[OutgoingEvent]]:
        uow = UnitOfWork(actor, now or datetime.now(UTC), rules)
        with db.atomic():
            result = call(action, uow, command)
        return result, uow.outgoing

    return run
