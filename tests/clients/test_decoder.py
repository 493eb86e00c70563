"""A file is what its content is."""

from io import BytesIO

import pytest

from beneficiate.clients.decoder import HEADER_BYTES, decode_file, detect_format
from beneficiate.errors import UnsupportedType
from tests.sample_files import (
    HTML,
    PDF,
    SVG,
    make_animated_gif,
    make_heic,
    make_image,
    with_brands,
    with_long_size,
)

HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"mif2", b"msf1")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (make_image("JPEG"), "JPEG"),
        (make_image("PNG"), "PNG"),
        (make_image("WEBP"), "WEBP"),
        (make_animated_gif(), "GIF"),
        (make_heic(), "HEIF"),
        *((with_brands(make_heic(), major, b"mif1", b"heic"), "HEIF") for major in HEIF_BRANDS),
        (with_brands(make_heic(), b"XXXX", b"mif1"), "HEIF"),
        (with_brands(make_heic(), b"mif1", b"avif", b"heic"), "HEIF"),
        (with_long_size(make_heic()), "HEIF"),
        (b"\0\0\x10\0ftypmif1" + b"\0" * 4 + b"heic" * 300, "HEIF"),
        (PDF, "PDF"),
        (b"\xef\xbb\xbf" + PDF, "PDF"),
        (b"\r\n\r\n" + PDF, "PDF"),
    ],
)
def test_format_is_detected_by_the_first_bytes(content, name):
    assert detect_format(content[:HEADER_BYTES]) == name


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xd8",
        HTML,
        SVG,
        b"BM" + b"\0" * 50,
        make_image("TIFF"),
        b"RIFF\0\0\0\0WAVE",
        b"\0\0\0\x18ftypmp42",
        b"\0\0\0\x14ftypmp42\0\0\0\0isomheic",
        with_brands(make_heic(), b"avif", b"mif1", b"miaf"),
        with_brands(make_heic(), b"avis", b"msf1", b"miaf"),
        b"PK\x03\x04",
        b"\0" * HEADER_BYTES + PDF,
        b"\0" * 20,
    ],
)
def test_other_formats_are_refused(content):
    with pytest.raises(UnsupportedType):
        detect_format(content[:HEADER_BYTES])


@pytest.mark.parametrize(
    "content",
    [
        *(with_brands(make_heic(), major, b"mif1", b"heic") for major in (*HEIF_BRANDS, b"XXXX")),
        with_long_size(make_heic()),
    ],
)
def test_photo_is_decoded_whatever_its_brand(content):
    decoded = decode_file(BytesIO(content), BytesIO(), BytesIO())
    assert (decoded.kind, decoded.width, decoded.height) == ("image/jpeg", 64, 48)


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", HTML, b"\r\n" * 20])
def test_document_is_stored_from_its_header_on(before):
    target = BytesIO()
    assert decode_file(BytesIO(before + PDF), target, BytesIO()).kind == "application/pdf"
    assert target.getvalue() == PDF
