"""The charts of the board."""

from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.metrics.metric import Figure
from beneficiate.views.board_hours import BoardHours, HourFigure
from beneficiate.views.report_figures import ReportFigure

CODES = ("opened", "first_response_median", "first_response_p90")


def hour_of(hour, *values, is_unfinished=False):
    figures = {
        code: ReportFigure(METRICS[code], Figure(value, value is not None), f"/{code}")
        for code, value in zip(CODES, values, strict=True)
    }
    return HourFigure(hour, figures, is_unfinished)


def test_charts_have_a_place_for_each_hour_and_say_what_it_was():
    shown = BoardHours([hour_of(11, 4, 30, 90), hour_of(12, 0, None, None), hour_of(13, 8, 45, 60, is_unfinished=True)])
    bars = shown.arrivals.bars
    assert [bar.point.said for bar in bars] == [
        "Desde las 11:00\u00a0a.\u00a0m.: 4 chats nuevos",
        "Desde las 12:00\u00a0p.\u00a0m.: 0 chats nuevos",
        "Desde las 1:00\u00a0p.\u00a0m.: 8 chats nuevos",
    ]
    assert [bar.point.is_unfinished for bar in bars] == [False, False, True]
    assert [label.text for label in shown.arrivals.labels] == ["11", "12", "1"]
    p90, median = shown.responses.lines
    assert [dot.point.value for dot in median.dots] == [30, 45]
    assert [dot.point.value for dot in p90.dots] == [90, 60]
