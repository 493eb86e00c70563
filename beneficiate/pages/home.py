"""`/`: everybody is sent to where they can do something, or told that there is nothing for them here."""

from beneficiate.pages.staff import StaffPage


class Home(StaffPage):
    """Agents go to their desk; in development others see the demo, in production the sign-in."""

    async def get(self) -> None:
        if self.actor.role == "supervisor":
            await self.draw("home.html", me=self.actor)
            return
        elsewhere = "/login" if self.house.settings.is_production else "/demo"
        self.redirect("/agente" if self.actor.role == "agent" else elsewhere)
