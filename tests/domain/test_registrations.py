"""What is typed to register is checked as a whole: a sentence for each field."""

from datetime import date

import pytest

from beneficiate.domain.registrations import CONSENT_NEEDED, MINOR, RegistrationFields, find_age, parse_registration

TODAY = date(2026, 8, 25)
TYPED = {
    "tipo": "CC",
    "numero": "52.777.888",
    "nombres": " Iris  Elena ",
    "apellidos": "Nun\u0303ez",
    "dia": "14",
    "mes": "3",
    "ano": "1984",
    "celular": "310 442 8016",
    "ciudad": "Montería, Córdoba",
    "correo": "IRIS@x.co",
    "datos": "1",
    "salud": "",
}


def test_fields_are_returned_as_they_are_stored():
    fields, problems = parse_registration(TYPED, TODAY)
    expected = ("CC", "52777888", "Iris Elena", "Nu\u00f1ez", date(1984, 3, 14), "+573104428016", "iris@x.co")
    assert (fields, problems) == (RegistrationFields(*expected), {})


@pytest.mark.parametrize(
    ("field", "value", "name"),
    [
        ("tipo", "TI", "tipo"),
        ("tipo", "", "tipo"),
        ("numero", "52.777.88B", "numero"),
        ("nombres", " \u200b ", "nombres"),
        ("nombres", "😀", "nombres"),
        ("apellidos", "x" * 61, "apellidos"),
        ("dia", "31", None),
        ("dia", "32", "nacimiento"),
        ("mes", "", "nacimiento"),
        ("ano", "84", "nacimiento"),
        ("ano", "\u0661984", "nacimiento"),
        ("ano", "2027", "nacimiento"),
        ("celular", "12", "celular"),
        ("correo", "iris@x", "correo"),
        ("datos", "", "datos"),
    ],
)
def test_each_field_has_its_sentence(field, value, name):
    _, problems = parse_registration({**TYPED, field: value}, TODAY)
    assert list(problems) == ([name] if name else [])
    assert all(sentence.endswith(".") for sentence in problems.values())


def test_minors_are_told_who_can_register_and_nobody_is_refused_on_their_birthday():
    born = {"dia": "25", "mes": "8", "ano": "2008"}
    assert parse_registration({**TYPED, **born}, TODAY)[1] == {}
    assert parse_registration({**TYPED, **born, "dia": "26"}, TODAY)[1] == {"nacimiento": MINOR}


def test_everything_that_is_wrong_is_said_at_once():
    _, problems = parse_registration(dict.fromkeys(TYPED, ""), TODAY)
    assert list(problems) == ["tipo", "nombres", "apellidos", "nacimiento", "celular", "correo", "datos"]
    assert problems["datos"] == CONSENT_NEEDED


def test_born_on_29_february_is_a_year_older_in_march():
    assert find_age(date(2008, 2, 29), date(2026, 2, 28)) == 17
    assert find_age(date(2008, 2, 29), date(2026, 3, 1)) == 18
