"""Paths that do not exist."""

from beneficiate.errors import NotFound
from beneficiate.handlers.base import PageHandler


class NotFoundPage(PageHandler):
    """Any path that no other route has; one that ends in a slash leads to the one without."""

    async def prepare(self) -> None:
        path = "/" + self.request.path.strip("/\\")
        if self.request.method in ("GET", "HEAD") and self.request.path.endswith("/") and path != "/":
            query = f"?{self.request.query}" if self.request.query else ""
            self.redirect(path + query, permanent=True)
            return
        raise NotFound
