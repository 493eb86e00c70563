"""Static files: kept for ever when their URL carries a version, asked for again when not."""

from pathlib import Path
from typing import Any

from tornado.web import StaticFileHandler

from beneficiate.audiences import Audience
from beneficiate.errors import Problem
from beneficiate.pages.base import Door

STATIC = Path(__file__).parents[2] / "static"


class Files(Door, StaticFileHandler):
    """`/static/…` and the favicon."""

    def initialize(self, audience: Audience) -> None:  # type: ignore[override]
        Door.initialize(self, audience)
        StaticFileHandler.initialize(self, str(STATIC))

    def parse_url_path(self, url_path: str) -> str:
        return "icons/favicon.svg" if url_path == "favicon.ico" else super().parse_url_path(url_path)

    def set_extra_headers(self, path: str) -> None:
        # Modules import each other without a version: the browser asks, and gets 304.
        if "v" not in self.request.arguments:
            self.set_header("Cache-Control", "no-cache")

    def get_cache_time(self, path: str, modified: Any, mime_type: str) -> int:
        return self.CACHE_MAX_AGE if "v" in self.request.arguments else 0

    def say_problem(self, problem: Problem) -> None:
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(problem.sentence)
