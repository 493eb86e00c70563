"""Runs a job again and again by the monotonic clock, which no change of the time of day stops."""

import asyncio
import random
from collections.abc import Awaitable, Callable

from beneficiate.errors import Problem
from beneficiate.logs import log_failure, log_repeated_warning

JITTER = 0.1
"""Part of the interval by which a run comes earlier or later, so that several processes do not run at once."""


class PeriodicJob:
    """Runs `function` every `interval_s` seconds, counted from start to start, and never twice at once.

    The first run comes after `first_s` seconds, or else after one interval. A run that fails is logged; the next one
    comes as usual.
    """

    def __init__(
        self, function: Callable[[], Awaitable[None]], interval_s: float, name: str, first_s: float | None = None
    ) -> None:
        self._function = function
        self._interval_s = interval_s
        self._name = name
        self._first_s = interval_s if first_s is None else first_s
        self._timer: asyncio.TimerHandle | None = None
        self._run: asyncio.Task[None] | None = None
        self._is_stopped = False

    def start(self) -> None:
        """Let the first run come."""
        self._schedule(self._first_s, 0.0)

    def stop(self) -> None:
        """Run no more. A run that has begun goes on: an e-mail that was sent must be marked as sent."""
        self._is_stopped = True
        if self._timer is not None:
            self._timer.cancel()

    async def cancel(self) -> None:
        """Cancel a run that still goes on after `stop`, and wait for its end."""
        if self._run is not None:
            self._run.cancel()
            await asyncio.wait([self._run])

    def _schedule(self, wait_s: float, elapsed_s: float) -> None:
        if self._is_stopped:
            return
        wait_s *= random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  no secret
        self._timer = asyncio.get_running_loop().call_later(max(0.0, wait_s - elapsed_s), self._begin)

    def _begin(self) -> None:
        self._run = asyncio.get_running_loop().create_task(self._run_once())

    async def _run_once(self) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            await self._function()
        except Problem as problem:
            log_repeated_warning("job_failed", job=self._name, code=problem.code)
        except Exception as problem:  # noqa: BLE001  logged
            log_failure("job_failed", problem, job=self._name)
        finally:
            self._schedule(self._interval_s, loop.time() - started)
