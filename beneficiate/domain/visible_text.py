"""Whether a text shows anything."""

import unicodedata

_INVISIBLE_CATEGORIES = ("Cc", "Cf", "Cs", "Zs", "Zl", "Zp")
_IGNORABLE_RANGES = (
    (0x034F, 0x034F),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x2065, 0x2065),
    (0x2800, 0x2800),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFF8),
    (0xE0000, 0xE0FFF),
)
"""Default_Ignorable_Code_Point of Unicode 16 beyond the categories above, and U+2800, the blank of Braille."""
_FIRST_IGNORABLE = "\u00ad"


def has_visible_text(text: str) -> bool:
    """Return whether a text shows anything: one character that is no space and is not ignored when it is drawn."""
    # Nearly every text begins with a letter of Latin 1.
    return bool(text) and ((text[0] < _FIRST_IGNORABLE and text[0].isalnum()) or any(map(is_visible, text)))


def is_visible(character: str) -> bool:
    """Return whether one character is drawn."""
    code = ord(character)
    return unicodedata.category(character) not in _INVISIBLE_CATEGORIES and not any(
        first <= code <= last for first, last in _IGNORABLE_RANGES
    )
