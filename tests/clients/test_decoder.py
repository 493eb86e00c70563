"""A file is what its content is."""

from io import BytesIO

import pytest

from beneficiate.clients.decoder import HEADER_BYTES, decode_file, detect_format
from beneficiate.errors import UnsupportedType
from tests.sample_files import HTML, PDF, SVG, make_animated_gif, make_heic, make_image


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (make_image("JPEG"), "JPEG"),
        (make_image("PNG"), "PNG"),
        (make_image("WEBP"), "WEBP"),
        (make_animated_gif(), "GIF"),
        (make_heic(), "HEIF"),
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
        b"PK\x03\x04",
        b"\0" * HEADER_BYTES + PDF,
        b"\0" * 20,
    ],
)
def test_other_formats_are_refused(content):
    with pytest.raises(UnsupportedType):
        detect_format(content[:HEADER_BYTES])


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", HTML, b"\r\n" * 20])
def test_document_is_stored_from_its_header_on(before):
    target = BytesIO()
    assert decode_file(BytesIO(before + PDF), target, BytesIO()).kind == "application/pdf"
    assert target.getvalue() == PDF
