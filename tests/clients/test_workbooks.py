"""The rows of an XLSX as the process that reads them answers: cells as JSON has them, and what it refuses."""

import io
import zipfile
from datetime import datetime, time

import msgspec
import pytest

from beneficiate.clients import workbooks
from beneficiate.clients.spreadsheets import UnreadableFile, WorkbookAnswer
from beneficiate.clients.workbooks import encode_answer, read_rows
from tests.sample_files import make_workbook


def answer(content):
    return msgspec.json.decode(encode_answer(content), type=WorkbookAnswer)


def test_cells_are_texts_numbers_and_days():
    book = make_workbook(["CC", 52100200, True], [datetime.fromisoformat("1984-03-14T15:30"), time(9, 30)])
    day = datetime.fromisoformat("1984-03-14").date()
    assert read_rows(book)[0] == ["CC", 52100200, True]
    (date_cell, time_cell, _) = answer(book).rows[1]
    assert (date_cell.day, time_cell) == (day, "09:30:00")


def test_number_that_json_does_not_have_is_a_text():
    book = make_workbook([7], [8])
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(file := io.BytesIO(), "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"<v>7</v>", b"<v>1e400</v>"))
    assert answer(file.getvalue()).rows == [["inf"], [8]]


@pytest.mark.parametrize(
    ("place", "value"),
    [(6, b"\x63"), (8, b"\x00\x08"), (28, b"\xff\xff")],
    ids=["version", "name", "length"],
)
def test_damaged_directory_is_refused_whatever_its_reader_raises(place, value):
    content = bytearray(make_workbook(["CC"]))
    entry = content.index(b"PK\x01\x02")
    content[entry + place : entry + place + len(value)] = value
    content[entry + 46] = 0xFF
    assert "Excel" in answer(bytes(content)).sentence


def test_file_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(workbooks, "MAX_UNPACKED_BYTES", 1000)
    with zipfile.ZipFile(file := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as inner:
        inner.writestr("xl/worksheets/sheet1.xml", b"0" * 100_000)
    with pytest.raises(UnreadableFile, match="por dentro"):
        read_rows(file.getvalue())


def test_answer_that_is_too_long_is_a_refusal(monkeypatch):
    book = make_workbook(["x" * 1000])
    assert answer(book).rows == [["x" * 1000]]
    monkeypatch.setattr(workbooks, "MAX_ANSWER_BYTES", 1000)
    assert "por dentro" in answer(book).sentence
