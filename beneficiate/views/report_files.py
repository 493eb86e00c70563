"""The files of a report: CSV for a spreadsheet in Colombia, and the cells of both kinds."""

from collections.abc import Iterable
from datetime import datetime

from beneficiate.domain.facts import ANSWERED, MISSED
from beneficiate.views.csv_lines import CSV_BYTE_ORDER_MARK, OwnText, format_csv_line, format_csv_time
from beneficiate.views.report_lines import LINE_HEADER, describe_report, list_report_lines
from beneficiate.views.report_spans import SpanRow
from beneficiate.views.reports import Report

Cell = str | int | float | datetime | None
SPAN_HEADER = (
    "Chat",
    "Atención",
    "Entrada",
    "Tema",
    "Agente",
    "Código",
    "Primera respuesta (s)",
    "Duración (s)",
    "Estado",
    "Calificación",
)
_STATES = {ANSWERED: "Resuelto", MISSED: "Perdido", "": "Cerrado", None: "Abierto"}


def figures_csv(report: Report) -> str:
    """Return the lines of a report as CSV, after what the file says of itself."""
    lines = list_report_lines(report)
    rows = [*_preamble(report, len(lines)), LINE_HEADER, *(line.cells() for line in lines)]
    return CSV_BYTE_ORDER_MARK + "".join(_line(row) for row in rows)


def spans_csv_header(report: Report) -> str:
    """Return what a file with a row for each span says of itself, and its header."""
    return CSV_BYTE_ORDER_MARK + "".join(_line(row) for row in [*_preamble(report, report.rows), SPAN_HEADER])


def spans_csv(rows: Iterable[SpanRow]) -> str:
    """Return rows as lines."""
    return "".join(_line(span_cells(row)) for row in rows)


def spans_csv_end(count: int) -> str:
    """Return the last line: how many rows there are, so that a file that is cut is noticed."""
    return _line(("Total de filas", count))


def span_cells(row: SpanRow) -> tuple[Cell, ...]:
    """Return the values of a span in the order of SPAN_HEADER."""
    return (
        row.chat_id,
        row.span,
        row.at,
        row.topic,
        row.agent_name,
        row.agent_code,
        row.first_reply_s,
        row.length_s,
        _STATES[row.end],
        row.score,
    )


def _preamble(report: Report, rows: int | None) -> list[tuple[Cell, ...]]:
    count = "al final" if rows is None else rows
    return [*describe_report(report), ("Filas", count), ()]


def _line(cells: Iterable[Cell]) -> str:
    return format_csv_line(format_csv_cell(cell) for cell in cells)


def format_csv_cell(cell: Cell) -> str | int:
    """Return a cell as a spreadsheet in Colombia reads it: a comma before the decimals, the time of Bogotá."""
    if isinstance(cell, datetime):
        return format_csv_time(cell, "seconds")
    if isinstance(cell, float):
        return OwnText(f"{cell:.6f}".rstrip("0").rstrip(".").replace(".", ","))
    return "" if cell is None else cell
