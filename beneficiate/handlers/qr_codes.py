"""QR codes as SVG, without anything that a Content-Security-Policy refuses."""

import segno

from beneficiate.actions.second_factors import Setup
from beneficiate.domain.second_factor import build_setup_uri, split_secret
from beneficiate.views.second_factor import SetupView

BORDER = 4
"""The light modules around a code that readers need (ISO/IEC 18004)."""


def draw_setup(setup: Setup) -> SetupView:
    """Return the setup of an application of codes as its page shows it."""
    code = segno.make(build_setup_uri(setup.secret, setup.email), error="m", micro=False)
    # Black on white in dark themes too: many readers take no other.
    options = {"border": BORDER, "dark": "#000", "light": "#fff", "omitsize": True, "svgclass": None, "lineclass": None}
    qr = code.svg_inline(**options, title="Código QR para la aplicación de códigos")
    return SetupView(qr, split_secret(setup.secret), setup.email, setup.sealed)
