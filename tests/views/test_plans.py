"""A plan on sale in words and figures."""

from beneficiate.views.plans import PlanView


def plan(**changes):
    given = {"id": 1, "code": "FAMILY", "name": "Plan Familiar", "description": "", "price": 480_000}
    return PlanView(**{**given, "duration_days": 365, "max_beneficiaries": 4, **changes})


def test_yearly_plan_for_a_family():
    family = plan()
    assert (family.bare_name, family.duration, family.is_yearly) == ("Familiar", "un año", True)
    assert (family.people, family.people_text, family.price_per_person) == (5, "Hasta 5", 96_000)


def test_short_plan_for_one_person():
    single = plan(duration_days=90, max_beneficiaries=0, price=99_999)
    assert (single.duration, single.is_yearly, single.people_text) == ("90 días", False, "1")


def test_price_per_month_is_rounded_down_to_hundreds():
    assert plan(price=250_000).price_per_month == 20_800
