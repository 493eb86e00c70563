"""The hours of the week, and the names of the parts of a period."""

from datetime import date

from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.reports.periods import Period, TimeStep
from beneficiate.views.report_figures import ReportFilters
from beneficiate.views.report_parts import build_heat, label_part
from tests.domain.booking.moments import at

TODAY = date(2026, 8, 25)
FILTERS = ReportFilters(Period(TODAY, TODAY), at("2026-08-25 10:47"))


def test_parts_have_names():
    day, week, month = Period(TODAY, TODAY), Period(date(2026, 8, 24), TODAY), Period(date(2026, 8, 1), TODAY)
    assert label_part(day, TimeStep.DAY) == "Martes 25 de agosto"
    assert label_part(day, TimeStep.DAY, is_short=True) == "25"
    assert label_part(month, TimeStep.DAY, is_short=True) == "1 ago"
    assert (label_part(week, TimeStep.WEEK), label_part(week, TimeStep.WEEK, is_short=True)) == (
        "24 al 25 de agosto de 2026",
        "24 ago",
    )
    assert (label_part(month, TimeStep.MONTH), label_part(month, TimeStep.MONTH, is_short=True)) == (
        "Agosto de 2026",
        "ago 26",
    )


def test_heat_has_the_hours_of_the_day_and_those_that_are_used():
    heat = build_heat(METRICS["opened"], {8: 10, 32: 5, 6: 1}, FILTERS)
    assert [row.hour for row in heat.rows] == list(range(6, 18))
    assert heat.totals == [11, 5, 0, 0, 0, 0, 0]
    eight = next(row for row in heat.rows if row.hour == 8)
    assert [(cell.count, cell.level) for cell in eight.cells[:3]] == [(10, 5), (5, 3), (0, 1)]
    assert "hora=32" in eight.cells[1].address
    assert {cell.level for row in build_heat(METRICS["opened"], {}, FILTERS).rows for cell in row.cells} == {1}
