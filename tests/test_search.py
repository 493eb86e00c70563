"""Names are found as people type them, quickly."""

import pytest

from beneficiate.folding import fold
from beneficiate.search import IndexEntry, NameIndex, extract_snippet, matches_query, matching_words
from tests.domain.bot.fake_choices import city_index, specialty_index


def labels(index, text, limit=10):
    return [hit.label for hit in index.search(text, limit)]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("bogota", "Bogotá D.C."),
        ("Bogotá, D.C.", "Bogotá D.C."),
        ("bgota", "Bogotá D.C."),
        ("santa fe de bogota", "Bogotá D.C."),
        ("cali", "Santiago de Cali"),
        ("cartagena", "Cartagena de Indias"),
        ("cucuta", "San José de Cúcuta"),
        ("santa marta", "Santa Marta"),
        ("pasto", "Pasto"),
        ("tumaco", "San Andrés de Tumaco"),
        ("mompos", "Santa Cruz de Mompox"),
        ("buga", "Guadalajara de Buga"),
        ("medelin", "Medellín"),
        ("villavisencio", "Villavicencio"),
        ("barranquiya", "Barranquilla"),
        ("ibage", "Ibagué"),
        ("peréira", "Pereira"),
        ("vivo en Medellín, por favor", "Medellín"),
        ("la paz cesar", "La Paz (Cesar)"),
        ("albania caqueta", "Albania (Caquetá)"),
    ],
)
def test_municipality_comes_first(text, first):
    assert labels(city_index(), text)[0] == first


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("cardiolgia", "Cardiología"),
        ("cardio", "Cardiología"),
        ("sicologia", "Psicología"),
        ("dentista", "Odontología"),
        ("pediatra", "Pediatría"),
        ("medico general", "Medicina general"),
        ("quiero un cardiologo", "Cardiología"),
        ("otorrino", "Otorrinolaringología"),
        ("ginecóloga", "Ginecología y obstetricia"),
    ],
)
def test_specialty_comes_first(text, first):
    assert labels(specialty_index(), text)[0] == first


def test_department_is_shown_where_the_name_is_not_enough():
    assert labels(city_index(), "albania") == ["Albania (Caquetá)", "Albania (La Guajira)", "Albania (Santander)"]
    assert labels(city_index(), "medellin") == ["Medellín"]
    assert city_index().label_of(18029) == "Albania (Caquetá)"


@pytest.mark.parametrize("text", ["", "   ", "¿?", "xyzzy", "hola", "12345", "qwxz qwxz", "x" * 10_000, "\x00", "日本"])
def test_nothing_is_found_where_nothing_is_near(text):
    assert city_index().search(text) == []
    assert specialty_index().search(text) == []


def test_never_more_than_ten():
    assert len(city_index().search("san")) == 10
    assert len(city_index().search("san", 50)) == 10
    assert len(city_index().search("san", 3)) == 3
    assert city_index().search("san", 0) == city_index().search("san", -1) == []


def test_every_name_finds_itself_first():
    index = city_index()
    for entry in index._entries:
        found = index.search(entry.name)
        assert entry.id in [hit.id for hit in found]
        assert fold(found[0].label).startswith(fold(entry.name))
        assert index.search(index.label_of(entry.id))[0].id == entry.id


def test_exact_comes_before_beginnings_and_these_before_typos():
    index = NameIndex(
        [
            IndexEntry(1, "Albana"),
            IndexEntry(2, "Albania Nueva"),
            IndexEntry(3, "Albania"),
            (4, "Otra", "", ("albania",)),
        ]
    )
    assert [hit.id for hit in index.search("albania")] == [4, 3, 2]
    assert [hit.id for hit in index.search("albanua")] == [1, 4, 3]


def test_empty_index_finds_nothing():
    assert NameIndex([]).search("bogota") == []


@pytest.mark.parametrize(
    ("query", "text", "is_found"),
    [
        ("orden", "Orden médica", True),
        ("medica orden", "Orden médica", True),
        ("ord med", "Orden médica", True),
        ("medcia", "Orden médica", True),
        ("pago", "Orden médica", False),
        ("", "Orden médica", True),
        ("a", "", False),
        ("%", "Orden médica", False),
        ("🚑", "Traslados 🚑", True),
        ("🚑", "Orden 😀", False),
    ],
)
def test_words_are_in_a_text(query, text, is_found):
    assert matches_query(query, text) is is_found


def test_word_that_nobody_begins_with_is_taken_for_the_nearest():
    words = ["gutierrez", "gutierres", "gomez", "gonzalez"]
    assert matching_words("gutier", words) == {"gutierrez", "gutierres"}
    assert matching_words("gonzales", words) == {"gonzalez"}
    assert matching_words("go", words) == {"gomez", "gonzalez"}
    assert matching_words("xyz", words) == matching_words("uti", words) == set()


def test_number_with_another_figure_is_another_number():
    assert matching_words("52000112", {"52000111"}) == set()
    assert matching_words("5200", {"52000111"}) == {"52000111"}
    assert matching_words("cifuentez", {"cifuentes"}) == {"cifuentes"}


def test_snippet_shows_the_place_and_what_matched():
    text = "a" * 100 + " Una CITA, la cíta y la citación. " + "b" * 300
    pieces = extract_snippet(text, ["cita"])
    assert pieces[1::2] == ["CITA", "cíta", "citación"]
    assert pieces[0].startswith("…aaa")
    assert pieces[-1].endswith("bbb…")
    assert "".join(pieces).strip("…") in text
    assert extract_snippet("sin nada", ["cita"]) == ["sin nada"]
    assert extract_snippet("cita", ["cita"]) == ["", "cita", ""]
    assert extract_snippet("", ["cita"]) == [""]
