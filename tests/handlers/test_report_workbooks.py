"""A workbook is written row by row: numbers are numbers, text is text."""

import zipfile
from datetime import UTC, datetime

import pytest

from beneficiate.handlers.report_workbooks import write_workbook
from beneficiate.queries.report_filters import load_typed_report
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.report_spans import SpanRow
from tests.factories import supervisor
from tests.queries.report_rows import CUT, typed


async def slices():
    for chat_id in (1, 2):
        yield [SpanRow(chat_id, 1, datetime(2026, 11, 25, tzinfo=UTC), "=1+1", 3, "@x", "AG-1", 31, None, None, None)]


@pytest.mark.gen_test
async def test_text_is_no_formula(db, tmp_path):
    report = load_typed_report(UnitOfWork(supervisor().actor, CUT), typed())
    path = tmp_path / "reporte.xlsx"
    await write_workbook(path, report, slices())
    with zipfile.ZipFile(path) as files:
        sheet = files.read("xl/worksheets/sheet3.xml").decode()
    assert "<f>" not in sheet
    assert sheet.count("<t>=1+1</t>") == 2
    assert "<v>31</v>" in sheet
