"""A report as lines: every figure that the page shows, with the number behind it."""

import csv
import io

import pytest

from beneficiate.formatting import NBSP
from beneficiate.queries.report_filters import load_typed_report
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.metrics import format_value, round_value
from beneficiate.views.report_files import figures_csv
from beneficiate.views.report_lines import LINE_HEADER, build_report_document, describe_report, list_report_lines
from tests.factories import agent, supervisor
from tests.queries.report_rows import CUT, add_chat, typed


@pytest.fixture
def db(rolled_back_db):
    return rolled_back_db


@pytest.fixture
def report(db):
    yuliana = agent("Yuliana")
    for days_ago, score in ((0, 5), (1, 4), (30, 2)):
        add_chat(days_ago, agent=yuliana, score=score)
    return load_typed_report(UnitOfWork(supervisor().actor, CUT), typed(desde="2026-11-11"))


def test_lines_are_the_figures_of_the_page_and_of_the_file(report):
    lines = list_report_lines(report)
    by_code = {line.code: line for line in lines if line.part == "total"}
    for code, shown in report.figures.items():
        assert shown.text == format_value(shown.metric.unit, by_code[code].value)
        assert (by_code[code].low, by_code[code].before) == (round_value(shown.figure.low), shown.before.value)
    rows = list(csv.reader(io.StringIO(figures_csv(report).removeprefix("\ufeff")), delimiter=";"))
    begin = rows.index(list(LINE_HEADER)) + 1
    assert len(rows) - begin == len(lines)
    for row, line in zip(rows[begin:], lines, strict=True):
        value = float(row[6].replace(",", ".")) if row[6] else None
        assert (row[0], row[4], value) == (line.part, line.code, pytest.approx(line.value, abs=1e-6))
    assert {"total", "periodo", "agente", "tema", "hora", "dia"} == {line.part for line in lines}


def test_file_says_what_it_is(report):
    said = dict(describe_report(report))
    assert said["Periodo"] == f"11 al 25 de noviembre de 2026, hasta las 10:00:00{NBSP}a.{NBSP}m."
    assert said["Antes"] == f"27 de octubre al 10 de noviembre de 2026, hasta las 10:00:00{NBSP}a.{NBSP}m."
    assert said["Zona horaria"].startswith("Bogotá")
    assert said["Corte"].startswith("miércoles, 25 de noviembre de 2026, las 10:00:00")
    assert (said["Agente"], said["Tema"], said["Atenciones que empezaron"]) == ("Todos", "Todos", "2")
    document = build_report_document(report)
    assert (document.about, document.spans, document.cut_at) == (said, 2, CUT)
