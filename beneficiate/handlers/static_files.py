"""Static files: cached for a year when their address has the current version, revalidated otherwise."""

from datetime import datetime

from tornado.web import StaticFileHandler

from beneficiate.audiences import Audience
from beneficiate.errors import NotFound, Problem
from beneficiate.handlers.assets import STATIC, VERSION
from beneficiate.handlers.base import BaseHandler

ROOT_FILES = {
    "favicon.ico": "icons/favicon.ico",
    "apple-touch-icon.png": "icons/apple-touch-icon.png",
    "apple-touch-icon-precomposed.png": "icons/apple-touch-icon.png",
    "manifest.webmanifest": "manifest.webmanifest",
    "avisos.js": "src/push/service-worker.js",
}
"""Files that browsers ask the root of a site for. A worker is for the pages below its own address: for all of them.

The icons are drawn from `icons/favicon.svg`; the one for phones is 180 px wide and opaque, since iOS makes transparency
black.
"""
WORKER_CSP = "default-src 'none'; connect-src 'self'"
"""A worker has a policy of its own: this one only says that a subscription was changed."""
MANIFEST_TYPE = "application/manifest+json"
YEAR_S = 365 * 24 * 3600


class StaticFilesHandler(BaseHandler, StaticFileHandler):
    """`/static/…` and the icons that browsers ask the root of a site for."""

    def initialize(self, audience: Audience) -> None:  # type: ignore[override]
        BaseHandler.initialize(self, audience)
        StaticFileHandler.initialize(self, str(STATIC))
        self.is_current = False

    async def head(self, *path: str) -> None:
        await StaticFileHandler.head(self, *path)

    def validate_absolute_path(self, root: str, absolute_path: str) -> str | None:
        if "\0" in absolute_path:
            raise NotFound
        return super().validate_absolute_path(root, absolute_path)

    def parse_url_path(self, url_path: str) -> str:
        version, _, path = url_path.partition("/")
        if VERSION.fullmatch(version):
            # During a deployment pages of another version are open: they are sent the current file, not to be cached.
            self.is_current = version == self.settings["assets"].current.version
            url_path = path
        return ROOT_FILES.get(url_path) or super().parse_url_path(url_path)

    def set_extra_headers(self, path: str) -> None:
        self.set_header("Cache-Control", f"public, max-age={YEAR_S}, immutable" if self.is_current else "no-cache")
        if self.is_current:
            # Nobody asks again for what never changes: with the ETag, 88 bytes of headers less for each of 50 files.
            self.clear_header("Last-Modified")

    def get_content_type(self) -> str:
        is_manifest = str(self.absolute_path).endswith(".webmanifest")
        return MANIFEST_TYPE if is_manifest else super().get_content_type()

    def compute_etag(self) -> str | None:
        # Tornado computes its own once per process, so a changed file would be answered with 304.
        return None if self.is_current else f'"{self.get_content_version(str(self.absolute_path))[:32]}"'

    def get_cache_time(self, path: str, modified: datetime | None, mime_type: str) -> int:
        return 0  # `set_extra_headers` sets Cache-Control

    def write_problem(self, problem: Problem) -> None:
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(problem.sentence)


class ServiceWorkerHandler(StaticFilesHandler):
    """`/avisos.js`, the worker that shows pushes."""

    content_security_policy = WORKER_CSP
