"""What the widget weighs on the pages of others: `python -m tests.widget_size` fails over the limit."""

import gzip
import sys

from tornado.web import GZipContentEncoding

from beneficiate.handlers.assets import STATIC
from beneficiate.handlers.widget import WIDGET_FILES

TOTAL_LIMIT_BYTES = 25 * 1024
LOADER_LIMIT_BYTES = 2 * 1024


def compressed_sizes() -> dict[str, int]:
    """Return the bytes of each file as it is sent. That is all it loads; the font is the page's or the system's."""
    contents = {name: (STATIC / path).read_bytes() for name, path in WIDGET_FILES.items()}
    return {name: len(gzip.compress(content, GZipContentEncoding.GZIP_LEVEL)) for name, content in contents.items()}


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
