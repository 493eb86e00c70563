"""Rows of a file of a spreadsheet: text with `;`, `,` or tabs in any usual encoding, or XLSX. Bounded in every way."""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile

import msgspec

from beneficiate.clients.bounded_process import TooCostly, run_bounded
from beneficiate.clients.text_encodings import UnknownEncoding, decode_text

MAX_FILE_BYTES = 5 * 1024 * 1024
MAX_FILE_ROWS = 5_000
WORKBOOK_BYTES = 512 * 1024 * 1024
"""Address space of the process that reads an XLSX: one of 5,000 rows and 64 columns takes 200 MB."""
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

_TOO_COSTLY = (
    "El archivo de Excel está dañado, o tiene algo escrito muy lejos de la lista. "
    "Copie solo la lista en un libro nuevo y guárdelo como .xlsx."
)

Cell = str | int | float | bool | date
"""What stands in a cell: always text in a text file; XLSX has numbers and dates too."""


class UnreadableFile(Exception):
    """A file that cannot be read as rows: a sentence for people."""


class DateCell(msgspec.Struct):
    """A cell with a date, in the answer of the process that reads an XLSX."""

    day: date


WrittenCell = str | int | float | bool | DateCell


class WorkbookAnswer(msgspec.Struct):
    """The answer of the process that reads an XLSX: the rows, or the sentence of UnreadableFile."""

    rows: list[list[WrittenCell]] = []
    sentence: str = ""


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
    """Return what a file has. Blocking: call it in a thread.

    Raises UnreadableFile, also for a text whose quotes would join rows; Unavailable when no process can be started.

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
    with TemporaryFile() as file:
        file.write(content)
        file.flush()
        try:
            answered = run_bounded("beneficiate.clients.workbooks", WORKBOOK_BYTES, [file.fileno()])
        except TooCostly as problem:
            raise UnreadableFile(_TOO_COSTLY) from problem
    answer = msgspec.json.decode(answered, type=WorkbookAnswer)
    if answer.sentence:
        raise UnreadableFile(answer.sentence)
    return [[cell.day if isinstance(cell, DateCell) else cell for cell in row] for row in answer.rows]
