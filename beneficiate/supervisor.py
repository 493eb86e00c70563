"""`serve --workers N`: starts N processes that serve, replaces those that end, and all of them on SIGHUP.

This process binds the addresses and accepts nothing: the workers listen on its sockets, so that no handshake is lost
while they are replaced. A worker says over a socket of its own that it is ready, and ends when this process is gone.
"""

import asyncio
import contextlib
import signal
import socket
import sys
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path

import structlog

from beneficiate.listening import bind_metrics, bind_pages
from beneficiate.logs import log_failure
from beneficiate.settings import Settings

log = structlog.get_logger(__name__)

RUN_PY = Path(__file__).parents[1] / "run.py"
SHORT_LIFE_S = 10.0
MAX_SHORT_LIVES = 5
"""A worker that ends before it serves, or so soon afterwards, so many times in a row ends the service, unless another
worker serves: then it is tried again for as long as that takes, for example until the database is back."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0
"""Before a worker is replaced; the pause doubles with each short life."""
READY_S = 900.0
"""A worker that does not serve so long after its start hangs. Most of it is for a migration of a large table."""
STOP_S = 12.0
"""A worker needs 10.5 s at most to stop; then it is killed."""


class WorkersFailed(Exception):
    """Workers end again and again as soon as they are started."""


@dataclass(slots=True, eq=False)
class _Worker:
    """A process that serves. `control` is our end of the socket between the two."""

    number: int
    process: asyncio.subprocess.Process
    control: socket.socket
    ready_at: float | None = None

    @property
    def has_served_long(self) -> bool:
        """Return whether it has served for longer than a short life."""
        return self.ready_at is not None and time.monotonic() - self.ready_at >= SHORT_LIFE_S


class WorkerSupervisor:
    """Keeps `count` workers running until SIGTERM; SIGHUP replaces them by new ones without a pause."""

    def __init__(self, settings: Settings, count: int) -> None:
        self._settings = settings
        self._count = count
        self._sockets: list[socket.socket] = []
        self._metrics_sockets: list[list[socket.socket]] = []
        self._current: dict[int, _Worker] = {}
        self._all: set[_Worker] = set()
        self._short_lives = [0] * count
        self._lock = asyncio.Lock()
        self._is_reload_queued = False
        self._ending: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, on_ready: Callable[[], None]) -> None:
        """Serve until SIGTERM or SIGINT. Raises WorkersFailed, InvalidSettings."""
        self._bind()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end)
        loop.add_signal_handler(signal.SIGHUP, self._on_hangup)
        try:
            self._run_task(self._start_all(on_ready))
            await self._ending
        finally:
            for task in self._tasks:
                task.cancel()
            await self._stop(self._all)
            log.info("supervisor_stopped")

    def _bind(self) -> None:
        self._sockets = bind_pages(self._settings)
        self._metrics_sockets = [bind_metrics(self._settings, number) for number in range(self._count)]

    def _end(self) -> None:
        if not self._ending.done():
            self._ending.set_result(None)

    def _run_task(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._on_task_done)

    def _on_task_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None and not self._ending.done():
            self._ending.set_exception(problem)

    async def _start_all(self, on_ready: Callable[[], None]) -> None:
        async with self._lock:
            # One after the other: the first one migrates the database.
            for number in range(self._count):
                self._current[number] = await self._start_until_ready(number)
        log.info("workers_ready", workers=self._count)
        on_ready()

    async def _start_until_ready(self, number: int) -> _Worker:
        """Start a worker until one is ready. Raises WorkersFailed."""
        while True:
            worker = await self._try_start(number)
            if worker is not None:
                if await _wait_ready(worker):
                    return worker
                await self._stop({worker})
            await self._pause(number, worker)

    async def _try_start(self, number: int) -> _Worker | None:
        """Start a worker; None when the system cannot: no memory, too many processes, no program."""
        try:
            return await self._start(number)
        except OSError as problem:
            log_failure("worker_not_started", problem, worker=number)
            return None

    async def _start(self, number: int) -> _Worker:
        control, of_worker = socket.socketpair()
        control.setblocking(False)
        metrics = self._metrics_sockets[number]
        descriptors = [one.fileno() for one in (of_worker, *self._sockets, *metrics)]
        with of_worker, contextlib.ExitStack() as undo:
            undo.callback(control.close)
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                str(RUN_PY),
                "worker",
                f"--port={self._sockets[0].getsockname()[1]}",
                f"--control={of_worker.fileno()}",
                *(f"--listen={one.fileno()}" for one in self._sockets),
                *(f"--metrics={one.fileno()}" for one in metrics),
                pass_fds=descriptors,
            )
            undo.pop_all()
        worker = _Worker(number, process, control)
        self._all.add(worker)
        log.info("worker_started", worker=number, pid=process.pid)
        self._run_task(self._watch(worker))
        return worker

    async def _watch(self, worker: _Worker) -> None:
        """Replace a worker when it ends, unless another one has taken its place."""
        # Closed with the lock in hand, or at the very end: whoever waits for the word of a worker holds it.
        with worker.control:
            code = await worker.process.wait()
            self._all.discard(worker)
            async with self._lock:
                worker.control.close()
                if self._current.get(worker.number) is not worker:
                    return
                log.error("worker_ended", worker=worker.number, pid=worker.process.pid, code=code)
                await self._pause(worker.number, worker)
                self._current[worker.number] = await self._start_until_ready(worker.number)

    async def _pause(self, number: int, ended: _Worker | None) -> None:
        """Wait before a worker is replaced, longer after each short life. Raises WorkersFailed when no other serves."""
        is_short = ended is None or not ended.has_served_long
        self._short_lives[number] = lives = self._short_lives[number] + 1 if is_short else 0
        if lives >= MAX_SHORT_LIVES and not any(map(self._is_steady, self._current.values())):
            raise WorkersFailed(
                f"Worker {number} ended {lives} times in a row before it served for {SHORT_LIFE_S:.0f} s; see the log."
            )
        await asyncio.sleep(min(FIRST_PAUSE_S * 2**lives, LONGEST_PAUSE_S))

    def _is_steady(self, worker: _Worker) -> bool:
        """Return whether a worker serves and is not one that ends again and again."""
        is_running = worker.ready_at is not None and worker.process.returncode is None
        return is_running and (worker.has_served_long or self._short_lives[worker.number] == 0)

    def _on_hangup(self) -> None:
        if not self._is_reload_queued:
            self._is_reload_queued = True
            self._run_task(self._reload())

    async def _reload(self) -> None:
        """Start new workers and, when all are ready, stop the old ones; if one does not start, the old ones go on."""
        async with self._lock:
            self._is_reload_queued = False
            log.info("reloading")
            tried = [await self._try_start(number) for number in range(self._count)]
            new = [worker for worker in tried if worker is not None]
            if len(new) < self._count or not all(await asyncio.gather(*map(_wait_ready, new))):
                log.error("reload_failed")
                await self._stop(set(new))
                return
            old, self._current = self._current, {worker.number: worker for worker in new}
            self._short_lives = [0] * self._count
        await self._stop(set(old.values()))
        log.info("reloaded")

    async def _stop(self, workers: set[_Worker]) -> None:
        """Stop workers and wait for their end; those that take too long are killed."""
        running = [worker.process for worker in workers if worker.process.returncode is None]
        for process in running:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        waits = [asyncio.ensure_future(process.wait()) for process in running]
        if waits:
            await asyncio.wait(waits, timeout=STOP_S)
        for process in running:
            if process.returncode is None:
                log.error("worker_killed", pid=process.pid)
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()


async def _wait_ready(worker: _Worker) -> bool:
    """Wait until a worker serves; return False when it ends before, or hangs. The caller stops it then."""
    limit = asyncio.timeout(READY_S)
    with contextlib.suppress(ConnectionError, TimeoutError):
        async with limit:
            if await asyncio.get_running_loop().sock_recv(worker.control, 1):
                worker.ready_at = time.monotonic()
    if limit.expired():
        log.error("worker_not_ready", worker=worker.number, pid=worker.process.pid, waited_s=READY_S)
    return worker.ready_at is not None
