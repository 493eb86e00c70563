"""What is not there."""

from beneficiate.errors import NotFound
from beneficiate.pages.base import Page


class NoSuchPage(Page):
    """Any path that no other route has."""

    async def prepare(self) -> None:
        raise NotFound
