"""Which passwords can be chosen."""

from pathlib import Path

import pytest
from zxcvbn import feedback
from zxcvbn.matching import L33T_TABLE, enumerate_l33t_subs, relevant_l33t_subtable

from beneficiate.domain import passwords
from beneficiate.domain.passwords import (
    MAX_CHARS,
    MIN_MEMBER_CHARS,
    PasswordOwner,
    describe_password_problem,
    select_estimated_part,
)

ANA = ("Ana María", "Rojas Betancur", "52847193", "ana.rojas@correo.com.co", "3104428016")


def describe(password, words=ANA):
    return describe_password_problem(password, PasswordOwner(words, MIN_MEMBER_CHARS))


@pytest.mark.parametrize(
    "password", ["mango paila lluvia", "arepa nube tren", "Jkd83mf92ls", "una clave larga", "ñandú búho colibrí"]
)
def test_phrases_and_random_letters_are_taken(password):
    assert describe(password) == ""


def test_no_composition_is_asked_for():
    assert describe("sancocho trifasico domingo") == ""


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("arepa", "Use al menos 10 caracteres. Una frase de varias palabras es fácil de recordar."),
        ("x" * (MAX_CHARS + 1), "Use hasta 128 caracteres."),
        ("lospollitosdicen", passwords.LEAKED),
        ("contraseña segura", passwords.LEAKED),
        ("Contrasena123*", passwords.LEAKED),
        ("colombia2026", passwords.EASY),
        ("Millonarios2024!", passwords.EASY),
        ("beneficiate2026", passwords.EASY),
        ("AnaRojas1984", passwords.OWN),
        ("52847193ana", passwords.OWN),
        ("ana.rojas@correo.com.co", passwords.OWN),
        ("x" * MAX_CHARS, "Repite letras o palabras. Escriba una frase."),
    ],
)
def test_what_is_easy_to_guess_is_refused_with_its_reason(password, sentence):
    assert describe(password) == sentence


SIGNS = "".join(sorted({sign for signs in L33T_TABLE.values() for sign in signs}))


@pytest.mark.parametrize("text", [SIGNS * 6, SIGNS[:9] * 12, SIGNS[:8] * 12, SIGNS[-8:] * 12, "una frase larga " * 8])
def test_readings_of_signs_as_letters_take_no_seconds(text):
    part = select_estimated_part(text)
    readings = enumerate_l33t_subs(relevant_l33t_subtable(part, L33T_TABLE))
    # A million takes 0.8 s of a core.
    assert len(readings) * len(part) ** 2 < 500_000


def test_text_of_many_signs_is_judged_by_its_beginning():
    assert describe("kX7(qV2@zR9{wT4|mP1%" * 3) == ""
    assert describe("x" * 24 + SIGNS * 4) == passwords.REPEATED


def test_words_of_somebody_else_do_not_matter():
    assert describe("AnaRojas1984", ()) == ""


def test_staff_need_more_characters():
    assert describe("tren nube 7") == ""
    assert describe_password_problem("tren nube 7", PasswordOwner((), 12)).startswith("Use al menos 12")


def test_leaked_password_is_found_with_letters_as_another_keyboard_composes_them():
    assert describe("contrasen\u0303a segura") == passwords.LEAKED


def test_warnings_are_written_as_the_library_writes_them():
    source = Path(feedback.__file__).read_text(encoding="utf-8")
    parts = {part.strip(" .") for warning in passwords.WARNINGS for part in warning.split('"')}
    assert [part for part in parts if part not in source and part.partition(" to guess ")[0] not in source] == []
