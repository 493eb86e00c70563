"""What the forms of the administration have in common."""

import pytest

from beneficiate.domain.administration import (
    INVISIBLE_SIGN,
    are_ids,
    check_line,
    check_name,
    choose_code,
    clean_line,
    describe_name_problem,
    is_valid_line,
    is_valid_name,
    is_whole_number,
    parse_ids,
    refuse_invalid,
)
from beneficiate.errors import InvalidForm


def test_lines_are_cleaned_and_checked():
    assert clean_line("  Mi \t plan\n") == "Mi plan"
    assert [is_valid_line(text, 5) for text in ("Ana", "Mi plan", "", "\u200b", "a\0")] == [True, *[False] * 4]


def test_names_have_a_letter():
    given = ("Ana", "Ñ", "山田", "Tema 2", "-1", "99999999999999999999", "🎉", "...", "", "a" * 21)
    assert [is_valid_name(text, 20) for text in given] == [True] * 4 + [False] * 6


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Ana", ""),
        ("C++ 😀", ""),
        ("", "Escriba el nombre."),
        ("x" * 21, "Use 20 letras o menos."),
        ("a\u202eb", INVISIBLE_SIGN),
        ("\u200b", INVISIBLE_SIGN),
        ("\u3164", INVISIBLE_SIGN),
        ("a\0", INVISIBLE_SIGN),
        ("😀😀", "Escriba el nombre con letras."),
        ("%_%", "Escriba el nombre con letras."),
        ("\u3164.", "Escriba el nombre con letras."),
    ],
)
def test_sentence_says_what_is_wrong_with_a_name(text, problem):
    assert describe_name_problem(text, 20, "el nombre") == problem
    assert check_name(text, 20, "el nombre") == (not problem, problem)


def test_line_needs_no_letter():
    assert [check_line(text, 9, "el registro") for text in ("RM-1", "%_%", "", "\u202e")] == [
        (True, ""),
        (True, ""),
        (False, "Escriba el registro."),
        (False, INVISIBLE_SIGN),
    ]


def test_whole_numbers_have_bounds_and_ascii_digits():
    texts = ("1", "12", "13", "0", "-1", "1.5", "٣", "", "9" * 40)
    assert [is_whole_number(text, 1, 12) for text in texts] == [True, True, *[False] * 7]


def test_ids_are_numbers_with_commas():
    assert [are_ids(text) for text in ("", "3", "3,1", "x", "3,-1", ",".join("1" * 201))] == [True] * 3 + [False] * 3
    assert parse_ids("3,1,3") == {1, 3}
    assert parse_ids("") == frozenset()


def test_codes_are_letters_digits_and_hyphens_and_taken_once():
    assert choose_code("¡Mi plan, ñandú!", set(), 32) == "mi-plan-nandu"
    assert choose_code("Mi plan", {"mi-plan", "mi-plan-2"}, 32) == "mi-plan-3"
    assert choose_code("漢字", set(), 32) == "nuevo"
    assert len(choose_code("x" * 99, {"x" * 28}, 32)) == 30


def test_every_invalid_field_is_named():
    refuse_invalid({"nombre": (True, "No.")})
    with pytest.raises(InvalidForm) as caught:
        refuse_invalid({"nombre": (False, "No."), "precio": (True, "Sí."), "estado": (False, "Tampoco.")})
    assert caught.value.fields == {"nombre": "No.", "estado": "Tampoco."}
