"""The filters of the templates: amounts and days as they are written in Colombia."""

from datetime import date, timedelta

import pytest

from beneficiate.handlers import templating
from tests.domain.booking.moments import at

MIDNIGHT = at("2026-09-05 00:00")


@pytest.fixture(scope="module")
def templates():
    return templating.create_environment()


@pytest.mark.parametrize(
    ("amount", "drawn"),
    [
        (0, "$\u00a00"),
        (1, "$\u00a01"),
        (950, "$\u00a0950"),
        (480_000, "$\u00a0480.000"),
        (1_234_567, "$\u00a01.234.567"),
    ],
)
def test_pesos_have_points_and_are_not_broken(amount, drawn):
    assert templating.format_pesos(amount) == drawn


@pytest.mark.parametrize(
    ("amount", "drawn"),
    [
        (0, "$\u00a00"),
        (48_000_000, "$\u00a0480.000"),
        (48_000_005, "$\u00a0480.000,05"),
        (150, "$\u00a01,50"),
        (99, "$\u00a00,99"),
    ],
)
def test_cents_are_shown_only_when_there_are_any(amount, drawn):
    assert templating.format_cents(amount) == drawn


def test_days_are_those_of_bogota():
    evening = at("2026-09-04 23:30")
    assert evening.day == 5
    assert templating.format_long_date(evening) == "4 de septiembre de 2026"
    assert templating.format_short_date(evening) == "4 sept 2026"
    assert templating.format_long_date(MIDNIGHT) == "5 de septiembre de 2026"


@pytest.mark.parametrize(
    ("moment", "relative", "in_list", "short", "whole", "with_weekday"),
    [
        ("2026-09-05 00:05", "Hoy", "12:05 a. m.", "Hoy 12:05 a. m.", "Hoy 12:05 a. m.", "Hoy 12:05 a. m."),
        ("2026-09-04 23:55", "Ayer", "Ayer", "Ayer 11:55 p. m.", "Ayer 11:55 p. m.", "Ayer 11:55 p. m."),
        ("2026-09-03 18:00", "", "3 sept", "3 sept 2026", "3 sept 2026, 6:00 p. m.", "Jue 3 sep, 6:00 p. m."),
        ("2026-09-06 06:00", "", "6 sept", "6 sept 2026", "6 sept 2026, 6:00 a. m.", "Dom 6 sep, 6:00 a. m."),
    ],
)
def test_moments_are_relative_to_the_day_in_bogota(moment, relative, in_list, short, whole, with_weekday):
    instant, now = at(moment), at("2026-09-05 23:59")
    assert templating.format_relative_day(instant, now) == relative
    written = [
        function(instant, now).replace("\u00a0", " ")
        for function in (
            templating.format_list_time,
            templating.format_short_moment,
            templating.format_moment,
            templating.format_weekday_moment,
        )
    ]
    assert written == [in_list, short, whole, with_weekday]


def test_filters_for_days_take_dates_and_instants(templates):
    source = "{{ d|weekday }} {{ t|weekday }} {{ d|whole_date }} {{ t|whole_date }} {{ t|day_of_month }}"
    text = templates.from_string(source).render(d=date(2026, 9, 5), t=MIDNIGHT)
    assert text == "sábado sábado sábado 5 de septiembre sábado 5 de septiembre 5 de septiembre"


@pytest.mark.parametrize(
    ("ends_at", "long", "short"),
    [
        (MIDNIGHT, "4 de septiembre de 2026", "4 sept 2026"),
        (MIDNIGHT + timedelta(microseconds=1), "5 de septiembre de 2026", "5 sept 2026"),
        (at("2026-09-05 17:45"), "5 de septiembre de 2026", "5 sept 2026"),
        (at("2027-01-01 00:00"), "31 de diciembre de 2026", "31 dic 2026"),
        (at("2028-03-01 00:00"), "29 de febrero de 2028", "29 feb 2028"),
    ],
)
def test_last_day_of_a_plan_is_the_last_that_it_covers(ends_at, long, short):
    assert (templating.format_last_day(ends_at), templating.format_short_last_day(ends_at)) == (long, short)


def test_templates_have_the_filters_by_these_names(templates):
    names = {"n": ("pesos", "cents"), "t": ("date", "short_date", "last_day", "short_last_day")}
    source = " ".join(f"{{{{ {value} | {name} }}}}" for value, filters in names.items() for name in filters)
    drawn = templates.from_string(source).render(n=100, t=MIDNIGHT)
    assert drawn == (
        "$\u00a0100 $\u00a01 5 de septiembre de 2026 5 sept 2026 4 de septiembre de 2026 4 sept 2026"
    )  # fmt: skip
