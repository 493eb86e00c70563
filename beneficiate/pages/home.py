"""`/`: everybody is sent to where they can do something."""

from beneficiate.pages.staff import StaffPage

HOMES = {"agent": "/agente"}


class Home(StaffPage):
    """The staff goes to its pages; in development others see the demo, in production the sign-in."""

    async def get(self) -> None:
        elsewhere = "/login" if self.house.settings.is_production else "/demo"
        self.redirect(HOMES.get(self.actor.role, elsewhere))
