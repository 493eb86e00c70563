"""Liveness and readiness of the process, and the description of the API."""

from beneficiate.errors import Unavailable
from beneficiate.handlers.api import ApiHandler
from beneficiate.queries.catalogue import list_plans


class LivenessHandler(ApiHandler):
    """Answers while the process runs."""

    def get(self) -> None:
        self.write_success({"status": "ok"})


class OpenApiHandler(ApiHandler):
    """`/api/openapi.json`: every call of the API, described from the code."""

    async def get(self) -> None:
        self.set_header("Content-Type", "application/json; charset=utf-8")
        await self.finish(self.application.settings["openapi"])


class ReadinessHandler(ApiHandler):
    """Answers 200 while the database and the bus do and the process is not stopping; 503 otherwise."""

    async def get(self) -> None:
        await self.run_query(list_plans)
        await self.context.bus.ping()
        if self.context.is_stopping:
            raise Unavailable
        self.write_success({"status": "ready"})
