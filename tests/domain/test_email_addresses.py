"""An address is one that a mail server can take, or none."""

import pytest

from beneficiate.domain.email_addresses import encode_email_address, normalize_email_address


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        ("ana@beneficiate.co", "ana@beneficiate.co"),
        ("ana.maria+citas@correo.beneficiate.com.co", "ana.maria+citas@correo.beneficiate.com.co"),
        ("o'neil_1@x-y.co", "o'neil_1@x-y.co"),
        ("ana@ñandú.co", "ana@xn--and-6ma2c.co"),
        ("ana@ÑANDÚ.co", "ana@xn--and-6ma2c.co"),
        ("ana@strasse-with-ß.de", "ana@xn--strasse-with--ndb.de"),
        ("ana@日本。jp", "ana@xn--wgv71a.jp"),
        ("ana@Beneficiate.CO", "ana@Beneficiate.CO"),
    ],
)
def test_address_has_an_ascii_domain(text, encoded):
    assert encode_email_address(text) == encoded


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ana",
        "@x.co",
        "ana@",
        "ana@localhost",
        "ana@x.co.",
        "ana@.co",
        "ana@x..co",
        ".ana@x.co",
        "ana.@x.co",
        "a..b@x.co",
        "ana beto@x.co",
        "ana@x.co,beto@x.co",
        "ana@x.co\n",
        "ana@x.co\r\nBcc: todos@x.co",
        "ana\n@x.co",
        "ana@x\u2028.co",
        "Ana <ana@x.co>",
        "ana@beto@x.co",
        "ana@-x.co",
        "ana@1.2.3.4",
        "a" * 65 + "@x.co",
        "ana@" + "a" * 64 + ".co",
        "ana@" + "a." * 126 + "co",
        "josé@x.co",
        "ana@i❤.ws",
        "ana@ñ_andú.co",
        "ana@ñ\u200d.co",
        "ana@" + "ñ" * 64 + ".co",
        "\ud800@x.co",
    ],
)
def test_anything_else_is_no_address(text):
    assert encode_email_address(text) is None


@pytest.mark.parametrize(
    "typed",
    [
        "ana@ñandú.co",
        "ANA@ÑANDÚ.CO",
        "  Ana@xn--and-6ma2c.co ",
        "ana@xn--AND-6ma2c.co",
        "ａｎａ＠ñandú.co",
        "ana@n\u0303andu\u0301.co",
    ],
)
def test_address_has_one_normal_form_however_it_is_typed(typed):
    assert normalize_email_address(typed) == "ana@xn--and-6ma2c.co"


def test_text_that_is_no_address_is_folded():
    assert normalize_email_address(" NADIE ") == "nadie"
