"""Detects file formats by content, and encodes images again so that only their pixels remain.

The copy has no camera metadata (place, time, serial number), no data appended after the last pixel, and no second
format hidden in the same bytes.
"""

from dataclasses import dataclass
from typing import IO

import structlog
from PIL import Image, ImageOps

from beneficiate.errors import TooLarge, UnsupportedType
from beneficiate.protocol.payloads import MediaType

log = structlog.get_logger(__name__)

MAX_PIXELS = 40_000_000
"""40 megapixels take 160 MB in memory; a file of a few kB can declare billions."""
MAX_EDGE_PX = 4096
SMALL_EDGE_PX = 480
SIGNATURE_BYTES = 16
PDF_KIND: MediaType = "application/pdf"
_SIGNATURES = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"%PDF-": "PDF",
}
_KINDS: dict[str, MediaType] = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/png"}
_OPTIONS = {"image/jpeg": {"quality": 85, "optimize": True}, "image/webp": {"quality": 85}, "image/png": {}}

# Pillow only warns, at a limit of its own: `_open_image` refuses before a pixel is read.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True, slots=True)
class ProcessedImage:
    """The size of an encoded image in pixels; `has_small` when a smaller version was made."""

    kind: MediaType
    width: int
    height: int
    has_small: bool


def detect_format(head: bytes) -> str:
    """Return JPEG, PNG, WEBP, GIF or PDF by the first bytes of a file. Raises UnsupportedType for anything else."""
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    for signature, name in _SIGNATURES.items():
        if head.startswith(signature):
            return name
    raise UnsupportedType


def reencode_image(source: IO[bytes], name: str, target: IO[bytes], small: IO[bytes]) -> ProcessedImage:
    """Encode an image upright into `target`, at most 4096 pixels long, and into `small`, at most 480.

    Only the first frame of an animation is kept. Raises UnsupportedType for a damaged image, TooLarge for more than 40
    megapixels.
    """
    kind = _KINDS[name]
    try:
        with _open_image(source, name) as opened:
            # A JPEG is decoded at about the wanted size instead of in full.
            opened.thumbnail((MAX_EDGE_PX, MAX_EDGE_PX))
            image = _without_metadata(ImageOps.exif_transpose(opened), kind)
        image.save(target, _pillow_format(kind), **_OPTIONS[kind])
        width, height = image.size
        if has_small := max(image.size) > SMALL_EDGE_PX:
            image.thumbnail((SMALL_EDGE_PX, SMALL_EDGE_PX))
            image.save(small, _pillow_format(kind), **_OPTIONS[kind])
    except TooLarge:
        raise
    except Exception as problem:  # a decoder may fail in any way on a crafted file
        log.info("image_not_read", format=name, problem=type(problem).__name__)
        raise UnsupportedType("No pudimos leer la imagen: el archivo está dañado o incompleto.") from problem
    return ProcessedImage(kind, width, height, has_small)


def _open_image(source: IO[bytes], name: str) -> Image.Image:
    source.seek(0)
    image = Image.open(source, formats=[name])
    if image.width * image.height > MAX_PIXELS:
        raise TooLarge(f"La imagen es demasiado grande: puede tener hasta {MAX_PIXELS // 1_000_000} megapíxeles.")
    return image


def _without_metadata(image: Image.Image, kind: MediaType) -> Image.Image:
    """Return a copy in a mode that the format supports, without metadata."""
    mode = "RGBA" if image.has_transparency_data and kind != "image/jpeg" else "L" if image.mode == "L" else "RGB"
    plain = image.convert(mode) if image.mode != mode else image.copy()
    plain.info.clear()
    return plain


def _pillow_format(kind: MediaType) -> str:
    return kind.removeprefix("image/").upper()
