"""A workbook is written row by row: numbers are numbers, text is text."""

import zipfile
from datetime import UTC, datetime

import pytest

from beneficiate.errors import Invalid
from beneficiate.handlers import report_workbooks
from beneficiate.handlers.report_workbooks import write_workbook
from beneficiate.queries.report_filters import load_typed_report
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.report_spans import SpanRow
from tests.factories import agent, supervisor
from tests.queries.report_rows import CUT, add_chat, typed


async def slices(count=2):
    for chat_id in range(count):
        yield [SpanRow(chat_id, 1, datetime(2026, 11, 25, tzinfo=UTC), "=1+1", 3, "@x", "AG-1", 31, None, None, None)]


@pytest.mark.gen_test
async def test_text_is_no_formula(db, tmp_path):
    report = load_typed_report(UnitOfWork(supervisor().actor, CUT), typed())
    path = tmp_path / "reporte.xlsx"
    await write_workbook(path, report, slices())
    with zipfile.ZipFile(path) as files:
        sheet = files.read("xl/worksheets/sheet3.xml").decode()
    assert "<f>" not in sheet
    # 2026-11-24 19:00 in Bogotá is day 46350 of spreadsheets, and 19/24.
    assert sheet.count("<v>46350.79166666666</v>") == 2
    assert sheet.count("<t>=1+1</t>") == 2
    assert "<v>31</v>" in sheet


@pytest.mark.gen_test
async def test_shares_are_shown_as_percentages(db, tmp_path):
    add_chat(0, agent=agent("Yuliana"), score=5)
    path = tmp_path / "reporte.xlsx"
    await write_workbook(path, load_typed_report(UnitOfWork(supervisor().actor, CUT), typed()), slices(1))
    with zipfile.ZipFile(path) as files:
        styles = files.read("xl/styles.xml").decode()
    for shown in ("yyyy-mm-dd hh:mm:ss", "0.0%"):
        assert f'formatCode="{shown}"' in styles


@pytest.mark.gen_test
async def test_rows_are_counted_while_they_are_written(db, tmp_path, monkeypatch):
    monkeypatch.setattr(report_workbooks, "MAX_ROWS", 2)
    report = load_typed_report(UnitOfWork(supervisor().actor, CUT), typed())
    await write_workbook(tmp_path / "reporte.xlsx", report, slices(2))
    with pytest.raises(Invalid, match="demasiadas filas"):
        await write_workbook(tmp_path / "reporte.xlsx", report, slices(3))
