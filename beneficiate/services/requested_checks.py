"""Asks Wompi about payments at once, because somebody looks at one or pays for another plan."""

import asyncio
from collections.abc import Awaitable, Callable

from beneficiate.actions import payment_checks
from beneficiate.errors import Problem
from beneficiate.logs import log_repeated_warning
from beneficiate.store import Store
from beneficiate.unit_of_work import Actor

CHECK_WAIT_S = 2.0
"""Seconds that a page or a purchase waits for Wompi. A search takes 0.3 s; what comes later is published."""


class RequestedChecks:
    """The checks of payments that persons cause. `reconcile` searches Wompi for all payments that are due for one."""

    def __init__(self, store: Store, reconcile: Callable[[], Awaitable[object]]) -> None:
        self._store = store
        self._reconcile = reconcile
        self._task: asyncio.Task[None] | None = None
        self._is_requested = False

    async def check(self, actor: Actor, payment_id: str | None = None) -> None:
        """Ask Wompi about the actor's payments that no plan came of, or about one. Waits `CHECK_WAIT_S` at most.

        There is one search at a time; whoever asks meanwhile is in the next one.
        """
        if not await self._store.run(payment_checks.request_checks, payment_id, actor):
            return
        self._is_requested = True
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._search_while_requested())
        await asyncio.wait({self._task}, timeout=CHECK_WAIT_S)

    async def stop(self) -> None:
        """Cancel the search that runs; what it has claimed is due again within a minute."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _search_while_requested(self) -> None:
        while self._is_requested:
            self._is_requested = False
            try:
                await self._reconcile()
            except Problem as problem:
                log_repeated_warning("check_failed", why=type(problem).__name__)
