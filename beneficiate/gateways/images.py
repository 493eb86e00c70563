"""What a file really is, by its content, and images drawn anew: nothing but their pixels stays.

What a camera adds (place, time, serial number), what somebody hid behind the last pixel, and whatever a second format
could make of the same bytes is gone in the copy.
"""

from dataclasses import dataclass
from typing import IO

import structlog
from PIL import Image, ImageOps

from beneficiate.errors import TooLarge, UnsupportedType
from beneficiate.protocol.pictures import FileKind

log = structlog.get_logger(__name__)

MOST_PIXELS = 40_000_000
"""40 megapixels are 160 MB while they are drawn; a file of a few kB can claim billions."""
LONGEST_EDGE = 4096
SMALL_EDGE = 480
HEAD = 16
PDF: FileKind = "application/pdf"
_SIGNATURES = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"%PDF-": "PDF",
}
_KINDS: dict[str, FileKind] = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/png"}
_OPTIONS = {"image/jpeg": {"quality": 85, "optimize": True}, "image/webp": {"quality": 85}, "image/png": {}}

# Pillow only warns, and at its own number: `_open` refuses before a pixel is read.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """What an image has become, in pixels; `has_small` when a smaller version was worth drawing."""

    kind: FileKind
    width: int
    height: int
    has_small: bool


def sniff(head: bytes) -> str:
    """JPEG, PNG, WEBP, GIF or PDF, by the first bytes of a file. Raises UnsupportedType for anything else."""
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    for signature, name in _SIGNATURES.items():
        if head.startswith(signature):
            return name
    raise UnsupportedType


def redraw(source: IO[bytes], name: str, target: IO[bytes], small: IO[bytes]) -> Drawn:
    """Draw an image of this sort upright into `target`, at most 4096 pixels long, and one of 480 into `small`.

    Of what moves, the first picture. Raises UnsupportedType for a damaged one, TooLarge for over 40 megapixels.
    """
    kind = _KINDS[name]
    try:
        with _open(source, name) as opened:
            # A JPEG is read at about the size that is wanted, instead of whole.
            opened.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
            image = _plain(ImageOps.exif_transpose(opened), kind)
        image.save(target, _format(kind), **_OPTIONS[kind])
        width, height = image.size
        if has_small := max(image.size) > SMALL_EDGE:
            image.thumbnail((SMALL_EDGE, SMALL_EDGE))
            image.save(small, _format(kind), **_OPTIONS[kind])
    except TooLarge:
        raise
    except Exception as problem:  # a decoder may stumble in any way over a file that was made for it
        log.info("image_not_read", format=name, problem=type(problem).__name__)
        raise UnsupportedType("No pudimos leer la imagen: el archivo está dañado o incompleto.") from problem
    return Drawn(kind, width, height, has_small)


def _open(source: IO[bytes], name: str) -> Image.Image:
    source.seek(0)
    image = Image.open(source, formats=[name])
    if image.width * image.height > MOST_PIXELS:
        raise TooLarge(f"La imagen es demasiado grande: puede tener hasta {MOST_PIXELS // 1_000_000} megapíxeles.")
    return image


def _plain(image: Image.Image, kind: FileKind) -> Image.Image:
    """A copy in a mode that the format can keep, without what travels beside the pixels."""
    mode = "RGBA" if image.has_transparency_data and kind != "image/jpeg" else "L" if image.mode == "L" else "RGB"
    plain = image.convert(mode) if image.mode != mode else image.copy()
    plain.info.clear()
    return plain


def _format(kind: FileKind) -> str:
    return kind.removeprefix("image/").upper()
