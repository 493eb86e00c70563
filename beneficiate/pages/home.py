"""`/`: everybody is sent to where they can do something."""

from beneficiate.pages.login import HOMES
from beneficiate.pages.signed_in import SignedInPage


class Home(SignedInPage):
    """Who has signed in goes to their first page; others see the demo in development, the sign-in in production."""

    async def get(self) -> None:
        elsewhere = "/login" if self.house.settings.is_production else "/demo"
        self.redirect(HOMES.get(self.actor.role, elsewhere))
