"""Files are what their content is, and images are drawn anew."""

from io import BytesIO

import pytest

from beneficiate.errors import TooLarge, UnsupportedType
from beneficiate.gateways.images import LONGEST_EDGE, SMALL_EDGE, redraw, sniff
from tests.files import HTML, PDF, ROTATED, SVG, bomb, film, image, opened, photo


def drawn(content, name=None):
    target, small = BytesIO(), BytesIO()
    result = redraw(BytesIO(content), name or sniff(content[:16]), target, small)
    return result, target.getvalue(), small.getvalue()


@pytest.mark.parametrize(
    ("content", "name"),
    [(image("JPEG"), "JPEG"), (image("PNG"), "PNG"), (image("WEBP"), "WEBP"), (film(), "GIF"), (PDF, "PDF")],
)
def test_the_first_bytes_say_what_a_file_is(content, name):
    assert sniff(content[:16]) == name


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xd8",
        HTML,
        SVG,
        b"BM" + b"\0" * 50,
        image("TIFF"),
        b"RIFF\0\0\0\0WAVE",
        b"PK\x03\x04",
        b" %PDF-1.7",
        b"\0" * 20,
    ],
)
def test_anything_else_is_refused(content):
    with pytest.raises(UnsupportedType):
        sniff(content[:16])


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP"])
def test_an_image_stays_what_it_is(name):
    result, content, small = drawn(image(name))
    assert (result.kind, result.width, result.height, result.has_small) == (f"image/{name.lower()}", 64, 48, False)
    assert (opened(content).format, opened(content).size, small) == (name, (64, 48), b"")
    red, *_ = opened(content).convert("RGB").getpixel((10, 10))
    assert red > 180


def test_what_a_camera_adds_is_gone_and_the_picture_stands_upright():
    sent = photo()
    assert opened(sent).getexif()[0x0112] == ROTATED
    result, content, _ = drawn(sent)
    assert (result.width, result.height) == opened(content).size == (48, 64)
    assert dict(opened(content).getexif()) == {}
    assert not {"exif", "comment", "icc_profile", "xmp"} & set(opened(content).info)
    for secret in (b"Secreta", b"Exif", b"en mi casa"):
        assert secret not in content
    # Red was on the left; turned clockwise it is on top.
    assert opened(content).getpixel((24, 10))[2] < 100 < opened(content).getpixel((24, 55))[2]


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP"])
def test_what_is_hidden_behind_or_beside_the_pixels_is_gone(name):
    sent = image(name, icc_profile=b"<script>profile</script>" + b"\0" * 128) + HTML
    _, content, _ = drawn(sent)
    assert b"<script>" not in content


def test_of_a_film_the_first_picture_is_kept():
    result, content, _ = drawn(film())
    assert (result.kind, result.width, result.height) == ("image/png", 20, 10)
    assert (opened(content).format, getattr(opened(content), "n_frames", 1)) == ("PNG", 1)


def test_transparency_is_kept_and_a_printers_colours_become_a_screens():
    _, content, _ = drawn(image("PNG", mode="RGBA"))
    assert opened(content).mode == "RGBA"
    _, content, _ = drawn(image("JPEG", mode="CMYK"))
    assert opened(content).mode == "RGB"
    for mode in ("1", "L", "P", "LA"):
        assert drawn(image("PNG", mode=mode))[0].kind == "image/png"


def test_a_long_image_is_shortened_and_has_a_small_version():
    result, content, small = drawn(image("PNG", (5000, 100)))
    assert (result.width, result.height) == opened(content).size == (LONGEST_EDGE, 82)
    assert result.has_small
    assert max(opened(small).size) == SMALL_EDGE
    assert len(small) < len(content)


@pytest.mark.parametrize("size", [(50_000, 50_000), (2**31 - 1, 2**31 - 1), (40_001, 1000), (20_000, 9_000)])
def test_a_bomb_is_refused_before_it_is_drawn(size):
    with pytest.raises((TooLarge, UnsupportedType)):
        drawn(bomb(*size))


def test_a_bomb_is_told_what_is_wrong():
    with pytest.raises(TooLarge, match="40 megapíxeles"):
        drawn(bomb())


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_damaged_image_is_refused(name):
    whole = film() if name == "GIF" else image(name, (200, 200))
    for content in (whole[:20], whole[: len(whole) // 2], whole[:12] + HTML * 20):
        with pytest.raises(UnsupportedType, match="dañado"):
            drawn(content, name)


def test_one_format_is_never_read_as_another():
    with pytest.raises(UnsupportedType):
        drawn(image("TIFF"), "PNG")
