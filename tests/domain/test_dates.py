"""Dates are read as people write them, and nothing else is guessed."""

from datetime import UTC, date, datetime

import pytest

from beneficiate.domain.dates import parse_typed_date, parse_typed_instant
from beneficiate.formatting import MONTHS, SHORT_MONTHS


@pytest.mark.parametrize(
    "text",
    [
        "2000-02-29",
        " 29/02/2000 ",
        "29/2/2000",
        "29-02-2000",
        "29.2.2000",
        "29 02 2000",
        "29 feb 2000",
        "29 feb. 2000",
        "29 de febrero de 2000",
        "29 de Febrero del 2000",
        "29-FEB-2000",
        "２９/02/2000",
        "2000/02/29",
        "2000-2-29",
    ],
)
def test_date_is_read(text):
    assert parse_typed_date(text) == date(2000, 2, 29)


@pytest.mark.parametrize(
    "text", ["1º de enero de 2000", "1ro de enero de 2000", "Primero de enero del 2000", "1° enero 2000"]
)
def test_first_of_a_month_is_read(text):
    assert parse_typed_date(text) == date(2000, 1, 1)


@pytest.mark.parametrize("month", range(12))
def test_every_month_has_its_names(month):
    for name in (MONTHS[month], SHORT_MONTHS[month], MONTHS[month][:3]):
        assert parse_typed_date(f"5 de {name} de 1999") == date(1999, month + 1, 5)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ayer",
        "20200229",
        "2020-W09-6",
        "2020-060",
        "2020-02/29",
        "29/02/00",
        "02/29/2000",
        "30/02/2000",
        "29/02-2000",
        "29 ma 2000",
        "29 xyz 2000",
        "0/1/2000",
        "29/02/2000 10:00",
        "1" * 500,
    ],
)
def test_anything_else_is_no_date(text):
    assert parse_typed_date(text) is None


@pytest.mark.parametrize("text", ["2026-11-25T10:00:00-05:00", "2026-11-25T15:00:00Z", "2026-11-26T14:59:00+23:59"])
def test_instant_is_read_in_utc(text):
    assert parse_typed_instant(text) == datetime(2026, 11, 25, 15, tzinfo=UTC)
    assert parse_typed_instant(text).utcoffset() == datetime(2026, 11, 25, tzinfo=UTC).utcoffset()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "2026-11-25",
        "2026-11-25T10:00:00",
        "2026-02-30T10:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_what_is_no_instant_of_ours_is_not_read(text):
    assert parse_typed_instant(text) is None
