"""`/`: everybody is sent to where they can do something."""

from beneficiate.handlers.login import HOME_PATHS
from beneficiate.handlers.signed_in import SignedInPage


class HomePage(SignedInPage):
    """Who has signed in goes to their first page; others see the demo in development, the sign-in in production."""

    async def get(self) -> None:
        default = "/login" if self.context.settings.is_production else "/demo"
        self.redirect(HOME_PATHS.get(self.actor.role, default))
