"""Files as users and attackers send them: images, PDF and XLSX."""

import struct
import zlib
from io import BytesIO

import pikepdf
import pillow_heif
import xlsxwriter
from PIL import Image, ImageCms

HTML = b"<html><script>alert(document.cookie)</script></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
MAKER, GPS, ORIENTATION = 0x010F, 0x8825, 0x0112
ROTATED = 6


def make_pdf(change=lambda pdf: None, **options):
    """Return a PDF of one empty page; `change` adds what is wrong with it."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(200, 100))
        change(pdf)
        target = BytesIO()
        pdf.save(target, static_id=True, **options)
    return target.getvalue()


PDF = make_pdf()


def make_workbook(*rows):
    """Return an XLSX whose only sheet has these rows."""
    target = BytesIO()
    with xlsxwriter.Workbook(target, {"default_date_format": "yyyy-mm-dd hh:mm"}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return target.getvalue()


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


def make_grey_16(values):
    """Return a PNG of one row of grey pixels of 16 bits, as radiology exports them."""
    image = Image.frombytes("I;16", (len(values), 1), struct.pack(f"<{len(values)}H", *values))
    target = BytesIO()
    image.save(target, "PNG")
    return target.getvalue()


def make_heic(size=(64, 48), colour=(220, 20, 20)):
    """Return an image as an iPhone stores it."""
    target = BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", size, colour)).save(target, quality=90)
    return target.getvalue()


def with_brands(heic, major, *compatible):
    """Return a HEIC of `make_heic` with other brands: as many as fit, since what follows must not change its place."""
    size = int.from_bytes(heic[:4], "big")
    others = b"".join((*compatible, *[b"tmap"] * size))[: size - 16]
    return heic[:8] + major + b"\0" * 4 + others + heic[size:]


def with_long_size(heic):
    """Return a HEIC of `make_heic` whose first box has a size of 64 bits, and only one compatible brand for it."""
    size = int.from_bytes(heic[:4], "big")
    box = (1).to_bytes(4, "big") + b"ftyp" + size.to_bytes(8, "big") + b"heic" + b"\0" * 4
    return box + b"mif1" + heic[len(box) + 4 :]


def swapped_profile():
    """Return a colour profile in which red and blue are exchanged: without it the colours are plainly wrong."""
    srgb = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack(">I", srgb[128:132])[0]
    entries = {bytes(srgb[at : at + 4]): at for at in range(132, 132 + 12 * count, 12)}
    red, blue = entries[b"rXYZ"], entries[b"bXYZ"]
    srgb[red : red + 4], srgb[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(srgb)


def open_image(content):
    """Open an image."""
    return Image.open(BytesIO(content))
