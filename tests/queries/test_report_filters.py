"""Filters of a report, from what was typed; what is wrong is said beside its field."""

from datetime import date

import pytest

from beneficiate.domain.reports.periods import Period, TimeStep
from beneficiate.errors import Invalid, InvalidForm
from beneficiate.queries.report_filters import load_report_page, load_typed_report, parse_report
from beneficiate.queries.reports import ReportNames, ReportQuery
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.reports import TypedReport
from tests.factories import supervisor
from tests.queries.report_rows import CUT, typed

TODAY = date(2026, 11, 25)
NAMES = ReportNames({7: ("Yuliana", "AG-1")}, {"pagos": "Pagos"})


@pytest.mark.parametrize(
    ("filters", "period", "step"),
    [
        ({}, Period(date(2026, 11, 1), TODAY), TimeStep.DAY),
        ({"periodo": "hoy"}, Period(TODAY, TODAY), TimeStep.DAY),
        ({"periodo": "semana"}, Period(date(2026, 11, 23), TODAY), TimeStep.DAY),
        ({"periodo": "mes", "en": "2026-02-10"}, Period(date(2026, 2, 1), date(2026, 2, 28)), TimeStep.DAY),
        ({"periodo": "rango", "desde": "1/9/2026", "hasta": "20 nov 2026"},
         Period(date(2026, 9, 1), date(2026, 11, 20)), TimeStep.WEEK),
        ({"periodo": "rango", "desde": "20/11/2026", "hasta": "9999-12-31"},
         Period(date(2026, 11, 20), TODAY), TimeStep.DAY),
        ({"periodo": "rango", "desde": "2025-01-01", "por": "semana"}, Period(date(2025, 1, 1), TODAY), TimeStep.WEEK),
        ({"periodo": "rango"}, Period(TODAY, TODAY), TimeStep.DAY),
    ],
)  # fmt: skip
def test_period_and_parts(filters, period, step):
    assert parse_report(TypedReport(**filters), TODAY, NAMES) == ReportQuery(period, step)


def test_agent_topic_and_comparison():
    filters = TypedReport(agente="7", tema="pagos", comparar="no")
    query = parse_report(filters, TODAY, NAMES)
    assert (query.agent_id, query.topic, query.is_compared) == (7, "pagos", False)


@pytest.mark.parametrize(
    ("filters", "wrong"),
    [
        ({"desde": "31/02/2026"}, ["desde"]),
        ({"desde": "1900-01-01"}, ["desde"]),
        ({"desde": "2026-11-25", "hasta": "2026-11-24"}, ["hasta"]),
        ({"desde": "2027-01-01", "hasta": "2027-02-01"}, ["desde"]),
        ({"desde": "2020-01-01"}, ["desde"]),
        ({"desde": "x" * 100, "hasta": "٢٠٢٦-11-24"}, ["desde", "hasta"]),
        ({"desde": "2025-01-01", "por": "dia"}, ["por"]),
        ({"por": "hora"}, ["por"]),
        ({"periodo": "año"}, ["periodo"]),
        ({"periodo": "mes", "en": "2026-12-01"}, ["en"]),
        ({"agente": "8"}, ["agente"]),
        ({"agente": "-1"}, ["agente"]),
        ({"agente": "9" * 40}, ["agente"]),
        ({"tema": "nada"}, ["tema"]),
        ({"comparar": "quizás"}, ["comparar"]),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(filters, wrong):
    with pytest.raises(InvalidForm) as caught:
        parse_report(typed(**filters), TODAY, NAMES)
    assert sorted(caught.value.fields) == wrong
    assert all(sentence.endswith(".") for sentence in caught.value.fields.values())


def test_page_keeps_what_was_typed(db):
    uow = UnitOfWork(supervisor().actor, CUT)
    page = load_report_page(uow, typed(desde="31/02/2026"))
    assert (page.report, page.typed.desde, list(page.wrong)) == (None, "31/02/2026", ["desde"])
    page = load_report_page(uow, TypedReport(periodo="mes", en="2026-10-05"))
    assert (page.period_name, page.earlier, page.later) == (
        "Octubre de 2026",
        date(2026, 9, 30),
        date(2026, 11, 1),
    )


def test_page_says_that_a_report_ends_today(db):
    uow = UnitOfWork(supervisor().actor, CUT)
    assert load_report_page(uow, typed(hasta="2026-12-30")).ends_today
    assert not load_report_page(uow, typed(hasta="2026-11-25")).ends_today
    assert not load_report_page(uow, typed(hasta="")).ends_today


@pytest.mark.parametrize(("filters", "said"), [({"agente": "8"}, "agente"), ({"tema": "nada"}, "tema")])
def test_download_says_what_is_wrong(db, filters, said):
    with pytest.raises(Invalid, match=f"No conocemos .*{said}"):
        load_typed_report(UnitOfWork(supervisor().actor, CUT), typed(**filters))
