"""Server processes (`run.py serve`) on the test's database."""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests import servers
from tests.factories import SECRET
from tests.fork_server import ROOT, ForkedProcess, ForkServer

# Without the last one each of 200 processes would compile 300 modules, 0.3 s of a core.
OWN_VARIABLES = ("BENEFICIATE_", "DATABASE_URL", "REDIS_URL", "PORT", "PYTHONDONTWRITEBYTECODE")


fork_server: ForkServer | None = None
"""What forks the processes, in a run of tests. Benchmarks measure new ones."""


def start_command(
    arguments: list[str], environment: dict[str, str], output: Path, errors: Path | None = None, preexec: Any = None
) -> subprocess.Popen[bytes] | ForkedProcess:
    """Start `run.py`; what it prints is appended to a file, and to another one what are errors, where that is given."""
    if fork_server is not None and preexec is None:
        return fork_server.start(arguments, environment, output, errors)
    command = [sys.executable, "run.py", *arguments]
    with output.open("ab") as log, (errors or output).open("ab") as err:
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=err, preexec_fn=preexec)


class AppProcess:
    """One server process. Its output goes to a file in the folder of the test."""

    def __init__(self, folder: Path, database_url: str, port: int = 0, **environment: Any) -> None:
        self.port = port or servers.free_port()
        self._log = folder / f"server-{self.port}.log"
        self._environment = process_environment(database_url, **environment)
        self._process: subprocess.Popen[bytes] | ForkedProcess | None = None

    async def start(self, preexec: Any = None, workers: int = 1) -> "AppProcess":
        """Start and wait until it listens. Raises TimeoutError."""
        more = ["--workers", str(workers)] if workers > 1 else []
        self._process = start_command(
            ["serve", "--port", str(self.port), *more], self._environment, self._log, preexec=preexec
        )
        await asyncio.to_thread(servers.wait_for_port, self.port)
        return self

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def worker_pids(self) -> list[int]:
        """The processes that it has started and that run, the oldest first."""
        return sorted(pid for pid in children_of(self.pid) if is_running(pid))

    @property
    def output(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def memory_kb(self) -> int:
        """Return the private memory of the process."""
        pages = Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()
        return (int(pages[1]) - int(pages[2])) * os.sysconf("SC_PAGE_SIZE") // 1024

    def kill(self) -> None:
        """Kill with SIGKILL, and its workers too: no close frames, no clean-up."""
        if self._process is not None:
            workers = self.worker_pids
            self._process.kill()
            self._process.wait()
            for pid in workers:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def send_signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    async def exit_code(self, timeout_s: float) -> int:
        """Wait for the exit code. Raises subprocess.TimeoutExpired."""
        assert self._process is not None
        return await asyncio.to_thread(self._process.wait, timeout_s)


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has started and that it has not waited for, if it runs."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()))
    return []


def is_running(pid: int) -> bool:
    """Return whether there is this process and it has not ended."""
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return False


def process_environment(database_url: str, **environment: Any) -> dict[str, str]:
    """Return an environment with these settings and none of the user who runs the tests."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OWN_VARIABLES)}
    given = {
        "DATABASE_URL": database_url,
        "BENEFICIATE_SECRET": SECRET,
        "BENEFICIATE_ADDRESS": "127.0.0.1",
        "BENEFICIATE_LINES_PER_S": 1_000_000,
        "BENEFICIATE_LINES_BURST": 1_000_000,
        "BENEFICIATE_COMMANDS_PER_S": 1_000_000,
        "BENEFICIATE_OPEN_APPOINTMENTS": 1000,
        "BENEFICIATE_OPEN_PER_SPECIALTY": 1000,
        "BENEFICIATE_BOOKINGS_PER_HOUR": 1000,
        "BENEFICIATE_APPOINTMENT_CHANGES_PER_HOUR": 1000,
        **environment,
    }
    return {**inherited, **{name: str(value) for name, value in given.items()}}
