"""Image files as users and attackers send them."""

import struct
import zlib
from io import BytesIO

from PIL import Image

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
HTML = b"<html><script>alert(document.cookie)</script></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
MAKER, GPS, ORIENTATION = 0x010F, 0x8825, 0x0112
ROTATED = 6


def make_image(kind="JPEG", size=(64, 48), mode="RGB", **options):
    """Return an image that is red on the left and blue on the right."""
    image = Image.new(mode, size)
    if mode in ("RGB", "RGBA"):
        image.paste((20, 20, 220), (size[0] // 2, 0, *size))
        image.paste((220, 20, 20), (0, 0, size[0] // 2, size[1]))
    target = BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def make_photo(size=(64, 48)):
    """Return a JPEG of a camera: rotated, with the camera model and the place in its metadata."""
    exif = Image.Exif()
    exif[MAKER] = "Camara Secreta"
    exif[ORIENTATION] = ROTATED
    exif.get_ifd(GPS).update({1: "N", 2: (4.0, 36.0, 35.0), 3: "W", 4: (74.0, 4.0, 18.0)})
    return make_image(size=size, exif=exif.tobytes(), comment=b"en mi casa")


def make_decompression_bomb(width=50_000, height=50_000):
    """Return a PNG of a few bytes that declares an enormous size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )


def make_animated_gif():
    """Return a GIF of two frames."""
    frames = [Image.new("P", (20, 10), colour) for colour in (1, 2)]
    target = BytesIO()
    frames[0].save(target, "GIF", save_all=True, append_images=frames[1:])
    return target.getvalue()


def open_image(content):
    """Open an image."""
    return Image.open(BytesIO(content))
