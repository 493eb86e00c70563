"""Is the process alive, and can it work?"""

from beneficiate.errors import Unavailable
from beneficiate.handlers.api import ApiHandler
from beneficiate.queries.catalogue import list_plans


class LivenessHandler(ApiHandler):
    """The process answers."""

    def get(self) -> None:
        self.write_success({"status": "ok"})


class OpenApiHandler(ApiHandler):
    """`/api/openapi.json`: every JSON call, printed from the code."""

    async def get(self) -> None:
        self.set_header("Content-Type", "application/json; charset=utf-8")
        await self.finish(self.application.settings["openapi"])


class ReadinessHandler(ApiHandler):
    """Database and bus answer, and the process is not on its way out; 503 otherwise."""

    async def get(self) -> None:
        await self.run_query(list_plans)
        await self.context.bus.ping()
        if self.context.is_stopping:
            raise Unavailable
        self.write_success({"status": "ready"})
