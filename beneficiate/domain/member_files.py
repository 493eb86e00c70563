"""Members of a file: which column is what, and what is wrong with a row. Nothing is guessed.

A spreadsheet turns long numbers into scientific notation and drops zeros in front: such cells are refused.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from beneficiate.domain.administration import is_valid_name
from beneficiate.domain.dates import parse_typed_date
from beneficiate.domain.email_addresses import ADDRESS_FORMAT, encode_email_address, normalize_email_address
from beneficiate.domain.identity_documents import DOCUMENT_FORMATS, describe_format, normalize_document
from beneficiate.domain.legacy.values import Refused, fold_word, repair_text
from beneficiate.domain.phones import PHONE_FORMAT, normalize_phone
from beneficiate.domain.registrations import (
    ADULT_AGE,
    ADULT_DOCUMENT_TYPES,
    MAX_NAME_CHARS,
    OLDEST_AGE,
    clean_name,
    find_age,
)

COLUMNS = {
    "tipo": ("tipo", "tipodocumento", "tipodedocumento", "tipoid", "tipoidentificacion", "tipodeidentificacion"),
    "numero": ("numero", "documento", "numerodocumento", "numerodedocumento", "identificacion", "numeroidentificacion"),
    "nombres": ("nombres", "nombre", "primernombre"),
    "apellidos": ("apellidos", "apellido"),
    "nacimiento": ("nacimiento", "fechanacimiento", "fechadenacimiento"),
    "celular": ("celular", "telefono", "movil", "telefonocelular", "numerodecelular"),
    "correo": ("correo", "email", "correoelectronico", "mail"),
}
"""The columns that are read, by the names that they may have, without accents, capitals and spaces."""
REQUIRED_COLUMNS = ("tipo", "numero", "nombres", "apellidos", "correo")
SCIENTIFIC = "El número está en notación científica y perdió cifras. Dé formato de texto a la columna y escríbalo."
NUMBER_CELL = "La celda es un número y pudo perder ceros. Dé formato de texto a la columna y escríbalo de nuevo."
NAME_SIGNS = (
    "Los nombres o los apellidos tienen signos que ningún nombre tiene. Guarde el archivo como CSV UTF-8 o XLSX."
)
DATE_CELL = "La celda es una fecha, no un número."
_SCIENTIFIC = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]+")
_NO_SIGN_OF_NAMES = re.compile(r"[^\w\s.'‘’´`\u2011-]|_")
"""What a file in another encoding has in place of accents, or a program in place of a name."""
_TYPE_NAMES = {
    "cedula": "CC",
    "ceduladeciudadania": "CC",
    "ceduladeextranjeria": "CE",
    "pasaporte": "PASSPORT",
    **{code.lower(): code for code in ADULT_DOCUMENT_TYPES},
}
_MAX_WHOLE_NUMBER = 10**15
"""Up to here a cell with a number has all its digits."""


@dataclass(frozen=True, slots=True)
class FileMember:
    """A member of a file in the form in which accounts are stored; `row` counts from 1, the header."""

    row: int
    document_type: str
    document_number: str
    first_name: str
    last_name: str
    email: str
    phone: str
    birth_date: date | None


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that cannot be imported, and why."""

    row: int
    reason: str


def find_columns(header: Sequence[object]) -> dict[str, int]:
    """Return the place of each column that a header names; the first one, if it names it twice."""
    found: dict[str, int] = {}
    for place, cell in enumerate(header):
        for name, spellings in COLUMNS.items():
            if fold_word(cell) in spellings:
                found.setdefault(name, place)
    return found


def has_member_columns(header: Sequence[object]) -> bool:
    """Return whether a row names all columns that are needed."""
    return find_columns(header).keys() >= set(REQUIRED_COLUMNS)


def parse_members(rows: Sequence[Sequence[object]], today: date) -> tuple[list[FileMember], list[RefusedRow]]:
    """Return the members of a file and the rows that are refused; empty rows are neither. Raises Refused for a file.

    Of two rows with one document or one address the second is refused.
    """
    columns = find_columns(rows[0] if rows else ())
    missing = [name for name in REQUIRED_COLUMNS if name not in columns]
    if missing:
        raise Refused(f"Faltan columnas en la primera fila: {', '.join(missing)}.")
    members: list[FileMember] = []
    refused: list[RefusedRow] = []
    seen: dict[object, int] = {}
    for number, row in enumerate(rows[1:], 2):
        cells = {name: row[place] if place < len(row) else "" for name, place in columns.items()}
        if all(str(cell).strip() == "" for cell in cells.values()):
            continue
        try:
            member = _parse_row(number, cells, today)
            _refuse_repeated(member, seen)
        except Refused as problem:
            refused.append(RefusedRow(number, problem.reason))
        else:
            members.append(member)
    return members, refused


def _parse_row(number: int, cells: dict[str, object], today: date) -> FileMember:
    document_type = _TYPE_NAMES.get(fold_word(cells["tipo"]), "")
    if not document_type:
        raise Refused(f"El tipo de documento no es uno de {', '.join(ADULT_DOCUMENT_TYPES)}.")
    typed = _read_number(cells["numero"], keeps_zeros=DOCUMENT_FORMATS[document_type].has_letters)
    document = normalize_document(document_type, typed)
    if document is None:
        raise Refused(f"El documento no es válido. {describe_format(document_type)}")
    first_name, last_name = clean_name(str(cells["nombres"])), clean_name(str(cells["apellidos"]))
    if not (is_valid_name(first_name, MAX_NAME_CHARS) and is_valid_name(last_name, MAX_NAME_CHARS)):
        raise Refused("Faltan los nombres o los apellidos, o no son de 1 a 60 letras, sin signos invisibles.")
    # Letters of some scripts have marks that are signs of their own.
    letters = "".join(one for one in first_name + last_name if unicodedata.category(one)[0] != "M")
    # `NuÃ‘ez` has letters only.
    if _NO_SIGN_OF_NAMES.search(letters) or any(repair_text(name) != name for name in (first_name, last_name)):
        raise Refused(NAME_SIGNS)
    email = normalize_email_address(str(cells["correo"]))
    if encode_email_address(email) is None:
        raise Refused(f"El correo no es válido. {ADDRESS_FORMAT}")
    phone, typed_phone = "", _read_number(cells.get("celular", ""), keeps_zeros=False)
    if typed_phone:
        phone = normalize_phone(typed_phone) or ""
        if not phone:
            raise Refused(f"El celular no es válido. {PHONE_FORMAT}")
    birth_date = _read_birth_date(cells.get("nacimiento", ""), today)
    return FileMember(number, document_type, document, first_name, last_name, email, phone, birth_date)


def _read_number(cell: object, *, keeps_zeros: bool) -> str:
    """Return the text of a number; a cell with a number has lost nothing if zeros in front mean nothing."""
    if isinstance(cell, date):
        raise Refused(DATE_CELL)
    if isinstance(cell, bool) or (isinstance(cell, float) and not cell.is_integer()):
        raise Refused(NUMBER_CELL)
    if isinstance(cell, int | float):
        if keeps_zeros or not 0 <= cell < _MAX_WHOLE_NUMBER:
            raise Refused(NUMBER_CELL)
        return str(int(cell))
    text = str(cell).strip()
    if _SCIENTIFIC.fullmatch(text) and not keeps_zeros:
        raise Refused(SCIENTIFIC)
    return text


def _read_birth_date(cell: object, today: date) -> date | None:
    if isinstance(cell, datetime):
        day: date | None = cell.date()
    elif isinstance(cell, date):
        day = cell
    elif not str(cell).strip():
        return None
    else:
        day = parse_typed_date(str(cell).strip())
    if day is None or not ADULT_AGE <= find_age(day, today) <= OLDEST_AGE:
        raise Refused("La fecha de nacimiento no es válida, como 14/03/1984, o la persona es menor de 18 años.")
    return day


def _refuse_repeated(member: FileMember, seen: dict[object, int]) -> None:
    """Remember a member's keys; raise Refused for one that another row has."""
    keys = ((member.document_type, member.document_number), member.email)
    other = next((seen[key] for key in keys if key in seen), None)
    if other is not None:
        raise Refused(f"La fila {other} tiene el mismo documento o el mismo correo.")
    seen.update(dict.fromkeys(keys, member.row))
