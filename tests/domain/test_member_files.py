"""Members of a file: columns by any usual name, and rows that are refused with the reason."""

from datetime import date, datetime

import pytest

from beneficiate.domain.legacy.values import Refused
from beneficiate.domain.member_files import (
    DATE_CELL,
    NAME_SIGNS,
    NUMBER_CELL,
    SCIENTIFIC,
    find_columns,
    has_member_columns,
    parse_members,
)

TODAY = date(2026, 5, 4)
HEADER = ["Tipo de documento", "Número", "Nombres", "Apellidos", "Correo electrónico", "Celular", "Fecha de nacimiento"]
ROW = ["CC", "52.100.200", " José ", "Peña", "Jose@X.co", "310 442 80 16", "14/03/1984"]


def parse(**changes):
    names = ("tipo", "numero", "nombres", "apellidos", "correo", "celular", "nacimiento")
    row = [changes.get(name, given) for name, given in zip(names, ROW, strict=True)]
    members, refused = parse_members([HEADER, row], TODAY)
    return members[0] if members else refused[0].reason


@pytest.mark.parametrize(
    "header",
    [
        HEADER,
        ["TIPO", "documento", "nombre", "apellido", "email"],
        ["tipo_documento", "numero de documento", "Nombres", "Apellidos", "e-mail"],
    ],
)
def test_header_is_recognised_with_and_without_accents(header):
    assert has_member_columns(header)


def test_file_without_a_column_is_refused():
    assert find_columns(["Correo", "correo"]) == {"correo": 0}
    with pytest.raises(Refused, match="apellidos"):
        parse_members([["tipo", "numero", "nombres", "correo"]], TODAY)
    with pytest.raises(Refused):
        parse_members([], TODAY)


def test_row_is_stored_as_the_forms_do():
    one = parse()
    assert (one.row, one.document_type, one.document_number) == (2, "CC", "52100200")
    assert (one.first_name, one.last_name, one.email) == ("José", "Peña", "jose@x.co")
    assert (one.phone, one.birth_date) == ("+573104428016", date(1984, 3, 14))
    empty = parse(celular="", nacimiento="")
    assert (empty.phone, empty.birth_date) == ("", None)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"numero": "5.21E+07"}, SCIENTIFIC),
        ({"numero": "5,21e7"}, SCIENTIFIC),
        ({"celular": "3.10E+09"}, SCIENTIFIC),
        ({"numero": 52100200.5}, NUMBER_CELL),
        ({"numero": 1e15}, NUMBER_CELL),
        ({"numero": True}, NUMBER_CELL),
        ({"tipo": "PASAPORTE", "numero": 12345.0}, NUMBER_CELL),
        ({"numero": datetime.fromisoformat("2024-01-02")}, DATE_CELL),
        ({"numero": "=A1"}, "El documento no es válido"),
        ({"numero": ""}, "El documento no es válido"),
        ({"tipo": "TI"}, "El tipo de documento no es uno de"),
        ({"numero": "52100200.0"}, "El documento no es válido"),
        ({"celular": "3104428016.0"}, "El celular no es válido"),
        ({"nombres": ""}, "Faltan los nombres"),
        ({"nombres": "Jos\u201a"}, NAME_SIGNS),
        ({"apellidos": "Pe\u00a4a"}, NAME_SIGNS),
        ({"apellidos": "NuÃ‘ez"}, NAME_SIGNS),
        ({"nombres": "RAÃšL"}, NAME_SIGNS),
        ({"nombres": "=HYPERLINK(1)"}, NAME_SIGNS),
        ({"correo": "jose"}, "El correo no es válido"),
        ({"celular": "123"}, "El celular no es válido"),
        ({"nacimiento": "2015-01-01"}, "La fecha de nacimiento no es válida"),
        ({"nacimiento": 30755.0}, "La fecha de nacimiento no es válida"),
        ({"nacimiento": "84-3-14"}, "La fecha de nacimiento no es válida"),
    ],
)
def test_row_that_would_have_to_be_guessed_is_refused(changes, reason):
    assert parse(**changes).startswith(reason)


@pytest.mark.parametrize("name", ["María-José", "O’Neil", "D'Angelo", "J. R.", "Nguyễn", "Núñez Peña"])
def test_names_of_people_are_taken(name):
    assert parse(nombres=name).first_name == name


def test_number_cell_of_digits_without_zeros_in_front_has_lost_nothing():
    one = parse(numero=52100200.0, celular=3104428016.0, nacimiento=datetime.fromisoformat("1984-03-14"))
    assert (one.document_number, one.phone, one.birth_date) == ("52100200", "+573104428016", date(1984, 3, 14))


def test_repeated_and_empty_rows():
    other = [*ROW[:1], "52.100.201", *ROW[2:]]
    members, refused = parse_members([HEADER, ROW, [], ["", " "], other, [*ROW[:4], "b@x.co"]], TODAY)
    assert [one.row for one in members] == [2]
    assert [(one.row, one.reason) for one in refused] == [
        (5, "La fila 2 tiene el mismo documento o el mismo correo."),
        (6, "La fila 2 tiene el mismo documento o el mismo correo."),
    ]
