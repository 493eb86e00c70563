"""What the widget weighs on the pages of others: `python -m tests.widget_size` fails over the limit."""

import gzip
import sys

from tornado.web import GZipContentEncoding

from beneficiate.pages.widget import text_of

LIMIT = 25 * 1024
LOADER_LIMIT = 2 * 1024
FILES = ("widget.js", "app.js", "widget.css")
"""Everything that it loads; the font is the page's or the system's."""


def sizes() -> dict[str, int]:
    """The bytes of each file as it is sent."""
    return {name: len(gzip.compress(text_of(name).encode(), GZipContentEncoding.GZIP_LEVEL)) for name in FILES}


def main() -> None:
    found = sizes()
    for name, size in found.items():
        print(f"{name:12} {size:7,} bytes")
    total = sum(found.values())
    print(f"{'the widget':12} {total:7,} of {LIMIT:,} bytes, compressed")
    if total > LIMIT or found["widget.js"] > LOADER_LIMIT:
        sys.exit("The widget has become too heavy.")


if __name__ == "__main__":
    main()
