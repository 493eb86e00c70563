"""The chat for other pages: three files that any site may load."""

from beneficiate.handlers.static_files import StaticFilesHandler

WIDGET_FILES = {"widget.js": "dist/widget.js", "app.js": "dist/widget-app.js", "widget.css": "dist/widget.css"}
"""Their names under `/static/widget/`, which are a contract, and the files in `static/`. `make widget` builds them."""


class WidgetFileHandler(StaticFilesHandler):
    """`/static/widget/…`: the loader, the chat and its style."""

    def parse_url_path(self, url_path: str) -> str:
        return WIDGET_FILES[url_path]

    def get_content_type(self) -> str:
        # The page of another site may have another encoding.
        return f"{super().get_content_type()}; charset=utf-8"

    def set_extra_headers(self, path: str) -> None:
        super().set_extra_headers(path)
        self.set_header("Access-Control-Allow-Origin", "*")
        self.set_header("Cross-Origin-Resource-Policy", "cross-origin")
