"""Liveness and readiness of the process, and the description of the API."""

from beneficiate.handlers.api import ApiHandler


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
    """Answers 200 while the process writes, reads, receives from the bus and is not stopping; 503 otherwise."""

    async def get(self) -> None:
        await self.context.check_ready()
        self.write_success({"status": "ready"})
