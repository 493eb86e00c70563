"""Bases of the pages with a common frame: the members' site and the supervisors' pages."""

from beneficiate.handlers.signed_in import SignedInPage
from beneficiate.queries.site_frame import load_site_frame
from beneficiate.views.avatars import ActorView, describe_actor
from beneficiate.views.site import SiteFrame


class SitePage(SignedInPage):
    """A page of the members' site."""

    async def load_frame(self) -> SiteFrame:
        """Return what the frame of each page shows: who is signed in and the plan that runs for them."""
        is_test = self.context.settings.wompi_environment == "test"
        return await self.run_query(load_site_frame, is_test)


class SupervisorPage(SignedInPage):
    """A page of the supervisors."""

    @property
    def me(self) -> ActorView:
        """Who is signed in."""
        return describe_actor(self.actor)

    @property
    def is_test(self) -> bool:
        """Whether payments are only tests."""
        return self.context.settings.wompi_environment == "test"
