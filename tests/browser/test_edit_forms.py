"""The forms of the administration as they are used: with the keyboard, on a phone, with long names."""

import pytest
from playwright.sync_api import expect

from tests.browser.page_objects import set_session_cookie

PAGE = "/supervisor/ajustes"


def page_of(profiles, site, path, **options):
    context = profiles.new_context(**options)
    set_session_cookie(context, site, site.add_supervisor())
    page = context.new_page()
    page.goto(f"{site.origin}{PAGE}{path}")
    return page


def test_row_that_is_opened_has_the_focus(profiles, site):
    page = page_of(profiles, site, "/temas")
    page.locator(".row-open").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#open")).to_be_focused()


def test_text_that_is_as_before_is_no_change_after_an_error(profiles, site):
    page = page_of(profiles, site, "/temas")
    page.locator(".row-open").first.click()
    before = page.locator("#nombre").input_value()
    page.locator("#nombre").fill(" ")
    page.locator("#save").click()
    expect(page.locator("#nombre-error")).to_be_visible()
    expect(page.locator("[data-part=unsaved]")).to_be_visible()
    page.locator("#nombre").fill(before)
    expect(page.locator("[data-part=unsaved]")).to_be_hidden()


def test_preview_is_in_sight_on_a_phone(profiles, site):
    page = page_of(profiles, site, "/respuestas/nuevo", viewport={"width": 390, "height": 844})
    page.locator("#text").fill("Hola {{member.first_name}}")
    page.locator("#show-preview").click()
    expect(page.locator("#preview")).to_contain_text("Hola Ana")
    expect(page.locator("#preview")).to_be_in_viewport()


@pytest.mark.parametrize("width", [1440, 390])
def test_long_topic_fits_into_the_form_of_a_person(profiles, site, width):
    name = ("a" if width > 400 else "e") * 40
    page = page_of(profiles, site, "/temas/nuevo", viewport={"width": width, "height": 844})
    page.locator("#nombre").fill(name)
    page.locator("#save").click()
    expect(page.locator("#admin-said")).to_be_visible()
    page.goto(f"{site.origin}{PAGE}")
    page.locator(".row-open").first.click()
    card, label = (page.locator(one).bounding_box() for one in ("#open", f"#temas label:has-text('{name}')"))
    assert label["x"] + label["width"] <= card["x"] + card["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
