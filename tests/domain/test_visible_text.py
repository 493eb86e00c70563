"""A text is visible when one of its characters is drawn."""

import pytest

from beneficiate.domain.visible_text import has_visible_text
from tests.websockets.frame_samples import INVISIBLE


@pytest.mark.parametrize("text", ["", *INVISIBLE, "".join(INVISIBLE)])
def test_nothing_is_shown(text):
    assert not has_visible_text(text)


@pytest.mark.parametrize("text", ["a", " a", "ñ", ".", "😀", "\u2764\ufe0f", "\u3164a", "\u202bשלום", "\u200d\u0301e"])
def test_something_is_shown(text):
    assert has_visible_text(text)
