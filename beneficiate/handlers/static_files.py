"""Static files: kept for a year when their address carries the current version, revalidated when not."""

from typing import Any

from tornado.web import StaticFileHandler

from beneficiate.audiences import Audience
from beneficiate.errors import Problem
from beneficiate.handlers.assets import STATIC, VERSION
from beneficiate.handlers.base import BaseHandler

YEAR_S = 365 * 24 * 3600


class StaticFilesHandler(BaseHandler, StaticFileHandler):
    """`/static/…` and the favicon."""

    def initialize(self, audience: Audience) -> None:  # type: ignore[override]
        BaseHandler.initialize(self, audience)
        StaticFileHandler.initialize(self, str(STATIC))
        self.is_current = False

    def parse_url_path(self, url_path: str) -> str:
        version, _, path = url_path.partition("/")
        if VERSION.fullmatch(version):
            # During a deployment pages of another version are open: they get what there is, and ask again next time.
            self.is_current = version == self.settings["assets"].current.version
            url_path = path
        return "icons/favicon.svg" if url_path == "favicon.ico" else super().parse_url_path(url_path)

    def set_extra_headers(self, path: str) -> None:
        self.set_header("Cache-Control", f"public, max-age={YEAR_S}, immutable" if self.is_current else "no-cache")

    def compute_etag(self) -> str:
        # Tornado's own is computed once a process, so that a changed file would be answered with 304.
        return f'"{self.get_content_version(str(self.absolute_path))}"'

    def get_cache_time(self, path: str, modified: Any, mime_type: str) -> int:
        return 0  # `set_extra_headers` says it

    def write_problem(self, problem: Problem) -> None:
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(problem.sentence)
