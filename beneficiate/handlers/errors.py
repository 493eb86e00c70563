"""Paths that do not exist."""

from beneficiate.errors import NotFound
from beneficiate.handlers.base import PageHandler


class NotFoundPage(PageHandler):
    """Any path that no other route has."""

    async def prepare(self) -> None:
        raise NotFound
