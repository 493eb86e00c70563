"""Files of spreadsheets: any delimiter and encoding, XLSX with its kinds of cells, all bounded."""

import io
import resource
import zipfile
from datetime import date, datetime

import pytest
import xlsxwriter

from beneficiate.clients import spreadsheets
from beneficiate.clients.spreadsheets import UnreadableFile, read_file, read_spreadsheet
from beneficiate.domain.member_files import has_member_columns
from tests.sample_files import make_workbook

HEADER = ["Tipo", "Número", "Nombres", "Apellidos", "Correo"]
ROW = ["CC", "52100200", "José; Ángel", "Núñez, Peña", "a@x.co"]


def peak_bytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@pytest.fixture
def read():
    return lambda content: read_spreadsheet(content, has_member_columns).rows


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_text_of_any_delimiter_and_encoding(read, delimiter, encoding):
    lines = [delimiter.join(f'"{cell}"' for cell in row) for row in (HEADER, ROW)]
    sheet = read_spreadsheet("\r\n".join(lines).encode(encoding), has_member_columns)
    names = {"utf-8": "UTF-8", "utf-16": "UTF-16", "cp1252": "Windows-1252"}
    assert (sheet.rows, sheet.delimiter) == ([HEADER, ROW], delimiter)
    assert sheet.encoding == next(name for start, name in names.items() if encoding.startswith(start))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("line", ["sep=;", "SEP=;", '"sep=;"'])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_line_that_tells_excel_the_delimiter_is_no_row(read, encoding, line, end):
    lines = [line, ";".join(HEADER), 'CC;52100200;"José; Ángel";"Núñez, Peña";a@x.co']
    assert read(end.join(lines).encode(encoding)) == [HEADER, ROW]


def test_text_whose_encoding_cannot_be_told_is_refused_with_what_to_do(read):
    with pytest.raises(UnreadableFile, match=r"CSV \(Macintosh\).*CSV UTF-8"):
        read("Tipo;Número;Nombres;Apellidos;Correo\rCC;1;José;Paz;a@x.co\r".encode("mac_roman"))


def test_lines_may_end_and_be_quoted_in_any_usual_way(read):
    text = 'Tipo;Número;Nombres;Apellidos;Correo\nCC;1;"José\nÁngel ""J""";Peña;a@x.co\n'
    assert read(text.encode())[1] == ["CC", "1", 'José\nÁngel "J"', "Peña", "a@x.co"]


@pytest.mark.parametrize("rows", ['CC;1;"José;Peña;a@x.co\nCC;2;Rosa;Paz;b@x.co\n', 'CC;1;"Jo"sé;"Peña;a@x.co\n'])
def test_quotes_that_would_join_rows_are_refused_and_no_row_is_lost(read, rows):
    with pytest.raises(UnreadableFile, match="comillas sin cerrar o de más en la fila 3"):
        read(f"{';'.join(HEADER)}\nCC;3;Iris;Paz;c@x.co\n{rows}".encode())


def test_xlsx_has_its_kinds_of_cells(read):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, ["CC", 52100200, "José"])
        sheet.write_datetime(1, 3, datetime.fromisoformat("1984-03-14"), book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write_formula(1, 4, "=1+1", value=2)
    header, row = read(file.getvalue())
    assert header == HEADER
    assert row[:3] == ["CC", 52100200.0, "José"]
    assert isinstance(row[3], date)
    assert row[4] == 2.0


def test_files_that_cannot_be_read_are_said(read, tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as file:
        file.writestr("x", "y")
    cases = {
        b"": "vacío",
        b"PK\x03\x04broken": "dañado",
        inner.getvalue(): "no se puede leer",
        b"\xd0\xcf\x11\xe0\xa1": ".xls antiguo",
        b"a;b\n" * 5_002: "más de 5.000 filas",
        b"x" * (spreadsheets.MAX_FILE_BYTES + 1): "demasiado grande",
    }
    for content, sentence in cases.items():
        with pytest.raises(UnreadableFile, match=sentence):
            read(content)
    with pytest.raises(UnreadableFile, match="No se puede leer"):
        read_file(tmp_path / "none")
    (tmp_path / "file").write_bytes(b"x" * (spreadsheets.MAX_FILE_BYTES + 9))
    assert len(read_file(tmp_path / "file")) == spreadsheets.MAX_FILE_BYTES + 1


def test_space_in_the_last_cell_of_a_sheet_ends_neither_this_process_nor_the_import(read):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write(1_048_575, 16_383, " ")
    with pytest.raises(UnreadableFile, match="muy lejos de la lista"):
        read(file.getvalue())


def test_text_that_stands_in_every_cell_takes_no_memory_of_this_process(read):
    content = make_workbook(*[["x" * 30_000] * 16] * 2_000)
    assert len(content) < 200_000
    before = peak_bytes()
    with pytest.raises(UnreadableFile):
        read(content)
    # Read here, it would be 2.9 GB.
    assert peak_bytes() - before < 64 * 1024 * 1024
