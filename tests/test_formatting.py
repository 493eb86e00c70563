"""Times and amounts as people in Colombia write them: fixed text, whatever library is installed."""

from datetime import UTC, datetime, timedelta

import pytest

from beneficiate import formatting

NBSP = formatting.NBSP


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=formatting.BOGOTA)


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("00:00", "12:00 a. m."),
        ("00:05", "12:05 a. m."),
        ("08:05", "8:05 a. m."),
        ("12:00", "12:00 p. m."),
        ("23:59", "11:59 p. m."),
    ],
)
def test_time_of_day_has_twelve_hours_and_non_breaking_spaces(time, expected):
    assert formatting.format_time(at(f"2026-08-25 {time}")) == expected.replace(" ", NBSP)


@pytest.mark.parametrize(("minute", "expected"), [(0, "12:00 a. m."), (480, "8:00 a. m."), (1440, "12:00 a. m.")])
def test_minute_of_the_day_is_written_as_a_time(minute, expected):
    assert formatting.format_minute_of_day(minute) == expected.replace(" ", NBSP)


def test_one_oclock_is_singular():
    assert formatting.format_at_time(at("2026-08-25 13:00")) == f"a la 1:00{NBSP}p.{NBSP}m."
    assert formatting.format_at_time(at("2026-08-25 14:00")) == f"a las 2:00{NBSP}p.{NBSP}m."


@pytest.mark.parametrize(
    ("month", "long", "short"),
    [
        (1, "1 de enero de 2026", "1 ene 2026"),
        (2, "2 de febrero de 2026", "2 feb 2026"),
        (3, "3 de marzo de 2026", "3 mar 2026"),
        (4, "4 de abril de 2026", "4 abr 2026"),
        (5, "5 de mayo de 2026", "5 may 2026"),
        (6, "6 de junio de 2026", "6 jun 2026"),
        (7, "7 de julio de 2026", "7 jul 2026"),
        (8, "8 de agosto de 2026", "8 ago 2026"),
        (9, "9 de septiembre de 2026", "9 sept 2026"),
        (10, "10 de octubre de 2026", "10 oct 2026"),
        (11, "11 de noviembre de 2026", "11 nov 2026"),
        (12, "12 de diciembre de 2026", "12 dic 2026"),
    ],
)
def test_every_month_has_its_long_and_its_short_name(month, long, short):
    instant = at(f"2026-{month:02}-{month:02} 10:00")
    assert (formatting.format_long_date(instant), formatting.format_short_date(instant)) == (long, short)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (24, "lunes, 24 de agosto de 2026"),
        (25, "martes, 25 de agosto de 2026"),
        (26, "miércoles, 26 de agosto de 2026"),
        (27, "jueves, 27 de agosto de 2026"),
        (28, "viernes, 28 de agosto de 2026"),
        (29, "sábado, 29 de agosto de 2026"),
        (30, "domingo, 30 de agosto de 2026"),
    ],
)
def test_every_weekday_has_its_name(day, expected):
    instant = at(f"2026-08-{day} 10:00")
    assert formatting.format_full_date(instant) == expected
    assert formatting.format_weekday_date(instant) == expected.replace(",", "").removesuffix(" de 2026")


def test_dates_are_those_of_bogota():
    assert formatting.format_day_and_month(datetime(2026, 9, 5, 4, 59, tzinfo=UTC)) == "4 sept"
    assert formatting.format_day_and_month(datetime(2026, 9, 5, 5, 0, tzinfo=UTC)) == "5 sept"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (60, "hace 1 min"),
        (89, "hace 1 min"),
        (150, "hace 2 min"),
        (4319, "hace 72 min"),
        (4320, "hace 1 h"),
        (80_000, "hace 22 h"),
    ],
)
def test_time_that_has_passed_is_counted_in_minutes_then_in_hours(seconds, expected):
    assert formatting.format_time_ago(timedelta(seconds=seconds)) == expected


@pytest.mark.parametrize("text", ["480000", "480.000", "$ 480.000", f"${NBSP}480.000", "480 000", " $480000 "])
def test_pesos_are_read_as_people_write_them(text):
    assert formatting.parse_pesos(text) == 480_000
    assert formatting.parse_pesos(formatting.format_pesos(12_480_000)) == 12_480_000


AMBIGUOUS_AMOUNTS = ["480000.00", "1500.5", "250.00", "2.5.0.0.0.0", "1.500.00", "4.80.000", "480.0000", "0.500"]
NO_AMOUNTS = [
    "480,000",
    "250.000,00",
    "4$80",
    "-480000",
    "480.000.",
    "1.500 000",
    "\u0664\u0668\u0660",
    "1" * 12,
    "",
    "$",
]


@pytest.mark.parametrize("text", [*AMBIGUOUS_AMOUNTS, *NO_AMOUNTS])
def test_an_amount_that_could_be_read_in_two_ways_is_not_read(text):
    assert formatting.parse_pesos(text) is None
