"""Files of members are read off the loop, stored in parts, and known again by their bytes."""

import asyncio
import io

import pytest

from beneficiate.actions import member_import_files as actions
from beneficiate.clients.spreadsheets import read_spreadsheet
from beneficiate.errors import Invalid, NotFound
from beneficiate.models.imports import MemberImport, MemberImportRow
from beneficiate.services import member_imports
from beneficiate.services.member_imports import clean_shown_name, store_preview
from tests.factories import agent, supervisor
from tests.sample_files import make_workbook

HEADER = ["Tipo", "Documento", "Nombres", "Apellidos", "Correo"]


@pytest.fixture
def store(context):
    return context.store


@pytest.fixture
def pool(context):
    return context.spreadsheet_pool


def csv_of(count):
    lines = [f"CC;{52000000 + n};Ana;Gil;ana{n}@x.co" for n in range(count)]
    return "\n".join([";".join(HEADER), *lines]).encode()


@pytest.mark.gen_test
async def test_rows_are_stored_in_parts(store, pool, monkeypatch):
    monkeypatch.setattr(actions, "ROWS_PER_PART", 2)
    import_id = await store_preview(
        store, pool, io.BytesIO(csv_of(5) + b"\nXX;1;a;b;c@x.co"), "a.csv", supervisor().actor
    )
    row = MemberImport.get_by_id(import_id)
    assert (row.state, row.new_rows, row.refused_rows, row.delimiter) == ("PREVIEW", 5, 1, ";")
    assert [one.number for one in MemberImportRow.select().order_by(MemberImportRow.number)] == [2, 3, 4, 5, 6, 7]


@pytest.mark.gen_test
async def test_xlsx_has_neither_encoding_nor_delimiter(store, pool):
    file = make_workbook(HEADER, ["CC", 52100200, "José", "Peña", "jose@x.co"])
    import_id = await store_preview(store, pool, io.BytesIO(file), "a.xlsx", supervisor().actor)
    row = MemberImport.get_by_id(import_id)
    assert (row.encoding, row.delimiter, row.new_rows) == ("", "", 1)
    assert MemberImportRow.get().document_number == "52100200"


@pytest.mark.gen_test
async def test_files_are_read_one_after_the_other(store, pool, monkeypatch):
    reading = [0]

    def read(content, is_header):
        reading.append(reading[-1] + 1)
        try:
            return read_spreadsheet(content, is_header)
        finally:
            reading.append(reading[-1] - 1)

    monkeypatch.setattr(member_imports, "read_spreadsheet", read)
    # Each takes a process, so that two would meet.
    files = [
        io.BytesIO(make_workbook(HEADER, ["CC", number, "José", "Peña", "jose@x.co"]))
        for number in range(52100200, 52100203)
    ]
    marta = supervisor()
    await asyncio.gather(*(store_preview(store, pool, file, "a.xlsx", marta.actor) for file in files))
    assert max(reading) == 1


@pytest.mark.gen_test
async def test_file_is_only_its_own_persons_preview(store, pool):
    first, second = supervisor(), supervisor()
    ids = [
        await store_preview(store, pool, io.BytesIO(csv_of(1)), "a.csv", who.actor) for who in (first, first, second)
    ]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.gen_test
async def test_who_may_not_and_what_is_no_list_store_nothing(store, pool):
    with pytest.raises(NotFound):
        await store_preview(store, pool, io.BytesIO(csv_of(1)), "a.csv", agent().actor)
    with pytest.raises(Invalid, match="Faltan columnas"):
        await store_preview(store, pool, io.BytesIO(b"a;b\n1;2"), "a.csv", supervisor().actor)
    assert MemberImport.select().count() == 0


@pytest.mark.parametrize(
    ("name", "shown"),
    [("C:\\x\\mi\u202e  lista.csv", "mi lista.csv"), ("", "archivo"), ("a/" + "b" * 300, "b" * 160)],
)
def test_name_can_be_shown(name, shown):
    assert clean_shown_name(name) == shown
