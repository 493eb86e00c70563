"""The chat for other pages: the files that any site may load, and what they ask of this installation."""

from typing import TypedDict

from beneficiate.handlers.api import ApiHandler
from beneficiate.handlers.static_files import StaticFilesHandler

WIDGET_FILES = {
    "widget.js": "dist/widget.js",
    "app.js": "dist/app.js",
    "widget.css": "dist/widget.css",
    "later.js": "dist/later.js",
}
"""Their names under `/static/widget/`, which are a contract, and the files in `static/`. `make widget` builds them."""


class WidgetSettings(TypedDict):
    """The settings that the widget needs: contacts, empty when there is none, and the size of the largest file."""

    contact_phone: str
    contact_email: str
    attachment_bytes: int


class WidgetFileHandler(StaticFilesHandler):
    """`/static/widget/…`: the loader, the chat, its style, and what is fetched when it is asked for."""

    def parse_url_path(self, url_path: str) -> str:
        return WIDGET_FILES[url_path]

    def get_content_type(self) -> str:
        # The page of another site may have another encoding.
        return f"{super().get_content_type()}; charset=utf-8"

    def set_extra_headers(self, path: str) -> None:
        super().set_extra_headers(path)
        self.set_header("Access-Control-Allow-Origin", "*")
        self.set_header("Cross-Origin-Resource-Policy", "cross-origin")


class WidgetSettingsHandler(ApiHandler):
    """`GET widget`: where there is help without an account, and the largest file that can be sent."""

    response_type = WidgetSettings

    async def get(self) -> None:
        settings = self.context.settings
        self.write_success(
            WidgetSettings(
                contact_phone=settings.contact_phone,
                contact_email=settings.contact_email,
                attachment_bytes=settings.attachment_bytes,
            )
        )
