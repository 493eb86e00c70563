"""Files are what their content is, and images are drawn anew."""

from io import BytesIO

import pytest

from beneficiate.clients.images import MAX_EDGE_PX, SMALL_EDGE_PX, detect_format, reencode_image
from beneficiate.errors import TooLarge, UnsupportedType
from tests.sample_files import (
    HTML,
    PDF,
    ROTATED,
    SVG,
    make_animated_gif,
    make_decompression_bomb,
    make_image,
    make_photo,
    open_image,
)


def drawn(content, name=None):
    target, small = BytesIO(), BytesIO()
    result = reencode_image(BytesIO(content), name or detect_format(content[:16]), target, small)
    return result, target.getvalue(), small.getvalue()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (make_image("JPEG"), "JPEG"),
        (make_image("PNG"), "PNG"),
        (make_image("WEBP"), "WEBP"),
        (make_animated_gif(), "GIF"),
        (PDF, "PDF"),
    ],
)
def test_format_is_detected_by_the_first_bytes(content, name):
    assert detect_format(content[:16]) == name


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
        b"PK\x03\x04",
        b" %PDF-1.7",
        b"\0" * 20,
    ],
)
def test_other_formats_are_refused(content):
    with pytest.raises(UnsupportedType):
        detect_format(content[:16])


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP"])
def test_image_keeps_its_format(name):
    result, content, small = drawn(make_image(name))
    assert (result.kind, result.width, result.height, result.has_small) == (f"image/{name.lower()}", 64, 48, False)
    assert (open_image(content).format, open_image(content).size, small) == (name, (64, 48), b"")
    red, *_ = open_image(content).convert("RGB").getpixel((10, 10))
    assert red > 180


def test_camera_metadata_is_removed_and_the_image_is_upright():
    sent = make_photo()
    assert open_image(sent).getexif()[0x0112] == ROTATED
    result, content, _ = drawn(sent)
    assert (result.width, result.height) == open_image(content).size == (48, 64)
    assert dict(open_image(content).getexif()) == {}
    assert not {"exif", "comment", "icc_profile", "xmp"} & set(open_image(content).info)
    for secret in (b"Secreta", b"Exif", b"en mi casa"):
        assert secret not in content
    # Red was on the left; turned clockwise it is on top.
    assert open_image(content).getpixel((24, 10))[2] < 100 < open_image(content).getpixel((24, 55))[2]


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP"])
def test_hidden_data_is_removed(name):
    sent = make_image(name, icc_profile=b"<script>profile</script>" + b"\0" * 128) + HTML
    _, content, _ = drawn(sent)
    assert b"<script>" not in content


def test_first_frame_of_an_animation_is_kept():
    result, content, _ = drawn(make_animated_gif())
    assert (result.kind, result.width, result.height) == ("image/png", 20, 10)
    assert (open_image(content).format, getattr(open_image(content), "n_frames", 1)) == ("PNG", 1)


def test_transparency_is_kept_and_cmyk_becomes_rgb():
    _, content, _ = drawn(make_image("PNG", mode="RGBA"))
    assert open_image(content).mode == "RGBA"
    _, content, _ = drawn(make_image("JPEG", mode="CMYK"))
    assert open_image(content).mode == "RGB"
    for mode in ("1", "L", "P", "LA"):
        assert drawn(make_image("PNG", mode=mode))[0].kind == "image/png"


def test_large_image_is_reduced_and_has_a_small_version():
    result, content, small = drawn(make_image("PNG", (5000, 100)))
    assert (result.width, result.height) == open_image(content).size == (MAX_EDGE_PX, 82)
    assert result.has_small
    assert max(open_image(small).size) == SMALL_EDGE_PX
    assert len(small) < len(content)


@pytest.mark.parametrize("size", [(50_000, 50_000), (2**31 - 1, 2**31 - 1), (40_001, 1000), (20_000, 9_000)])
def test_decompression_bomb_is_refused_before_decoding(size):
    with pytest.raises((TooLarge, UnsupportedType)):
        drawn(make_decompression_bomb(*size))


def test_decompression_bomb_is_refused_with_a_reason():
    with pytest.raises(TooLarge, match="40 megapíxeles"):
        drawn(make_decompression_bomb())


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "GIF"])
def test_damaged_image_is_refused(name):
    whole = make_animated_gif() if name == "GIF" else make_image(name, (200, 200))
    for content in (whole[:20], whole[: len(whole) // 2], whole[:12] + HTML * 20):
        with pytest.raises(UnsupportedType, match="dañado"):
            drawn(content, name)


def test_one_format_is_never_read_as_another():
    with pytest.raises(UnsupportedType):
        drawn(make_image("TIFF"), "PNG")
