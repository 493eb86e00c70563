"""A process of its own for a library that reads files of strangers: bounded in memory and time, without any settings.

What a crafted file costs or breaks ends with that process, which has no secrets and no connection. It costs 0.1 s.
"""

import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import structlog

import beneficiate
from beneficiate.errors import Unavailable

log = structlog.get_logger(__name__)

CPU_S = 30
TIMEOUT_S = 60.0
"""Twice the processor time that the process has."""
WRITTEN_BYTES = 128 * 1024 * 1024
"""The largest file it may write: 20 megapixels of noise with transparency are 80 MB."""
_ROOT = Path(beneficiate.__file__).parent.parent
_NOT_RUN = "No pudimos revisar el archivo en este momento. Intente de nuevo en unos segundos."


class TooCostly(Exception):
    """The process took too long, or was ended by a signal: what it read needs too much memory, or broke its reader."""


def run_bounded(module: str, memory_bytes: int, descriptors: Sequence[int]) -> bytes:
    """Run a module of ours, which calls `enter_bounds`, and return what it printed. Blocking: call it in a thread.

    `memory_bytes` is its address space; it inherits the descriptors. Raises TooCostly, Unavailable (it did not start).
    """
    try:
        finished = subprocess.run(  # noqa: S603  our own module and numbers
            [sys.executable, "-m", module, *map(str, (memory_bytes, *descriptors))],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            pass_fds=descriptors,
            cwd=_ROOT,
            env={},
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as problem:
        log.warning("file_not_read", by=module, reason="timeout")
        raise TooCostly from problem
    except OSError as problem:
        raise _start_problem(module, problem) from problem
    if finished.returncode < 0:
        log.warning("file_not_read", by=module, reason="signal", number=-finished.returncode)
        raise TooCostly
    if finished.returncode:
        last = _exception_name(finished.stderr)
        log.error("file_reader_failed", by=module, status=finished.returncode, last=last)
        raise Unavailable(_NOT_RUN)
    return finished.stdout


def enter_bounds() -> list[int]:
    """Limit this process by the first of its arguments, the bytes of memory; return the others, its descriptors."""
    memory_bytes, *descriptors = map(int, sys.argv[1:])
    for limit, value in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, WRITTEN_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    return descriptors


def _start_problem(module: str, problem: OSError) -> Unavailable:
    log.error("file_reader_not_started", by=module, problem=type(problem).__name__, number=problem.errno)
    return Unavailable(_NOT_RUN)


def _exception_name(stderr: bytes) -> str:
    """Return the name in the last line of a traceback; its text may contain parts of the file."""
    lines = stderr.decode(errors="replace").strip().splitlines() or [""]
    return lines[-1].partition(":")[0][:80]
