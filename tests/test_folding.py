"""Text is compared without accents, capitals and punctuation."""

import json

import pytest

from beneficiate.folding import fold, fold_code, fold_name, list_person_words, national_number


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Bogotá, D.C.", "bogota d c"), ("  ÑANDÚ  ", "nandu"), ("¿Qué?", "que"), ("a_b", "a b"), ("", ""), ("…", "")],
)
def test_fold(text, folded):
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Afiliación.", "afiliacion"), ("C++", "c++"), ("Mi-plan", "mi plan"), ("🚑", "🚑"), ("…", "…")],
)
def test_names_are_compared_with_their_symbols(text, folded):
    assert fold_name(text) == folded


def test_code_is_the_same_however_it_is_written():
    assert {fold_code(text) for text in ("TP-11-044609", "tp 11 044609", "TP11044609")} == {"tp11044609"}


@pytest.mark.parametrize(
    "text", ["+57 304 512 7788", "3045127788", "(304) 512-77-88", "0057 304 5127788", "３０４5127788"]
)
def test_telephone_is_the_same_however_it_is_written(text):
    assert national_number(text) == "3045127788"


def test_words_of_a_person():
    words = json.loads(list_person_words("member", "Ana María", "Muñoz-Ana", "+57 304 512 7788"))
    assert words == [
        ["member", "ana", "ana"], ["member", "maria", "airam"], ["member", "munoz", "zonum"],
        ["phone", "3045127788", "8877215403"],
    ]  # fmt: skip
    assert list_person_words("member", "", "…", "") == "[]"
