"""Cells of the files: nothing is a formula, decimals have a comma."""

import pytest

from beneficiate.views.csv_lines import format_csv_line
from beneficiate.views.report_files import format_csv_cell, spans_csv, spans_csv_end
from beneficiate.views.report_spans import SpanRow
from tests.domain.booking.moments import at


def test_row_of_a_span():
    begin = at("2026-11-25 10:00")
    row = SpanRow(7, 1, begin, "=cmd()", 3, "+Yuliana", "AG-1", 31, None, "missed", None)
    assert spans_csv([row]) == "7;1;2026-11-25 10:00:00;'=cmd();'+Yuliana;AG-1;31;;Perdido;\r\n"
    assert spans_csv_end(1) == "Total de filas;1\r\n"


@pytest.mark.parametrize(
    ("number", "text"), [(0.0, "0"), (4e-18, "0"), (0.9999999999999999, "1"), (20.0, "20"), (0.125, "0,125"), (3, 3)]
)
def test_number_has_no_comma_without_decimals(number, text):
    assert format_csv_cell(number) == text


def test_number_below_zero_is_no_text():
    assert format_csv_line([format_csv_cell(-0.5), format_csv_cell(-3)]) == "-0,5;-3\r\n"
