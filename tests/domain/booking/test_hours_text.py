"""The hours of a day on a line."""

import pytest

from beneficiate.domain.booking.hours_text import format_hours, parse_hours


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("", []),
        (" , ", []),
        ("8:00-12:00", [(480, 720)]),
        ("14-18, 8.30 a 12", [(510, 720), (840, 1080)]),
        ("08:00–12:00 y 14:00–24:00", [(480, 720), (840, 1440)]),
        ("8-9;9-10", [(480, 540), (540, 600)]),
    ],
)
def test_hours_are_read_in_the_usual_ways(text, spans):
    assert parse_hours(text) == spans
    assert parse_hours(format_hours(spans)) == spans


@pytest.mark.parametrize(
    "text",
    ["8", "8:00", "12-8", "8-8", "8-25", "8:60-9", "8-12, 11-13", "a-b", "8--9", "٨-٩", "8-9," * 7, "8-9" + " " * 200],
)
def test_what_is_no_hours_has_a_sentence(text):
    with pytest.raises(ValueError, match=r"\.$"):
        parse_hours(text)
