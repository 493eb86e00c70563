"""The chat for other pages: three files that any site may load, each as small as it can be sent."""

import re
from functools import lru_cache
from pathlib import Path

from beneficiate.handlers.assets import STATIC
from beneficiate.handlers.base import BaseHandler

WIDGET_DIR = STATIC / "src" / "widget"
CONTENT_TYPES = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}
BUNDLED_MODULES = (
    "storage",
    "session",
    "connection",
    "outbox",
    "dom",
    "composer",
    "files",
    "chat",
    "assistant",
    "appointments",
    "plan",
    "app",
)
"""What `app.js` is made of; each needs only those before it."""
_COMMENT = re.compile(r"^\s*/\*(?:[^*]|\*(?!/))*\*/$|(?:^|\s)//(?: .*)?$", re.MULTILINE)
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./[a-z]+\.js";$', re.MULTILINE)


class WidgetFileHandler(BaseHandler):
    """`/static/widget/…`: the loader, the chat and its style; the modules of the chat come as one."""

    async def get(self, name: str) -> None:
        self.set_header("Content-Type", CONTENT_TYPES[name.rpartition(".")[2]])
        self.set_header("Cache-Control", "no-cache")
        self.set_header("Access-Control-Allow-Origin", "*")
        self.set_header("Cross-Origin-Resource-Policy", "cross-origin")
        await self.finish(widget_source(name))


def widget_source(name: str) -> str:
    """What is sent under this name."""
    sources = [WIDGET_DIR / f"{module}.js" for module in BUNDLED_MODULES] if name == "app.js" else [WIDGET_DIR / name]
    return _bundle(tuple(sources), max(source.stat().st_mtime for source in sources))


@lru_cache(maxsize=8)
def _bundle(sources: tuple[Path, ...], _changed_at: float) -> str:
    """Modules as one: without the imports that are met by the text before, without comments and indentation."""
    texts = [_IMPORT.sub("", _COMMENT.sub("", source.read_text(encoding="utf-8"))) for source in sources]
    if len(sources) > 1:
        texts = [text.replace("\nexport ", "\n") for text in texts[:-1]] + texts[-1:]
    return "\n".join(line.strip() for text in texts for line in text.splitlines() if line.strip())
