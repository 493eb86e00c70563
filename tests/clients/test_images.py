"""Images are encoded again: only their pixels remain, and they look as they did."""

from io import BytesIO

import pytest

from beneficiate.clients.decoder import detect_format
from beneficiate.clients.images import MAX_STORED_PIXELS, SMALL_EDGE_PX, reencode_image
from beneficiate.errors import TooLarge, UnsupportedType
from tests.sample_files import (
    HTML,
    ROTATED,
    make_animated_gif,
    make_decompression_bomb,
    make_grey_16,
    make_heic,
    make_image,
    make_photo,
    open_image,
    swapped_profile,
)


def drawn(content, name=None):
    target, small = BytesIO(), BytesIO()
    result = reencode_image(BytesIO(content), name or detect_format(content[:16]), target, small)
    return result, target.getvalue(), small.getvalue()


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


def test_grey_of_sixteen_bits_is_scaled_and_not_cut_off():
    values = [0, 1, 128, 129, 64 * 257, 128 * 257, 200 * 257, 65_534, 65_535]
    result, content, _ = drawn(make_grey_16(values))
    assert (result.kind, open_image(content).mode) == ("image/png", "L")
    assert list(open_image(content).tobytes()) == [0, 0, 0, 1, 64, 128, 200, 255, 255]


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP"])
def test_colour_profile_is_applied_and_removed(name):
    _, content, _ = drawn(make_image(name, icc_profile=swapped_profile()))
    image = open_image(content)
    assert "icc_profile" not in image.info
    red, _, blue = image.convert("RGB").getpixel((10, 10))
    assert red < 60 < 180 < blue


def test_transparency_survives_the_colour_profile():
    _, content, _ = drawn(make_image("PNG", mode="RGBA", icc_profile=swapped_profile()))
    assert open_image(content).mode == "RGBA"
    assert open_image(content).getpixel((10, 10))[2] > 180


def test_profile_of_another_kind_of_image_is_ignored():
    _, content, _ = drawn(make_image("PNG", mode="L", icc_profile=swapped_profile()))
    assert open_image(content).mode == "L"


def test_image_of_an_iphone_becomes_a_jpeg():
    result, content, _ = drawn(make_heic())
    assert (result.kind, open_image(content).format, open_image(content).size) == ("image/jpeg", "JPEG", (64, 48))
    red, green, blue = open_image(content).getpixel((10, 10))
    assert red > 200 > 60 > max(green, blue)


def test_long_screenshot_stays_readable():
    result, content, small = drawn(make_image("PNG", (1080, 16_000)))
    assert (result.width, result.height) == open_image(content).size == (1080, 16_000)
    assert max(open_image(small).size) == SMALL_EDGE_PX
    assert len(small) < len(content)


@pytest.mark.parametrize("size", [(6000, 5000), (1000, 40_000)])
def test_larger_image_is_reduced_by_area(size):
    result, content, _ = drawn(make_image("PNG", size, mode="L"))
    assert (result.width, result.height) == open_image(content).size
    assert 0.99 < result.width * result.height / MAX_STORED_PIXELS <= 1
    assert result.width / result.height == pytest.approx(size[0] / size[1], rel=0.01)


def test_photo_of_a_hundred_megapixels_is_decoded_at_half_its_size():
    result, content, _ = drawn(make_image("JPEG", (12_000, 9000), mode="L"))
    assert (result.width, result.height) == open_image(content).size == (5163, 3872)


@pytest.mark.parametrize("size", [(50_000, 50_000), (2**31 - 1, 2**31 - 1), (50_001, 1000), (20_000, 9_000)])
def test_decompression_bomb_is_refused_before_decoding(size):
    with pytest.raises((TooLarge, UnsupportedType)):
        drawn(make_decompression_bomb(*size))


def test_decompression_bomb_is_refused_with_a_reason():
    with pytest.raises(TooLarge, match="50 megapíxeles"):
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
