"""Places of bars and lines: zero is the base, the greatest is below the top, and axes have round values."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiate.formatting import SHORT_MONTHS
from beneficiate.views.charts import (
    ASIDE_PX,
    BASE,
    MAX_TICKS,
    TOP,
    ChartPoint,
    ShortLabel,
    build_bars,
    build_lines,
)


def point(value, number=0, context="", **more):
    return ChartPoint(value, ShortLabel(str(number), context), f"{number}: {value}", "/x", **more)


@given(st.lists(st.integers(0, 2_000_000), min_size=1, max_size=80))
def test_bars_stand_on_the_base_and_fit(values):
    chart = build_bars([point(value) for value in values])
    assert [bar.height == 0 for bar in chart.bars] == [value == 0 for value in values]
    assert all(TOP <= bar.y <= BASE and bar.y + bar.height == pytest.approx(BASE) for bar in chart.bars)
    assert chart.bars[-1].place_x + chart.bars[-1].place_width == pytest.approx(100)
    assert 2 <= len(chart.ticks) <= MAX_TICKS
    assert (chart.ticks[0].label, chart.ticks[0].y) == ("0", BASE)


@given(st.lists(st.one_of(st.none(), st.integers(0, 4_000_000)), min_size=1, max_size=80))
def test_lines_leave_out_what_has_no_value(values):
    chart = build_lines([[point(value) for value in values]])
    known = [value for value in values if value is not None]
    assert len(chart.lines[0].dots) == len(known)
    assert len(chart.lines[0].segments) == max(0, len(known) - 1)
    assert chart.is_empty is not bool(known)
    assert all(TOP <= dot.y <= BASE for dot in chart.lines[0].dots)


def test_bars_without_a_value_are_left_out_and_keep_their_place():
    chart = build_bars([point(None), point(4), point(6)])
    assert [bar.place_x for bar in chart.bars] == pytest.approx([100 / 3, 200 / 3])
    assert chart.summary == "De 4 a 6."


def test_axes_have_round_values():
    assert [tick.label for tick in build_bars([point(508)]).ticks] == ["0", "200", "400", "600"]
    assert [tick.label for tick in build_lines([[point(118)]]).ticks] == ["0:00", "0:30", "1:00", "1:30", "2:00"]
    assert [tick.label for tick in build_bars([]).ticks] == ["0", "1"]


def test_names_become_fewer_and_the_newest_stays():
    chart = build_bars([point(1, number) for number in range(60)])
    shown = [label.text for label in chart.labels if label.text]
    assert shown == [str(number) for number in range(2, 60, 3)]
    assert [label.text for label in chart.labels if not label.is_minor] == shown[1::2]


def test_month_and_year_are_said_where_they_change_also_where_a_phone_leaves_names_out():
    """Of 60 days each seventh has a name on a wide screen, so that the first of a month may have none."""
    first = date(2025, 12, 2)
    days = [first + timedelta(days=number) for number in range(60)]
    points = [point(1, day.day, f" {SHORT_MONTHS[day.month - 1]} {day.year % 100}") for day in days]
    wide = [label for label in build_bars(points).labels if label.text]
    assert [label.text for label in wide][:3] == ["5 dic 25", "12", "19"]
    assert next(label.text for label in wide if label.text.endswith(" 26")) == "2 ene 26"
    on_phones = [label.text for label in wide if not label.is_minor]
    assert on_phones == ["5 dic 25", "19", "2 ene 26", "16", "30"]


def test_narrow_chart_has_fewer_names():
    points = [point(1, number) for number in range(16)]
    assert sum(bool(label.text) for label in build_bars(points).labels) == 16
    assert sum(bool(label.text) for label in build_bars(points, ASIDE_PX).labels) == 8


def test_months_of_three_years_have_room_beside_each_other():
    """Each second month had its name, seven letters in 31 pixels."""
    names = [f"{month} {year}" for year in (24, 25, 26) for month in SHORT_MONTHS][:-1]
    points = [ChartPoint(1, ShortLabel(name), name, "/x") for name in names]
    labels = build_bars(points).labels
    assert [label.text for label in labels if label.text] == names[-1::-4][::-1]
    assert [label.text for label in labels if label.text and not label.is_minor] == names[-1::-8][::-1]


def test_holidays_and_unfinished_days_are_marked():
    chart = build_bars([point(0, is_holiday=True), point(3, is_unfinished=True)])
    assert (chart.has_holidays, chart.is_unfinished, chart.labels[1].is_now) == (True, True, True)
    line = build_lines([[point(3), point(4, is_unfinished=True)]]).lines[0]
    assert [segment.is_unfinished for segment in line.segments] == [True]
