"""What the widget weighs on the pages of others: `python -m tests.widget_size` fails over the limit."""

import gzip
import sys

from tornado.web import GZipContentEncoding

from beneficiate.handlers.widget import widget_source

TOTAL_LIMIT_BYTES = 25 * 1024
LOADER_LIMIT_BYTES = 2 * 1024
WIDGET_FILES = ("widget.js", "app.js", "widget.css")
"""Everything that it loads; the font is the page's or the system's."""


def compressed_sizes() -> dict[str, int]:
    """The bytes of each file as it is sent."""
    return {
        name: len(gzip.compress(widget_source(name).encode(), GZipContentEncoding.GZIP_LEVEL)) for name in WIDGET_FILES
    }


def main() -> None:
    found = compressed_sizes()
    for name, size in found.items():
        print(f"{name:12} {size:7,} bytes")
    total = sum(found.values())
    print(f"{'the widget':12} {total:7,} of {TOTAL_LIMIT_BYTES:,} bytes, compressed")
    if total > TOTAL_LIMIT_BYTES or found["widget.js"] > LOADER_LIMIT_BYTES:
        sys.exit("The widget has become too heavy.")


if __name__ == "__main__":
    main()
