"""Figures as they are written in Colombia."""

import pytest

from beneficiate.domain.metrics.metric import Figure, Unit
from beneficiate.formatting import NBSP
from beneficiate.views.metrics import format_figure


@pytest.mark.parametrize(
    ("unit", "figure", "expected"),
    [
        (Unit.CHATS, Figure(1234, 1234), "1.234"),
        (Unit.SECONDS, Figure(38.4, 9), "0:38"),
        (Unit.SECONDS, Figure(3900, 1), f"1{NBSP}h{NBSP}05"),
        (Unit.SCORE, Figure(4.55, 42), "4,55"),
        (Unit.SCORE, Figure(5, 1), "5,00"),
        (Unit.PESOS, Figure(7_783_000, 19), f"${NBSP}7.783.000"),
        (Unit.SHARE, Figure(0.2, 10, 0.0567, 0.5098), f"20,0{NBSP}% (5,7 a 51,0{NBSP}%)"),
        (Unit.SECONDS, Figure(None, 0), "—"),
        (Unit.SHARE, Figure(None, 0), "—"),
    ],
)
def test_value_has_the_form_of_its_unit(unit, figure, expected):
    assert format_figure(unit, figure) == expected


def test_a_share_is_shown_without_its_interval_where_there_is_no_room():
    assert format_figure(Unit.SHARE, Figure(0.5, 4, 0.2, 0.8), with_interval=False) == "50,0\u00a0%"
    assert format_figure(Unit.SHARE, Figure(None, 0), with_interval=False) == "—"
