"""The demo page offers its members, and can be opened without any."""

from beneficiate.views.demo import DemoAccount, DemoLanding, DemoMember
from tests.views.rendering import render


def test_each_member_is_offered_with_the_plan():
    html = render(DemoLanding([DemoMember("a@x.co", "Ana", "Familiar"), DemoMember("l@x.co", "Luis", None)], "clave"))
    assert '<option value="a@x.co">Ana · Familiar</option>' in html
    assert '<option value="l@x.co">Luis · Sin plan</option>' in html
    assert 'name="password" value="clave"' in html
    assert "disabled" not in html


def test_without_members_nobody_can_be_chosen():
    html = render(DemoLanding([], "clave"))
    assert "Todavía no hay afiliados" in html
    assert 'id="demo-go" disabled' in html


def test_name_is_escaped():
    assert "&lt;b&gt;Ana · Sin plan" in render(DemoLanding([DemoMember("a@x.co", "<b>Ana", None)], "clave"))


def test_account_says_what_it_may_see():
    accounts = [DemoAccount("x@x.co", role, plan) for role, plan in (("member", "Plan Familiar"), ("member", None))]
    accounts += [DemoAccount("x@x.co", role, None) for role in ("agent", "supervisor")]
    assert [one.may_see.partition(":")[0] for one in accounts] == [
        "afiliado con Plan Familiar",
        "afiliado sin plan",
        "agente",
        "supervisa",
    ]
