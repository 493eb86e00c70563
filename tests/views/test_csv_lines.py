"""Lines of a file for a spreadsheet: nothing that somebody typed becomes a formula or another line."""

from datetime import UTC, datetime

import pytest

from beneficiate.views.csv_lines import OwnText, format_csv_line, format_csv_time


@pytest.mark.parametrize("text", ["=1+1", "+57", "-1", "@x", " =1", "'=1", "＝1", "\u200b=1"])
def test_text_that_begins_as_a_formula_is_marked_as_text(text):
    assert format_csv_line([text]).startswith("'")


def test_what_the_program_wrote_is_written_as_it_is():
    assert format_csv_line([OwnText("%"), OwnText("-0,5"), -3]) == "%;-0,5;-3\r\n"


def test_line_breaks_become_blanks_and_separators_are_quoted():
    assert format_csv_line(["a\r\nb", "c;d", 5]) == 'a b;"c;d";5\r\n'


def test_times_are_those_of_bogota():
    instant = datetime(2026, 11, 29, 4, 15, 37, 120, tzinfo=UTC)
    assert format_csv_time(instant) == "2026-11-28 23:15"
    assert format_csv_time(instant, "seconds") == "2026-11-28 23:15:37"
