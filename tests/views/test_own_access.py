"""Each form of the page says its own things."""

from pathlib import Path

from beneficiate.views import own_access as views

TEMPLATE = Path(__file__).parents[2] / "templates" / views.AccessForms.template


def test_every_form_has_its_place_in_the_page():
    text = TEMPLATE.read_text(encoding="utf-8")
    forms = (views.PASSWORD_FORM, views.ADDRESS_FORM, views.PHONE_FORM)
    assert [form for form in forms if f'id="{form}"' not in text or f'about("{form}")' not in text] == []
