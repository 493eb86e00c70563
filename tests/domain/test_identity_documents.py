"""However a document is typed, it is stored and found in one form."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiate.domain.identity_documents import (
    DOCUMENT_TYPES,
    describe_format,
    normalize_document,
    possible_numbers,
    short_type_name,
    write_document,
)
from tests.node import ROOT


@pytest.mark.parametrize(
    ("document_type", "typed", "number"),
    [
        ("CC", "52.123.456", "52123456"),
        ("CC", " CC 52 123 456 ", "52123456"),
        ("CC", "c.c. 52'123.456", "52123456"),
        ("CC", "CC71765432", "71765432"),
        ("CC", "071765432", "71765432"),
        ("CC", "５２１２３４５６", "52123456"),
        ("CC", "Cédula de ciudadanía N° 52.123.456", "52123456"),
        ("CC", "10-123-456", "10123456"),
        ("TI", "T.I: 1.012.345.678", "1012345678"),
        ("RC", "RC 1038998877", "1038998877"),
        ("CE", "C.E. 345678", "345678"),
        ("PPT", "PPT 5123456", "5123456"),
        ("PEP", "912345678901234", "912345678901234"),
        ("NIT", "900.123.456-7", "900123456"),
        ("NIT", "NIT 900123456", "900123456"),
        ("PASSPORT", "Pasaporte av-123456", "AV123456"),
        ("PASSPORT", "CC 123456", "CC123456"),
        ("PASSPORT", "000123456", "123456"),
        ("OTHER", "ab 1234", "AB1234"),
    ],
)
def test_number_has_one_form(document_type, typed, number):
    assert normalize_document(document_type, typed) == number
    assert normalize_document(document_type, number) == number


@pytest.mark.parametrize(
    ("document_type", "typed"),
    [
        ("CC", ""),
        ("CC", "0000"),
        ("CC", "12"),
        ("CC", "1" * 11),
        ("CC", "RC1038998877"),
        ("CC", "TI 1012345678"),
        ("CC", "52A23456"),
        ("CC", "1012/345"),
        ("CC", "52123456\x00"),
        ("CC", "52123456.0"),
        ("CC", "CC 52123456.0"),
        ("CC", "C.C. 52123456.0"),
        ("PASSPORT", "Pasaporte 123456.0"),
        ("CC", "52.123.456,00"),
        ("CE", "123456.5"),
        ("PASSPORT", "123456.0"),
        ("CC", "1" * 500),
        ("TI", "52123456"),
        ("PEP", "5123456"),
        ("PASSPORT", "ABCDEF"),
        ("PASSPORT", "AV 1%"),
        ("DNI", "52123456"),
    ],
)
def test_what_is_no_number_of_its_type_is_refused(document_type, typed):
    assert normalize_document(document_type, typed) is None


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("CC 52.123.456", ["52123456", "CC52123456"]),
        ("CC52123456", ["52123456", "CC52123456"]),
        ("cédula 52.123.456", ["52123456", "CEDULA52123456"]),
        ("052123456", ["52123456"]),
        ("５２１２３４５６", ["52123456"]),
        ("T.I: 1020304050", ["1020304050", "TI1020304050"]),
        ("Pasaporte ab-12", ["AB12"]),
        ("ab 12", ["AB12"]),
        ("", []),
        (" . ", []),
        ("%", []),
        ("0", []),
        ("1" * 500, []),
    ],
)
def test_search_means_one_or_two_forms(typed, numbers):
    assert possible_numbers(typed) == numbers


def test_format_is_described():
    assert describe_format("CC") == "Escriba solo el número: de 4 a 10 dígitos."
    assert "letras y números" in describe_format("PASSPORT")


def test_people_read_a_type_in_their_words():
    names = ["CC", "TI", "RC", "CE", "PPT", "PEP", "NIT", "Pasaporte", "Otro documento"]
    assert list(map(short_type_name, DOCUMENT_TYPES)) == names
    assert write_document("OTHER", "•••• 8123") == "Otro documento •••• 8123"


def test_a_document_is_written_for_people_in_one_place():
    sources = {path: path.read_text(encoding="utf-8") for path in (ROOT / "beneficiate").rglob("*.py")}
    raw = [path.name for path, text in sources.items() if re.search(r"\{[\w.]*document_type\} ", text)]
    # What is hashed stays as it is: nobody reads it.
    assert raw == ["erasures.py"]


@given(st.sampled_from(DOCUMENT_TYPES), st.text(max_size=70))
def test_normal_form_stays_as_it_is_and_is_found(document_type, typed):
    number = normalize_document(document_type, typed)
    if number is not None:
        assert normalize_document(document_type, number) == number
        assert number in possible_numbers(number)
