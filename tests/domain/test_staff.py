"""What a supervisor types about one of the staff."""

import pytest

from beneficiate.domain.administration import INVISIBLE_SIGN
from beneficiate.domain.staff import StaffFields, parse_staff_fields
from beneficiate.errors import InvalidForm

TYPED = {
    "nombres": "  Ximena   Paola ",
    "apellidos": "Arrieta Bula",
    "correo": " Ximena@Beneficiate.CO ",
    "codigo": "ag-017",
    "capacidad": "4",
    "temas": "3,1",
    "papel": "agente",
}


def test_fields_have_their_stored_form():
    expected = StaffFields("Ximena Paola", "Arrieta Bula", "ximena@beneficiate.co", "AG-017", 4, {1, 3}, "agente")
    assert parse_staff_fields(TYPED) == expected
    assert parse_staff_fields({**TYPED, "temas": "", "capacidad": "0"}).topic_ids == frozenset()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("nombres", ""),
        ("nombres", "\u200b"),
        ("nombres", "😀"),
        ("apellidos", "x" * 61),
        ("apellidos", "a\0b"),
        ("correo", "ximena"),
        ("correo", "ximena@beneficiate"),
        ("codigo", ""),
        ("codigo", "AG 17"),
        ("codigo", "A" * 17),
        ("capacidad", "13"),
        ("capacidad", "-1"),
        ("capacidad", "٣"),
        ("capacidad", "9" * 30),
        ("temas", "x"),
        ("temas", ",".join(["1"] * 201)),
        ("papel", "rey"),
    ],
)
def test_each_invalid_field_has_a_sentence(name, text):
    with pytest.raises(InvalidForm) as caught:
        parse_staff_fields({**TYPED, name: text})
    assert list(caught.value.fields) == [name]


def test_sentences_of_names_say_what_is_wrong():
    with pytest.raises(InvalidForm) as caught:
        parse_staff_fields({**TYPED, "nombres": "%_%", "apellidos": "a\u202eb"})
    assert caught.value.fields == {"nombres": "Escriba los nombres con letras.", "apellidos": INVISIBLE_SIGN}


def test_all_that_is_missing_is_said_at_once():
    with pytest.raises(InvalidForm) as caught:
        parse_staff_fields({})
    assert set(caught.value.fields) == set(TYPED) - {"temas"}
