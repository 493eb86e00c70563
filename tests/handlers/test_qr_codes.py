"""The square of an application is an SVG that a strict policy shows."""

import re
import xml.etree.ElementTree as ET

from beneficiate.actions.second_factors import Setup
from beneficiate.handlers.qr_codes import draw_setup


def test_square_is_an_svg_without_style_or_script_and_says_what_it_is():
    view = draw_setup(Setup("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "yuliana@x.co", "sealed", ""))
    root = ET.fromstring(view.qr)  # noqa: S314  our own
    assert root.tag.endswith("svg")
    assert "Código QR" in "".join(root.itertext())
    assert not re.search(r"style|script|\bon\w+=|class=", view.qr)
    assert "#fff" in view.qr
    assert (view.secret, view.email, view.sealed) == (
        "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP",
        "yuliana@x.co",
        "sealed",
    )
