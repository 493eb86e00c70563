"""What the templates of the payer's pages get."""

import pytest

from beneficiate.sandbox.methods import BANKS
from beneficiate.sandbox.pages import CheckoutView, NoticeView
from tests.sandbox.parts import create_account, create_link
from tests.views.rendering import render

LINK = create_link(create_account(), name="Plan <Familiar>")
OPEN_LINK = create_link(create_account(), amount_in_cents=None)


def test_checkout_has_the_amount_in_pesos_or_asks_for_it():
    assert CheckoutView.for_form(LINK, "", {}, "").amount == "$\u00a0480.000"
    view = CheckoutView.for_form(OPEN_LINK, "", {}, "")
    assert view.amount is None
    assert 'name="amount"' in render(view)
    assert 'name="amount"' not in render(CheckoutView.for_form(LINK, "", {}, ""))


def test_checkout_shows_what_was_typed_and_what_is_wrong_with_it_in_its_form_alone():
    html = render(CheckoutView.for_form(LINK, "nequi", {"phone": '"><i>x'}, "1-1-1", {"phone": "Escriba el número."}))
    assert "Escriba el número." in html
    assert html.count('id="nequi-phone-problem"') == 1
    assert '"><i>x' not in html
    assert 'name="retry" value="1-1-1"' in html
    assert all(name in html for name in BANKS.values())


@pytest.mark.parametrize(
    "view", [CheckoutView.for_form(LINK, "", {}, ""), NoticeView(link=LINK, title="a", sentence="b")]
)
def test_every_page_says_that_it_is_a_test(view):
    html = render(view)
    assert "solo para pruebas" in html
    assert "<script" not in html
    assert "Plan <Familiar>" not in html


def test_notice_has_the_links_and_the_refresh_that_it_was_given_and_no_others():
    bare = render(NoticeView(link=None, title="Título", sentence="Frase."))
    assert "http-equiv" not in bare
    assert 'id="again"' not in bare
    full = render(NoticeView(link=LINK, title="Título", sentence="Frase.", again="/l/a?retry=1", back="/b", refresh=2))
    assert 'http-equiv="refresh"' in full
    assert 'href="/l/a?retry=1"' in full
    assert 'href="/b"' in full
