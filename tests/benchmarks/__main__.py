"""The figures of the README: `python -m tests.benchmarks [sqlite|postgresql] [chat|rate|storm|typing|idle …]`.

The server is a process of its own on one core, the client is this process on another one. Figures of one machine are
worth comparing with figures of the same machine and the same hour only.
"""

import asyncio
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path

from tests import servers
from tests.benchmarks import load
from tests.server_process import ROOT, AppProcess, process_environment

BACKENDS = ("sqlite", "postgresql")
LOADED_PAIRS = 4000
SECONDS = 4
MAX_OPEN_FILES = 65_536
Measure = Callable[[AppProcess, load.Pairs], Awaitable[load.Figures]]


def _closed_loop(pairs: int) -> tuple[str, Measure]:
    return f"{pairs} pairs, closed loop", lambda server, all_: load.measure_closed_loop(server, all_[:pairs], SECONDS)


def _open_loop(lines_per_s: int) -> tuple[str, Measure]:
    return f"50 pairs, {lines_per_s} lines/s", lambda server, pairs: load.measure_open_loop(
        server, pairs[:50], SECONDS, lines_per_s
    )


MODES: dict[str, tuple[str, Measure]] = {
    "chat": _closed_loop(200),
    "chat50": _closed_loop(50),
    "rate": _open_loop(500),
    "rate250": _open_loop(250),
    "rate1000": _open_loop(1000),
    "storm": ("1000 members connect", lambda server, pairs: load.measure_connection_storm(server, pairs[:1000])),
    "typing": ("500 members online", lambda server, pairs: load.measure_typing(server, pairs[:500])),
    "idle": ("4000 members online", lambda server, pairs: load.measure_idle(server, pairs[:4000])),
}


def main(asked: list[str]) -> None:
    if not {*BACKENDS, *MODES}.issuperset(asked):
        sys.exit(f"python -m tests.benchmarks [{'|'.join(BACKENDS)}] [{'|'.join(MODES)} …]")
    backends = [name for name in BACKENDS if name in asked] or list(BACKENDS)
    modes = [name for name in MODES if name in asked] or list(MODES)
    raise_file_limit()
    print(f"Python {platform.python_version()}, {len(os.sched_getaffinity(0))} cores; the server has one of them")
    for backend in backends:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="beneficiate-bench-")))
            database_url = (
                stack.enter_context(servers.postgresql_server())
                if backend == "postgresql"
                else f"sqlite:///{folder}/bench.db"
            )
            pairs = create_pairs(database_url, LOADED_PAIRS)
            for mode in modes:
                asyncio.run(_measure(folder, database_url, backend, mode, pairs))


async def _measure(folder: Path, database_url: str, backend: str, mode: str, pairs: load.Pairs) -> None:
    """Run one mode on a fresh server."""
    setting, measure = MODES[mode]
    server = AppProcess(folder, database_url)
    try:
        await server.start(preexec=split_cores())
        figures = await measure(server, pairs)
    finally:
        server.kill()
    shown = "  ".join(f"{name} {value:g}" for name, value in figures.items())
    print(f"{backend:<11} {mode:<7} {setting:<23} {shown}", flush=True)


def split_cores() -> Callable[[], None] | None:
    """Pin this process to one core; return what pins the server process to another one."""
    cores = sorted(ALL_CORES)
    if len(cores) < 2:
        return None
    os.sched_setaffinity(0, cores[1:2])
    return lambda: os.sched_setaffinity(0, cores[:1])


def raise_file_limit() -> None:
    """Allow thousands of open sockets; the server process inherits the limit."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(MAX_OPEN_FILES, most) if most > 0 else MAX_OPEN_FILES, most))


def create_pairs(database_url: str, count: int) -> load.Pairs:
    """Create pairs of a member and an agent with a chat; return their tokens, valid for a day."""
    os.sched_setaffinity(0, ALL_CORES)
    command = [sys.executable, "run.py", "load-data", "--pairs", str(count)]
    printed = subprocess.run(command, cwd=ROOT, env=process_environment(database_url), check=True, capture_output=True)
    return json.loads(printed.stdout)


ALL_CORES = os.sched_getaffinity(0)

if __name__ == "__main__":
    main(sys.argv[1:])
