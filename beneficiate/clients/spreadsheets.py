"""Rows of a file of a spreadsheet: text with `;`, `,` or tabs in any usual encoding, or XLSX. Bounded in every way."""

import csv
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path

import python_calamine

from beneficiate.clients.text_encodings import UnknownEncoding, decode_text

MAX_FILE_BYTES = 5 * 1024 * 1024
MAX_FILE_ROWS = 5_000
MAX_UNPACKED_BYTES = 100 * 1024 * 1024
"""An XLSX is a ZIP, whose text may be a thousand times as long."""
MAX_COLUMNS = 64
DELIMITERS = (";", ",", "\t")
UNKNOWN_ENCODING = (
    "El archivo parece guardado como «CSV (Macintosh)» o «CSV (MS-DOS)», y sus tildes se leerían mal. "
    "Guárdelo como CSV UTF-8 o XLSX."
)
_DELIMITER_LINE = re.compile(r'("?)sep=[^\r\n"]\1(\r\n|\r|\n)', re.IGNORECASE)
"""The line by which Excel is told the delimiter, which it does not show: the row below it is the first."""
_ZIP_BEGINS = b"PK\x03\x04"
_OLD_EXCEL_BEGINS = b"\xd0\xcf\x11\xe0"

Cell = str | int | float | bool | date | datetime
"""What stands in a cell: always text in a text file; XLSX has numbers and dates too."""


class UnreadableFile(Exception):
    """A file that cannot be read as rows: a sentence for people."""


@dataclass(frozen=True, slots=True)
class Spreadsheet:
    """The rows of a file, the header first, and how it was read: XLSX has neither an encoding nor a delimiter."""

    rows: list[list[Cell]]
    encoding: str = ""
    delimiter: str = ""


def read_file(path: Path) -> bytes:
    """Return the content of a file that is not too large. Raises UnreadableFile."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except OSError as problem:
        raise UnreadableFile(f"No se puede leer el archivo: {problem.strerror}.") from problem


def read_spreadsheet(content: bytes, is_header: Callable[[list[Cell]], bool]) -> Spreadsheet:
    """Return what a file has. Raises UnreadableFile, also for a text whose quotes would join rows.

    `is_header` says which row of a text is one: so the delimiter is found.
    """
    if len(content) > MAX_FILE_BYTES:
        raise UnreadableFile("El archivo es demasiado grande: puede tener hasta 5 MB.")
    if content.startswith(_OLD_EXCEL_BEGINS):
        raise UnreadableFile("Es un archivo .xls antiguo o con contraseña: guárdelo como .xlsx sin contraseña.")
    is_xlsx = content.startswith(_ZIP_BEGINS)
    sheet = Spreadsheet(_read_xlsx(content)) if is_xlsx else _read_text(content, is_header)
    if len(sheet.rows) > MAX_FILE_ROWS + 1:
        raise UnreadableFile("El archivo tiene más de 5.000 filas. Divídalo en varios.")
    return sheet


def _read_text(content: bytes, is_header: Callable[[list[Cell]], bool]) -> Spreadsheet:
    text, encoding = _decode(content)
    found: list[Spreadsheet] = []
    for delimiter in DELIMITERS:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        rows: list[list[Cell]] = []
        try:
            rows.extend(list(row[:MAX_COLUMNS]) for row in islice(reader, MAX_FILE_ROWS + 2))
        except csv.Error as problem:
            if rows and is_header(rows[0]):
                raise UnreadableFile(f"Hay comillas sin cerrar o de más en la fila {len(rows) + 1}.") from problem
            continue
        if not rows:
            continue
        found.append(Spreadsheet(rows, encoding, delimiter))
        if is_header(rows[0]):
            return found[-1]
    if not found:
        raise UnreadableFile("El archivo está vacío o no es una tabla.")
    return max(found, key=lambda sheet: len(sheet.rows[0]))


def _decode(content: bytes) -> tuple[str, str]:
    """Return the text from its header on, and its encoding."""
    try:
        text, encoding = decode_text(content)
    except UnknownEncoding as problem:
        raise UnreadableFile(UNKNOWN_ENCODING) from problem
    told = _DELIMITER_LINE.match(text)
    return text[told.end() :] if told else text, encoding


def _read_xlsx(content: bytes) -> list[list[Cell]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            unpacked = sum(one.file_size for one in packed.infolist())
    except zipfile.BadZipFile as problem:
        raise UnreadableFile("El archivo de Excel está dañado.") from problem
    if unpacked > MAX_UNPACKED_BYTES:
        raise UnreadableFile("El archivo de Excel es demasiado grande por dentro.")
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False, nrows=MAX_FILE_ROWS + 2)
    except (python_calamine.CalamineError, OSError, ValueError, IndexError) as problem:
        raise UnreadableFile("El archivo de Excel no se puede leer: guárdelo de nuevo como .xlsx.") from problem
    return [list(row[:MAX_COLUMNS]) for row in rows]  # type: ignore[arg-type]
