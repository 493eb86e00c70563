"""Reads the rows of an XLSX in a process of its own, with bounded memory and time (`bounded_process`).

Its library makes a table of all that is between the first cell and the last, and is of Rust: without the memory for it
the whole process ends. A space typed by mistake in the last cell of a sheet asks for 550 GB. Its descriptor is that of
the file; it answers with a line of JSON.
"""

import io
import math
import os
import sys
import zipfile
from datetime import date, datetime

import msgspec
import python_calamine

from beneficiate.clients.bounded_process import enter_bounds
from beneficiate.clients.spreadsheets import (
    MAX_COLUMNS,
    MAX_FILE_ROWS,
    DateCell,
    UnreadableFile,
    WorkbookAnswer,
    WrittenCell,
)

MAX_UNPACKED_BYTES = 100 * 1024 * 1024
"""An XLSX is a ZIP, whose text may be a thousand times as long."""
MAX_ANSWER_BYTES = 32 * 1024 * 1024
"""A text that is stored once may stand in every cell. 5,000 rows of 64 columns with 40 characters each are 13 MB."""
_DAMAGED = "El archivo de Excel está dañado."
_NOT_READ = "El archivo de Excel no se puede leer: guárdelo de nuevo como .xlsx."
_TOO_LARGE = "El archivo de Excel es demasiado grande por dentro."


def read_rows(content: bytes) -> list[list[WrittenCell]]:
    """Return the rows of the first sheet. Raises UnreadableFile."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            unpacked = sum(one.file_size for one in packed.infolist())
    except Exception as problem:  # a parser may fail in any way on a crafted file
        raise UnreadableFile(_DAMAGED) from problem
    if unpacked > MAX_UNPACKED_BYTES:
        raise UnreadableFile(_TOO_LARGE)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False, nrows=MAX_FILE_ROWS + 2)
    except Exception as problem:
        raise UnreadableFile(_NOT_READ) from problem
    return [[_write_cell(cell) for cell in row[:MAX_COLUMNS]] for row in rows]


def encode_answer(content: bytes) -> bytes:
    """Return the answer of the process for a file."""
    try:
        answer = msgspec.json.encode(WorkbookAnswer(read_rows(content)))
    except UnreadableFile as problem:
        return _encode_refusal(str(problem))
    return answer if len(answer) <= MAX_ANSWER_BYTES else _encode_refusal(_TOO_LARGE)


def _encode_refusal(sentence: str) -> bytes:
    return msgspec.json.encode(WorkbookAnswer(sentence=sentence))


def _write_cell(cell: object) -> WrittenCell:
    """Return a cell as JSON has it: of a date its day, and as text what is neither that nor a number."""
    if isinstance(cell, datetime):
        return DateCell(cell.date())
    if isinstance(cell, date):
        return DateCell(cell)
    if isinstance(cell, str | int) or (isinstance(cell, float) and math.isfinite(cell)):
        return cell
    return str(cell)


def read_descriptor() -> None:
    """Read the file of the given descriptor and write its rows to the standard output."""
    (number,) = enter_bounds()
    with os.fdopen(number, "rb") as file:
        file.seek(0)
        sys.stdout.buffer.write(encode_answer(file.read()))


if __name__ == "__main__":
    read_descriptor()
