"""Detection of emergencies."""

import pytest

from beneficiate.domain.bot.emergencies import is_emergency


@pytest.mark.parametrize(
    "text", ["dolor fuerte en el pecho", "no puedo casi respirar", "convlusiones", "ifarto", "ACV", "me quiero morir"]
)
def test_emergency_is_found_with_words_between_and_one_typo(text):
    assert is_emergency(text)


@pytest.mark.parametrize(
    "text",
    [
        "es una emergencia", "auxilio", "necesito una ambulancia", "se está muriendo mi papá", "siento que me muero",
        "quisiera morirme", "kiero morir", "me voy a matar", "quiero acabar con todo", "ya no quiero seguir",
        "me corté las venas", "me quiero hacer daño", "me tomé todas las pastillas", "tomé veneno",
        "se intoxicó el niño", "nopuedo respirar", "no me entra el aire", "se atragantó",
        "mi mamá no responde", "mi bebé no reacciona",
        "mi abuela no despierta", "se cayó y no se levanta", "estoy sangrando", "vomitando sangre",
        "estoy embarazada y sangrando", "se le torció la boca", "no puedo mover el brazo", "me duele el corazón",
        "se me cerró la garganta", "me picó una culebra", "me violaron", "abusaron de mí", "mi esposo me pegó",
        "me están golpeando",
    ],
)  # fmt: skip
def test_words_of_somebody_in_danger_are_recognised(text):
    assert is_emergency(text)


@pytest.mark.parametrize(
    "text",
    [
        "ustedes no responden el teléfono", "muevo la cita al martes", "no puedo mover la cita",
        "tomo pastillas para la presión",
        "me golpeé la rodilla", "control materno", "tengo culebrilla", "me duele la muela", "sangrado de encías",
        "no me levanto antes de las nueve", "me pegué en la cabeza jugando", "quiero adelantar la cita",
    ],
)  # fmt: skip
def test_what_people_often_write_is_no_emergency(text):
    assert not is_emergency(text)


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
