"""An address is one that a mail server can take, or none."""

import pytest

from beneficiate.domain.email_addresses import encode_email_address


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        ("ana@beneficiate.co", "ana@beneficiate.co"),
        ("ana.maria+citas@correo.beneficiate.com.co", "ana.maria+citas@correo.beneficiate.com.co"),
        ("o'neil_1@x-y.co", "o'neil_1@x-y.co"),
        ("ana@ñandú.co", "ana@xn--and-6ma2c.co"),
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
        "\ud800@x.co",
    ],
)
def test_anything_else_is_no_address(text):
    assert encode_email_address(text) is None
