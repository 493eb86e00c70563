"""Figures of a report in words."""

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.metrics.metric import Figure
from beneficiate.domain.reports.periods import Period
from beneficiate.formatting import NBSP
from beneficiate.views.report_figures import ReportFigure, ReportFilters
from tests.domain.booking.moments import at

AUGUST = Period(date(2026, 8, 1), date(2026, 8, 25))
CUT = at("2026-08-25 10:47")


@pytest.mark.parametrize(
    ("code", "figure", "before", "text", "change"),
    [
        ("opened", Figure(7603, 7603), Figure(7422, 7422), "7.603", f"181 más, 2,4{NBSP}%"),
        ("first_response_median", Figure(31, 9), Figure(34, 9), "0:31", "0:03 menos, mejor"),
        ("missed", Figure(3, 3), Figure(1, 1), "3", f"2 más, 200,0{NBSP}%, peor"),
        ("missed", Figure(3, 3), Figure(3, 3), "3", "Igual que antes"),
        ("satisfaction", Figure(4.61, 99, 4.5, 4.7), Figure(4.58, 99, 4.4, 4.7), "4,61", "Sin cambio claro"),
        ("missed_share", Figure(0.02, 999, 0.01, 0.03), Figure(0.1, 999, 0.08, 0.12), f"2,0{NBSP}%",
         "8,0 puntos menos, mejor"),
        ("payments_amount", Figure(0, 0), Figure(0, 0), f"${NBSP}0", "Igual que antes"),
        ("first_response", Figure(None, 0), Figure(3, 1), "—", "Sin datos para comparar"),
    ],
)  # fmt: skip
def test_value_and_change(code, figure, before, text, change):
    shown = ReportFigure(METRICS[code], figure, "/x", before, "/y")
    assert (shown.text, shown.change.text) == (text, change)


def test_list_leads_back_to_its_report():
    filters = ReportFilters(AUGUST, CUT, agent_id=7, topic="pagos", hour=3)
    assert (
        filters.report_address
        == "/supervisor/reportes?periodo=rango&desde=2026-08-01&hasta=2026-08-25&agente=7&tema=pagos"
    )
    assert ReportFilters(AUGUST, CUT).report_address.endswith("hasta=2026-08-25")


def test_figure_without_a_period_before_has_no_change():
    shown = ReportFigure(METRICS["satisfaction"], Figure(4.6, 9, 4.2, 5.0), "/x")
    assert (shown.change, shown.before_text, shown.interval_text) == (None, "—", "entre 4,20 y 5,00")


def test_address_has_what_the_list_needs():
    address = ReportFilters(AUGUST, CUT, at("2026-08-25 09:00"), 7, "pagos", 8).address_of("opened")
    assert {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()} == {
        "figura": "opened",
        "desde": "2026-08-01",
        "hasta": "2026-08-25",
        "corte": "2026-08-25T15:47:00.000000Z",
        "fin": "2026-08-25T14:00:00.000000Z",
        "agente": "7",
        "tema": "pagos",
        "hora": "8",
    }


def test_hour_of_the_week_in_words():
    assert ReportFilters(AUGUST, CUT, hour=32).hour_text == f"martes, la hora que empieza a las 8:00{NBSP}a.{NBSP}m."
    assert ReportFilters(AUGUST, CUT, hour=13).hour_text == f"lunes, la hora que empieza a la 1:00{NBSP}p.{NBSP}m."
    assert ReportFilters(AUGUST, CUT).hour_text == ""
