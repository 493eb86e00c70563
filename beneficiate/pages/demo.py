"""The member's side, for development only: a company page with the chat in it, and sign-ins to try it with."""

from beneficiate.errors import NotFound
from beneficiate.pages.base import Page
from beneficiate.queries.demo import demo_members
from beneficiate.settings import DEMO_PASSWORD


class DemoPage(Page):
    """`/demo`."""

    async def get(self) -> None:
        if self.house.settings.is_production:
            raise NotFound
        await self.draw("demo/demo.html", members=await self.look(demo_members), password=DEMO_PASSWORD)
