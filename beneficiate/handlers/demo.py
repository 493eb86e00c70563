"""The demo page, for development only: a company site with the chat widget, and members to try it with."""

from beneficiate.errors import NotFound
from beneficiate.handlers.base import PageHandler
from beneficiate.queries.demo import list_demo_members
from beneficiate.settings import DEMO_PASSWORD
from beneficiate.views.demo import DemoLanding


class DemoPage(PageHandler):
    """`/demo`."""

    async def get(self) -> None:
        if self.context.settings.is_production:
            raise NotFound
        await self.render_page(DemoLanding(await self.run_query(list_demo_members), DEMO_PASSWORD))
