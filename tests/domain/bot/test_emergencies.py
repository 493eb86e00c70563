"""Detection of emergencies."""

import pytest

from beneficiate.domain.bot.emergencies import is_emergency


@pytest.mark.parametrize(
    "text", ["dolor fuerte en el pecho", "no puedo casi respirar", "convlusiones", "ifarto", "ACV", "me quiero morir"]
)
def test_emergency_is_found_with_words_between_and_one_typo(text):
    assert is_emergency(text)


@pytest.mark.parametrize(
    "text", ["Control de presión", "Dolor de rodilla derecha", "examen de sangre", "no puedo dormir", "dolor lumbar"]
)
def test_ordinary_description_is_no_emergency(text):
    assert not is_emergency(text)


def test_words_too_far_apart_do_not_match():
    assert is_emergency("dolor a b c d pecho")
    assert not is_emergency("dolor a b c d e pecho")


def test_short_stems_match_whole_words_only():
    assert not is_emergency("acvx")
    assert not is_emergency("nota pude respirar")


def test_end_of_a_long_text_is_not_read():
    assert not is_emergency("a " * 1000 + "infarto")
