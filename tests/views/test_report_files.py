"""Cells of the files: nothing is a formula, decimals have a comma."""

from beneficiate.views.report_files import spans_csv, spans_csv_end
from beneficiate.views.report_spans import SpanRow
from tests.domain.booking.moments import at


def test_row_of_a_span():
    begin = at("2026-11-25 10:00")
    row = SpanRow(7, 1, begin, "=cmd()", 3, "+Yuliana", "AG-1", 31, None, "missed", None)
    assert spans_csv([row]) == "7;1;2026-11-25 10:00:00;'=cmd();'+Yuliana;AG-1;31;;Perdido;\r\n"
    assert spans_csv_end(1) == "Total de filas;1\r\n"
