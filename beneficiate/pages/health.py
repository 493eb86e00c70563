"""Is the process alive, and can it work?"""

from beneficiate.errors import Unavailable
from beneficiate.pages.api import ApiDoor
from beneficiate.queries.catalogue import plans


class Healthz(ApiDoor):
    """The process answers."""

    def get(self) -> None:
        self.succeed({"status": "ok"})


class OpenApi(ApiDoor):
    """`/api/openapi.json`: every JSON call, printed from the code."""

    async def get(self) -> None:
        self.set_header("Content-Type", "application/json; charset=utf-8")
        await self.finish(self.application.settings["openapi"])


class Readyz(ApiDoor):
    """Database and bus answer, and the process is not on its way out; 503 otherwise."""

    async def get(self) -> None:
        await self.look(plans)
        await self.house.bus.ping()
        if self.house.is_stopping:
            raise Unavailable
        self.succeed({"status": "ready"})
