"""The table of close codes."""

from beneficiate.protocol import close_codes
from beneficiate.protocol.close_codes import CLOSE_CODES


def test_each_constant_is_in_the_table():
    constants = {
        value for name, value in vars(close_codes).items() if name.startswith("CLOSE_") and isinstance(value, int)
    }
    assert constants == {code for code, _ in CLOSE_CODES.values()} - {1000, 1009}


def test_codes_of_our_own_are_in_the_private_range():
    codes = [code for code, _ in CLOSE_CODES.values()]
    assert len(set(codes)) == len(codes)
    assert all(1000 <= code <= 1015 or 4000 <= code <= 4999 for code in codes)
