"""When the call centre is open."""

from beneficiate.pages.api import ApiDoor
from beneficiate.queries import hours


class Hours(ApiDoor):
    """`GET hours`: whether somebody is there now, and otherwise when: "Volvemos el martes a las 8:00 a. m."."""

    gives = hours.Opening

    async def get(self) -> None:
        self.succeed(await self.look(hours.opening))
