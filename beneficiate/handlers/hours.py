"""When the call centre is open."""

from beneficiate.handlers.api import ApiHandler
from beneficiate.queries import business_hours


class HoursHandler(ApiHandler):
    """`GET hours`: whether somebody is there now, and otherwise when: "Volvemos el martes a las 8:00 a. m."."""

    response_type = business_hours.OpeningState

    async def get(self) -> None:
        self.write_success(await self.run_query(business_hours.load_opening_state))
