"""A report as a workbook (XLSX), written row by row into a file, off the event loop."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from beneficiate.views.report_files import SPAN_HEADER, Cell, span_cells
from beneficiate.views.report_lines import LINE_HEADER, describe_report, list_report_lines
from beneficiate.views.report_spans import SpanRow
from beneficiate.views.reports import Report

COLUMN_WIDTH = 18
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
"""Rows go to the disk at once, and text is text, whatever it begins with."""


async def write_workbook(path: Path, report: Report, slices: AsyncIterator[list[SpanRow]]) -> None:
    """Write the sheets: what the file is, the figures, and a row for each span."""
    workbook = xlsxwriter.Workbook(str(path), OPTIONS)
    lines = list_report_lines(report)
    about: list[tuple[Cell, ...]] = [*describe_report(report), ("Filas de cifras", len(lines))]
    await asyncio.to_thread(_write_sheet, workbook.add_worksheet("Acerca de"), about)
    cells = [LINE_HEADER, *(line.cells() for line in lines)]
    await asyncio.to_thread(_write_sheet, workbook.add_worksheet("Cifras"), cells)
    spans, count = workbook.add_worksheet("Atenciones"), 0
    _write_sheet(spans, [SPAN_HEADER])
    async for rows in slices:
        await asyncio.to_thread(_write_rows, spans, 1 + count, [span_cells(row) for row in rows])
        count += len(rows)
    _write_rows(spans, 1 + count, [("Total de filas", count)])
    await asyncio.to_thread(workbook.close)


def _write_sheet(sheet: Worksheet, rows: Iterable[Iterable[Cell]]) -> None:
    sheet.set_column(0, len(SPAN_HEADER), COLUMN_WIDTH)
    _write_rows(sheet, 0, rows)


def _write_rows(sheet: Worksheet, first: int, rows: Iterable[Iterable[Cell]]) -> None:
    for number, row in enumerate(rows, first):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(number, column, cell)
            elif cell is not None:
                sheet.write_number(number, column, cell)
