"""What the widget weighs on the pages of others: `python -m tests.widget_size` fails over the limit."""

import gzip
import sys

from tornado.web import GZipContentEncoding

from beneficiate.handlers.assets import STATIC
from beneficiate.handlers.widget import WIDGET_FILES

TOTAL_LIMIT_BYTES = 25 * 1024
FETCHED_LATER = {"later.js": 5 * 1024}
"""The limits of what is fetched only when it is asked for."""
LOADER_LIMIT_BYTES = 2 * 1024


def compressed_sizes() -> dict[str, int]:
    """Return the bytes of each file as it is sent. The font is the page's or the system's."""
    contents = {name: (STATIC / path).read_bytes() for name, path in WIDGET_FILES.items()}
    return {name: len(gzip.compress(content, GZipContentEncoding.GZIP_LEVEL)) for name, content in contents.items()}


def is_too_heavy(sizes: dict[str, int]) -> bool:
    """Return whether what it loads at once, its loader, or a file that is fetched later is over its limit."""
    limits = {"widget.js": LOADER_LIMIT_BYTES, **FETCHED_LATER}
    return loaded_bytes(sizes) > TOTAL_LIMIT_BYTES or any(sizes[name] > limit for name, limit in limits.items())


def loaded_bytes(sizes: dict[str, int]) -> int:
    """Return how much the widget loads on every page."""
    return sum(size for name, size in sizes.items() if name not in FETCHED_LATER)


def main() -> None:
    found = compressed_sizes()
    for name, size in found.items():
        print(f"{name:12} {size:7,} bytes")
    print(f"{'the widget':12} {loaded_bytes(found):7,} of {TOTAL_LIMIT_BYTES:,} bytes, compressed")
    if is_too_heavy(found):
        sys.exit("The widget has become too heavy.")


if __name__ == "__main__":
    main()
