"""Amounts and days as people in Colombia write them, and the letters about plans."""

from datetime import date, timedelta

import pytest

from beneficiate.actions.plans import PendingPlanEmail
from beneficiate.handlers import templating
from beneficiate.handlers.emails import PLAN_SUBJECTS, compose_plan_email
from beneficiate.settings import Settings
from tests.domain.booking.moments import at
from tests.factories import SECRET

SETTINGS = Settings(secret=SECRET, public_url="https://x.co/")
MIDNIGHT = at("2026-09-05 00:00")
PAYMENT_ID = "6f1c0c5e-7d0e-4f57-9a4b-0c3f2f6f9a11"


@pytest.fixture(scope="module")
def templates():
    return templating.create_environment()


def letter(templates, kind, **changes):
    is_receipt = kind == "receipt"
    given = {
        "email_id": 1,
        "kind": kind,
        "email": "ana@x.co",
        "name": "Ana",
        "plan": "Plan Familiar",
        "ends_at": MIDNIGHT,
        "payment_id": PAYMENT_ID if is_receipt else None,
        "reference": "BNF-6F1C0C5E" if is_receipt else "",
        "amount": 480_000 if is_receipt else None,
    }
    return compose_plan_email(templates, SETTINGS, PendingPlanEmail(**{**given, **changes}))


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
def test_cents_are_drawn_only_when_there_are_any(amount, drawn):
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
def test_the_last_day_of_a_plan_is_the_last_that_it_covers(ends_at, long, short):
    assert (templating.format_last_day(ends_at), templating.format_short_last_day(ends_at)) == (long, short)


def test_templates_have_the_filters_by_these_names(templates):
    names = {"n": ("pesos", "cents"), "t": ("date", "short_date", "last_day", "short_last_day")}
    source = " ".join(f"{{{{ {value} | {name} }}}}" for value, filters in names.items() for name in filters)
    drawn = templates.from_string(source).render(n=100, t=MIDNIGHT)
    assert drawn == (
        "$\u00a0100 $\u00a01 5 de septiembre de 2026 5 sept 2026 4 de septiembre de 2026 4 sept 2026"
    )  # fmt: skip


@pytest.mark.parametrize("kind", PLAN_SUBJECTS)
def test_every_letter_about_a_plan_says_which_and_until_when(templates, kind):
    drawn = letter(templates, kind)
    assert drawn["Subject"] == PLAN_SUBJECTS[kind]
    assert drawn["To"].addresses[0].addr_spec == "ana@x.co"
    assert [part.get_content_type() for part in drawn.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    page = f"https://x.co/pagos/{PAYMENT_ID}" if kind == "receipt" else "https://x.co/planes"
    for part in ("plain", "html"):
        text = drawn.get_body((part,)).get_content()
        for said in ("Ana", "Plan Familiar", "4 de septiembre de 2026", PLAN_SUBJECTS[kind], page, "123"):
            assert said in text, (part, said)
        assert ("$\u00a0480.000" in text) is (kind == "receipt")
        assert ("BNF-6F1C0C5E" in text) is (kind == "receipt")
        assert ("No se renueva solo" in text) is kind.startswith("ending")


def test_a_letter_about_what_is_over_says_so(templates):
    texts = {kind: letter(templates, kind).get_body(("plain",)).get_content() for kind in PLAN_SUBJECTS}
    assert {kind for kind, text in texts.items() if "Fue hasta el" in text} == {"ended"}


def test_what_somebody_is_called_is_text_in_a_letter(templates):
    drawn = letter(templates, "receipt", name="<b>Ana</b>", plan="A & B")
    html = drawn.get_body(("html",)).get_content()
    assert "<b>Ana" not in html
    assert "A &amp; B" in html
    assert "A & B" in drawn.get_body(("plain",)).get_content()


def test_an_unknown_kind_is_our_own_mistake(templates):
    with pytest.raises(KeyError):
        letter(templates, "ending-90")
