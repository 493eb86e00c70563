"""The hours of the week, and the names of the parts of a period."""

from datetime import UTC, date, datetime

import pytest

from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.metrics.metric import NO_DATA, Figure
from beneficiate.domain.reports.periods import Period, TimeStep
from beneficiate.views.report_figures import ReportFilters
from beneficiate.views.report_parts import build_heat, has_other_year, label_part, label_part_shortly
from tests.domain.booking.moments import at

TODAY = date(2026, 8, 25)
FILTERS = ReportFilters(Period(TODAY, TODAY), at("2026-08-25 10:47"))


def test_parts_have_names():
    day, week, month = Period(TODAY, TODAY), Period(date(2026, 8, 24), TODAY), Period(date(2026, 8, 1), TODAY)
    assert label_part(day, TimeStep.DAY, has_year=False) == "Martes 25 de agosto"
    assert label_part(week, TimeStep.WEEK, has_year=False) == "24 al 25 de agosto de 2026"
    assert label_part(month, TimeStep.MONTH, has_year=False) == "Agosto de 2026"
    steps = ((day, TimeStep.DAY), (week, TimeStep.WEEK), (month, TimeStep.MONTH))
    assert [label_part_shortly(part, step, has_year=False) for part, step in steps] == [
        ("25", " ago"),
        ("24 ago", ""),
        ("ago 26", ""),
    ]


def test_days_of_another_year_have_their_year():
    day, week = Period(date(2025, 12, 31), date(2025, 12, 31)), Period(date(2025, 12, 29), date(2026, 1, 4))
    assert label_part(day, TimeStep.DAY, has_year=True) == "Miércoles 31 de diciembre de 2025"
    assert label_part(week, TimeStep.WEEK, has_year=True) == "29 de diciembre de 2025 al 4 de enero de 2026"
    assert label_part_shortly(day, TimeStep.DAY, has_year=True) == ("31", " dic 25")
    assert label_part_shortly(week, TimeStep.WEEK, has_year=True) == ("29 dic", " 25")


@pytest.mark.parametrize(
    ("first", "last", "has_year"),
    [
        (date(2026, 1, 1), TODAY, False),
        (date(2025, 12, 31), TODAY, True),
        (date(2025, 3, 1), date(2025, 3, 31), True),
    ],
)
def test_year_is_needed_where_a_day_is_of_another_one(first, last, has_year):
    assert has_other_year(Period(first, last), at("2026-08-25 10:47")) is has_year


def test_new_year_is_that_of_bogota():
    """At 4 in the morning of January 1 in UTC it is the 31st of December there."""
    day = Period(date(2025, 12, 31), date(2025, 12, 31))
    assert not has_other_year(day, datetime(2026, 1, 1, 4, tzinfo=UTC))


def counts(found):
    return {hour: Figure(count, count) for hour, count in found.items()}


def test_heat_has_the_hours_of_the_day_and_those_that_are_used():
    heat = build_heat(METRICS["opened"], counts({8: 10, 32: 5, 6: 1, 55: 0}), [Figure(11, 11)], FILTERS, Figure(0, 0))
    assert [row.hour for row in heat.rows] == list(range(6, 18))
    assert ([shown.text for shown in heat.totals], heat.is_wide) == (["11"], False)
    eight = next(row for row in heat.rows if row.hour == 8)
    assert [(cell.shown.figure.value, cell.level) for cell in eight.cells[:3]] == [(10, 5), (5, 3), (0, 1)]
    assert "hora=32" in eight.cells[1].shown.address
    assert {
        cell.level for row in build_heat(METRICS["opened"], {}, [], FILTERS, Figure(0, 0)).rows for cell in row.cells
    } == {1}


def test_scores_are_told_apart_by_how_they_differ_and_none_is_none():
    figures = {8: Figure(4.8, 9), 32: Figure(4.2, 9), 56: Figure(4.5, 9)}
    heat = build_heat(METRICS["satisfaction"], figures, [], FILTERS, NO_DATA)
    eight = next(row for row in heat.rows if row.hour == 8)
    assert [(cell.shown.text, cell.level) for cell in eight.cells[:4]] == [
        ("4,80", 5),
        ("4,20", 1),
        ("4,50", 3),
        ("—", 1),
    ]
    same = build_heat(METRICS["satisfaction"], {8: Figure(5.0, 1)}, [], FILTERS, NO_DATA)
    assert {cell.level for row in same.rows for cell in row.cells} == {1}


def test_amounts_need_more_room():
    assert build_heat(METRICS["payments_amount"], {}, [Figure(1_480_000, 1)], FILTERS, Figure(0, 0)).is_wide
