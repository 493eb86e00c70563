"""A report as lines: one for each figure of the period, of its parts, of agents, topics and hours of the week.

CSV, XLSX and the JSON API all give these lines; the page shows the same figures.
"""

from collections.abc import Iterator
from datetime import date, datetime

import msgspec

from beneficiate.formatting import WEEKDAYS, format_full_date, format_number, format_to_second
from beneficiate.views.csv_lines import OwnText
from beneficiate.views.metrics import round_value
from beneficiate.views.report_figures import ReportFigure
from beneficiate.views.reports import Report

COUNT_TITLE = "Cuenta"
LINE_HEADER = (
    "Parte",
    "Clave",
    "Nombre",
    "Cifra",
    "Código",
    "Unidad",
    "Valor",
    COUNT_TITLE,
    "Desde 95 %",
    "Hasta 95 %",
    "Antes",
    "Cambio",
    "Nota",
)
SPANS_OF_AGENT = "Las que tuvo de últimas este agente"
TOTAL, OF_TIME, OF_AGENT, OF_TOPIC, OF_HOUR, OF_WEEKDAY = "total", "periodo", "agente", "tema", "hora", "dia"


class ReportLine(msgspec.Struct, frozen=True):
    """A figure of a part of a report: of all, of a time, an agent, a topic, an hour of the week or a weekday.

    A share is between 0 and 1. `low` and `high` are the bounds of its interval of 95 %; `before` is the value of the
    period before, and `change` says in words what became of it. Days before the first fact have no values, and a period
    is compared if all days before it have. Numbers have six decimals at most. `note` is what the page says beside the
    name: the code of an agent, a holiday, that a part is not over.
    """

    part: str
    key: str
    name: str
    metric: str
    code: str
    unit: str
    value: float | None
    count: int
    low: float | None = None
    high: float | None = None
    before: float | None = None
    change: str = ""
    note: str = ""

    def cells(self) -> tuple[str | float | None, ...]:
        """Return the values in the order of LINE_HEADER."""
        numbers = (self.value, self.count, self.low, self.high, self.before)
        about = (self.part, self.key, self.name, self.metric, self.code, OwnText(self.unit))
        return (*about, *numbers, self.change, self.note)


class ReportDocument(msgspec.Struct, frozen=True):
    """A report as JSON: its days in Bogotá, its cut, what is said of it, and its lines.

    `spans` is how many parts of chats began in these days; null for one agent, who may have been given them later.
    """

    first_day: date
    last_day: date
    cut_at: datetime
    about: dict[str, str]
    compared_from: date | None
    compared_to: date | None
    spans: int | None
    lines: list[ReportLine]


def build_report_document(report: Report) -> ReportDocument:
    """Return a report as JSON has it."""
    filters, before = report.filters, report.before
    return ReportDocument(
        filters.period.first,
        filters.period.last,
        filters.cut_at,
        dict(describe_report(report)),
        None if before is None else before.period.first,
        None if before is None else before.period.last,
        report.rows,
        list_report_lines(report),
    )


def list_report_lines(report: Report) -> list[ReportLine]:
    """Return the lines of a report."""
    lines = [_build_line(TOTAL, "", "Todo el periodo", shown) for shown in report.figures.values()]
    parts = ((OF_TIME, report.times), (OF_AGENT, report.agents), (OF_TOPIC, report.topics))
    for part, rows in parts:
        for row in rows:
            lines += [_build_line(part, row.key, row.name, shown, row.note) for shown in row.figures.values()]
    return [*lines, *_hour_lines(report)]


def describe_report(report: Report) -> list[tuple[str, str]]:
    """Return what a file says of itself: names and values."""
    filters = report.filters
    return [
        ("Periodo", filters.period_text),
        ("Zona horaria", "Bogotá (UTC-5)"),
        ("Corte", f"{format_full_date(filters.cut_at)}, {format_to_second(filters.cut_at)}"),
        ("Agente", report.agent_name or "Todos"),
        ("Tema", report.topic_name or "Todos"),
        ("Antes", report.before_text),
        ("Contado por", report.step_name),
        ("Cifra por hora", report.heat.metric.name),
        ("Atenciones que empezaron", SPANS_OF_AGENT if report.rows is None else format_number(report.rows)),
    ]


def _build_line(part: str, key: str, name: str, shown: ReportFigure, note: str = "") -> ReportLine:
    metric, figure = shown.metric, shown.figure
    return ReportLine(
        part,
        key,
        name,
        metric.name,
        metric.code,
        metric.unit.value,
        round_value(figure.value),
        figure.count,
        round_value(figure.low),
        round_value(figure.high),
        None if shown.before is None else round_value(shown.before.value),
        "" if shown.change is None else shown.change.text,
        note,
    )


def _hour_lines(report: Report) -> Iterator[ReportLine]:
    heat = report.heat
    for row in heat.rows:
        for number, (weekday, cell) in enumerate(zip(WEEKDAYS, row.cells, strict=True), 1):
            yield _build_line(OF_HOUR, f"{number}-{row.hour:02}", f"{weekday.capitalize()} {row.label}", cell.shown)
    for number, (weekday, shown) in enumerate(zip(WEEKDAYS, heat.totals, strict=True), 1):
        yield _build_line(OF_WEEKDAY, str(number), weekday.capitalize(), shown)
