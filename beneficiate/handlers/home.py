"""`/`: a redirect to the first page of each role."""

from beneficiate.handlers.page_sessions import HOME_PATHS
from beneficiate.handlers.signed_in import SignedInPage


class HomePage(SignedInPage):
    """Signed-in people go to the first page of their role, others to the demo, or in production to the sign-in."""

    async def get(self) -> None:
        default = "/login" if self.context.settings.is_production else "/demo"
        self.redirect(HOME_PATHS.get(self.actor.role, default))
