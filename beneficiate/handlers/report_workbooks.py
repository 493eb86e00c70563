"""A report as a workbook (XLSX), written row by row into a file, off the event loop."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from datetime import datetime
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from beneficiate.domain.metrics.metric import Unit
from beneficiate.errors import Invalid
from beneficiate.formatting import BOGOTA
from beneficiate.views.report_files import SPAN_HEADER, Cell, span_cells
from beneficiate.views.report_lines import COUNT_TITLE, LINE_HEADER, ReportLine, describe_report, list_report_lines
from beneficiate.views.report_spans import SpanRow
from beneficiate.views.reports import Report

MAX_ROWS = 200_000
TOO_LONG = "Son demasiadas filas para XLSX: descargue el CSV, o elija menos días."
COLUMN_WIDTH = 18
INSTANT_FORMAT = "yyyy-mm-dd hh:mm:ss"
NUMBER_FORMATS = {Unit.SHARE: "0.0%", Unit.PESOS: '"$"\\ #,##0', Unit.SCORE: "0.00"}
"""How spreadsheets show the values of a unit; others as plain numbers."""
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
"""Rows go to the disk at once, and text is text, whatever it begins with."""


async def write_workbook(path: Path, report: Report, slices: AsyncGenerator[list[SpanRow], None]) -> None:
    """Write the sheets: what the file is, the figures, and a row for each span. Raises Invalid for too many rows."""
    workbook = xlsxwriter.Workbook(str(path), OPTIONS)
    try:
        await asyncio.to_thread(_write_figures, workbook, report)
        spans, count = workbook.add_worksheet("Atenciones"), 0
        instants = workbook.add_format({"num_format": INSTANT_FORMAT})
        _write_sheet(spans, [SPAN_HEADER])
        async with aclosing(slices):
            async for rows in slices:
                if count + len(rows) > MAX_ROWS:
                    raise Invalid(TOO_LONG)
                await asyncio.to_thread(_write_rows, spans, 1 + count, [span_cells(row) for row in rows], instants)
                count += len(rows)
        _write_rows(spans, 1 + count, [("Total de filas", count)])
    finally:
        await asyncio.to_thread(workbook.close)


def _write_figures(workbook: Workbook, report: Report) -> None:
    lines = list_report_lines(report)
    about: list[tuple[Cell, ...]] = [*describe_report(report), ("Filas de cifras", len(lines))]
    _write_sheet(workbook.add_worksheet("Acerca de"), about)
    figures = workbook.add_worksheet("Cifras")
    formats = {unit.value: workbook.add_format({"num_format": text}) for unit, text in NUMBER_FORMATS.items()}
    _write_sheet(figures, [LINE_HEADER])
    for number, line in enumerate(lines, 1):
        _write_line(figures, number, line, formats.get(line.unit))


def _write_line(sheet: Worksheet, number: int, line: ReportLine, shown: Format | None) -> None:
    """Write a figure: its values in the form of its unit, and how many facts it counts as a plain number."""
    for column, (title, cell) in enumerate(zip(LINE_HEADER, line.cells(), strict=True)):
        _write_cell(sheet, number, column, cell, None if title == COUNT_TITLE else shown)


def _write_sheet(sheet: Worksheet, rows: Iterable[Iterable[Cell]]) -> None:
    sheet.set_column(0, len(LINE_HEADER) - 1, COLUMN_WIDTH)
    _write_rows(sheet, 0, rows)


def _write_rows(sheet: Worksheet, first: int, rows: Iterable[Iterable[Cell]], instants: Format | None = None) -> None:
    for number, row in enumerate(rows, first):
        for column, cell in enumerate(row):
            _write_cell(sheet, number, column, cell, instants if isinstance(cell, datetime) else None)


def _write_cell(sheet: Worksheet, row: int, column: int, cell: Cell, shown: Format | None) -> None:
    """Write a text, a number or an instant in Bogotá; the form is for instants or for numbers."""
    if isinstance(cell, str):
        sheet.write_string(row, column, cell)
    elif isinstance(cell, datetime):
        sheet.write_datetime(row, column, cell.astimezone(BOGOTA).replace(tzinfo=None), shown)
    elif cell is not None:
        sheet.write_number(row, column, cell, shown)
