"""A process that has imported the application and forks for each command of `run.py`.

To import it takes a second of a core, and the tests start 200 processes. A command runs in the fork as it does in a
process of its own: its own environment, output, signals and exit code.
"""

import gc
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from jinja2 import FileSystemBytecodeCache

from beneficiate.handlers.templating import create_environment

ROOT = Path(__file__).parents[1]


class ForkedProcess:
    """A running command, with the methods of `subprocess.Popen` that the tests use."""

    def __init__(self, pid: int, connection: socket.socket) -> None:
        self.pid = pid
        self._connection = connection
        self._exit_code: int | None = None

    def send_signal(self, number: int) -> None:
        """Send a signal unless the process has ended."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        if self._exit_code is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code; -9 after SIGKILL. Raises subprocess.TimeoutExpired."""
        if self._exit_code is None:
            self._connection.settimeout(timeout)
            try:
                self._exit_code = int(json.loads(self._connection.recv(100)))
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired("run.py", timeout or 0) from None
            self._connection.close()
        return self._exit_code


class ForkServer:
    """The process, started with its first fork. It ends with its forks when `stop` is called or its parent ends.

    Its forks keep their compiled templates in `templates`, a folder that several fork servers may share.
    """

    def __init__(self, folder: Path, templates: Path) -> None:
        self._address = folder / "socket"
        self._templates = templates
        self._process: subprocess.Popen[bytes] | None = None

    def start(
        self, arguments: list[str], environment: dict[str, str], output: Path, errors: Path | None = None
    ) -> ForkedProcess:
        """Run `run.py` with these arguments. What it prints is appended to a file; errors may have one of their own."""
        if self._process is None:
            self._launch()
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(self._address))
        request = {"arguments": arguments, "environment": environment, "output": str(output)}
        request["errors"] = str(errors or output)
        connection.sendall(json.dumps(request).encode() + b"\n")
        with connection.makefile("rb", buffering=0) as answers:
            return ForkedProcess(int(answers.readline()), connection)

    def stop(self) -> None:
        """Kill all forks and end."""
        if self._process is not None:
            self._process.communicate()

    def _launch(self) -> None:
        # Its own session: an interrupt from the keyboard is for the tests, which then stop it.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.fork_server", self._address, self._templates],
            cwd=ROOT,
            # With this variable it would compile 300 modules, in each worker of each run.
            env={name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"listening\n"


def is_available() -> bool:
    """Return whether forks can be waited for (on Linux) and nothing is measured that a fork would not be."""
    return hasattr(os, "pidfd_open") and "COVERAGE_PROCESS_CONFIG" not in os.environ


def _accept(listener: socket.socket) -> dict[str, Any] | None:
    """Fork for each request until stdin ends. Return the request in its fork, None in the server at the end."""
    running: dict[int, tuple[int, socket.socket]] = {}
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        selector.register(sys.stdin, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is sys.stdin:
                    for pid, connection in running.values():
                        os.kill(pid, signal.SIGKILL)
                        _report_exit(pid, connection)
                    return None
                if key.fileobj is not listener:
                    selector.unregister(key.fd)
                    _report_exit(*running.pop(key.fd))
                    os.close(key.fd)
                    continue
                connection = listener.accept()[0]
                request = json.loads(connection.makefile("rb").readline())
                pid = os.fork()
                if pid == 0:
                    for descriptor, (_, other) in running.items():
                        os.close(descriptor)
                        other.close()
                    connection.close()
                    return dict(request)
                connection.sendall(b"%d\n" % pid)
                descriptor = os.pidfd_open(pid)
                running[descriptor] = pid, connection
                selector.register(descriptor, selectors.EVENT_READ)


def _report_exit(pid: int, connection: socket.socket) -> None:
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with connection, suppress(BrokenPipeError):  # nobody may wait for it
        connection.sendall(b"%d\n" % code)


def _become(request: dict[str, Any]) -> None:
    """Give this process what a new one would have."""
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv = ["run.py", *request["arguments"]]
    nothing = os.open(os.devnull, os.O_RDONLY)
    output, errors = (
        os.open(request[name], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644) for name in ("output", "errors")
    )
    for target, source in enumerate((nothing, output, errors)):
        os.dup2(source, target)
        os.close(source)


def keep_compiled_templates(folder: str | Path) -> None:
    """Let this process and its forks take the templates that one of them has compiled: those of a page take 50 ms."""
    create_environment().bytecode_cache = FileSystemBytecodeCache(str(folder))


def main() -> None:
    """Listen at the address that is the first argument; the second is the folder of the compiled templates."""
    from beneficiate.cli.main import main as run

    keep_compiled_templates(sys.argv[2])
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[1])
    listener.listen(64)
    gc.freeze()  # what is imported stays shared with the forks
    print("listening", flush=True)
    request = _accept(listener)
    listener.close()
    if request is not None:
        _become(request)
        run()


if __name__ == "__main__":
    main()
