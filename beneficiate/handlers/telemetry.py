"""`/metrics`: what this process measures of itself, in the text format of Prometheus, on an address of its own."""

import contextlib
from collections import Counter

from beneficiate.errors import Problem
from beneficiate.handlers.api import ApiHandler
from beneficiate.queries.board import load_queue_figures
from beneficiate.telemetry import CONTENT_TYPE


class TelemetryHandler(ApiHandler):
    """Answers also while the database does not; then the queue has no numbers."""

    async def get(self) -> None:
        context = self.context
        waiting = longest_wait_s = None
        # While the database is away, which `beneficiate_unit_seconds` shows, the rest is worth reading.
        with contextlib.suppress(Problem):
            waiting, longest_wait_s = await self.run_query(load_queue_figures)
        context.telemetry.set_queue(waiting, longest_wait_s)
        roles = Counter(connection.actor.role for connection in context.hub.connections)
        context.telemetry.set_load(roles, context.store.queued_commands)
        self.set_header("Content-Type", CONTENT_TYPE)
        await self.finish(context.telemetry.render())
