"""The member's side, for development only: a company page with the chat in it, and sign-ins to try it with."""

from beneficiate.errors import NotFound
from beneficiate.handlers.base import PageHandler
from beneficiate.queries.demo import list_demo_members
from beneficiate.settings import DEMO_PASSWORD


class DemoPage(PageHandler):
    """`/demo`."""

    async def get(self) -> None:
        if self.context.settings.is_production:
            raise NotFound
        await self.render_page(
            "demo/demo.html", members=await self.run_query(list_demo_members), password=DEMO_PASSWORD
        )
