"""Encodes images again, so that only their pixels remain and a browser shows them as they were.

The copy has no camera metadata (place, time, serial number), no data appended after the last pixel, and no second
format hidden in the same bytes. Its colours are sRGB with 8 bits a channel. Memory is bounded by the process that calls
this (`decoder`), not here.
"""

from dataclasses import dataclass
from io import BytesIO
from math import sqrt
from typing import IO

from PIL import Image, ImageCms, ImageOps

from beneficiate.errors import TooLarge, UnsupportedType
from beneficiate.protocol.payloads import MediaType

MAX_JPEG_PIXELS = 110_000_000
"""A JPEG can be decoded at half or a quarter of its size; phones take up to 108 megapixels."""
MAX_PIXELS = 50_000_000
"""Other formats are decoded whole: 50 megapixels take 200 MB. A file of a few kB can declare billions."""
MAX_STORED_PIXELS = 20_000_000
"""By area, not by the longer side: a screenshot of 1,080 × 16,000 stays readable."""
SMALL_EDGE_PX = 480
_KINDS: dict[str, MediaType] = {
    "JPEG": "image/jpeg",
    "HEIF": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/png",
}
_OPTIONS = {"image/jpeg": {"quality": 85, "optimize": True}, "image/webp": {"quality": 85}, "image/png": {}}
_MODES_OF_PROFILES = {"RGB": ("RGB", "RGBA"), "GRAY": ("L",), "CMYK": ("CMYK",)}
_GREY_16_TO_8 = [(value * 255 + 32_767) // 65_535 for value in range(65_536)]
_DAMAGED = "No pudimos leer la imagen: el archivo está dañado o incompleto."

# Pillow only warns, at a limit of its own: `_open_image` refuses before a pixel is read.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True, slots=True)
class DecodedFile:
    """What was written: its kind, its size in pixels (images), whether a smaller version was made."""

    kind: MediaType
    width: int | None = None
    height: int | None = None
    has_small: bool = False


def reencode_image(source: IO[bytes], name: str, target: IO[bytes], small: IO[bytes]) -> DecodedFile:
    """Encode an image upright into `target`, at most 20 megapixels, and into `small`, at most 480 pixels long.

    `name` is the format in Pillow's words; only the first frame of an animation is kept. Raises UnsupportedType for a
    damaged image, TooLarge for one with too many pixels.
    """
    kind = _KINDS[name]
    try:
        with _open_image(source, name) as opened:
            image = _plain_copy(opened, kind)
        image.save(target, _pillow_format(kind), **_OPTIONS[kind])
        width, height = image.size
        if has_small := max(image.size) > SMALL_EDGE_PX:
            image.thumbnail((SMALL_EDGE_PX, SMALL_EDGE_PX))
            image.save(small, _pillow_format(kind), **_OPTIONS[kind])
    except TooLarge:
        raise
    except Exception as problem:  # a decoder may fail in any way on a crafted file
        raise UnsupportedType(_DAMAGED) from problem
    return DecodedFile(kind, width, height, has_small)


def _open_image(source: IO[bytes], name: str) -> Image.Image:
    source.seek(0)
    image = _open_heif(source) if name == "HEIF" else Image.open(source, formats=[name])
    max_pixels = MAX_JPEG_PIXELS if name == "JPEG" else MAX_PIXELS
    if image.width * image.height > max_pixels:
        raise TooLarge(f"La imagen es demasiado grande: puede tener hasta {max_pixels // 1_000_000} megapíxeles.")
    return image


def _open_heif(source: IO[bytes]) -> Image.Image:
    import pillow_heif  # 30 ms that other formats do not need

    # Thumbnails may be other images than the photo. `Image.open` would refuse brands that the library itself reads.
    pillow_heif.register_heif_opener(thumbnails=False)
    image: Image.Image = pillow_heif.HeifImageFile(source)  # type: ignore[no-untyped-call]
    return image


def _plain_copy(image: Image.Image, kind: MediaType) -> Image.Image:
    """Return the image upright, in sRGB, in a mode that the format supports, without metadata."""
    fitting = _fitting_size(image.width, image.height)
    image.draft(None, fitting)  # decodes a large JPEG at a half, a quarter or an eighth of its size
    image.load()
    has_alpha = image.has_transparency_data and kind != "image/jpeg"
    if image.mode.startswith("I;16"):
        # Pillow's own conversion cuts off instead of scaling: everything above 255 would be white.
        image, has_alpha = image.convert("I").point(_GREY_16_TO_8, "L"), False
    elif image.mode not in ("L", "RGB", "RGBA", "CMYK"):
        image = image.convert("RGBA" if has_alpha else "L" if image.mode in ("1", "LA") else "RGB")
    if image.size != fitting and image.width * image.height > MAX_STORED_PIXELS:
        image.thumbnail(fitting, reducing_gap=None)
    image = ImageOps.exif_transpose(_to_srgb(image))
    mode = "RGBA" if has_alpha else "L" if image.mode == "L" else "RGB"
    plain = image.convert(mode) if image.mode != mode else image.copy()
    plain.info.clear()
    return plain


def _fitting_size(width: int, height: int) -> tuple[int, int]:
    """Return the size with the same proportions that has at most MAX_STORED_PIXELS."""
    scale = min(1.0, sqrt(MAX_STORED_PIXELS / (width * height)))
    return max(1, int(width * scale)), max(1, int(height * scale))


def _to_srgb(image: Image.Image) -> Image.Image:
    """Return the image with its colour profile applied, as it is without one or with one that fits no such image."""
    content = image.info.get("icc_profile")
    if not content:
        return image
    try:
        profile = ImageCms.ImageCmsProfile(BytesIO(content))
        if image.mode not in _MODES_OF_PROFILES.get(profile.profile.xcolor_space.strip(), ()):
            return image
        converted = ImageCms.profileToProfile(
            image,
            profile,
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGBA" if image.mode == "RGBA" else "RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    if converted is None:
        return image
    converted.info.update(image.info)
    return converted.convert("L") if image.mode == "L" else converted


def _pillow_format(kind: MediaType) -> str:
    return kind.removeprefix("image/").upper()
