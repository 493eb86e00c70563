"""Registering and recovering: accessible in every state, with what was typed kept, and through to a sign-in."""

import pytest
from playwright.sync_api import expect

from beneficiate.models.account_emails import RECOVERY, REGISTRATION, AccountEmail
from tests.browser.page_checks import find_page_problems
from tests.browser.page_objects import press_twice

PASSWORD = "arepa nube tren domingo"
IRIS = {
    "numero": "52.777.888",
    "nombres": "Iris Elena",
    "apellidos": "Uribe Ríos",
    "dia": "14",
    "ano": "1984",
    "celular": "310 442 8016",
    "ciudad": "Montería, Córdoba",
}


def fill_in(page, email):
    for name, value in IRIS.items():
        page.locator(f"#{name}").fill(value)
    page.locator("#mes").select_option(label="marzo")
    page.locator("#correo").fill(email)
    page.locator("#datos").check()


@pytest.fixture
def page(profiles):
    return profiles.new_context(bypass_csp=True, reduced_motion="reduce").new_page()


def test_person_registers_and_every_page_on_the_way_is_accessible(page, site):
    found, email = [], "iris@correo.co"
    page.goto(f"{site.origin}/login")
    page.locator("#help-register").click()
    expect(page.locator("h1")).to_have_text("Cree su cuenta")
    found += find_page_problems(page)
    fill_in(page, email)
    page.locator("#numero").fill("52.777.88B")
    page.locator("#password").fill("colombia2026")
    page.locator("#register").click()
    expect(page.locator("#registration-problem")).to_be_focused()
    expect(page.locator("#numero-error")).to_be_visible()
    expect(page.locator("#password-error")).to_be_visible()
    expect(page.locator("#ciudad")).to_have_value("Montería, Córdoba")
    expect(page.locator("#password")).to_have_value("")
    found += find_page_problems(page)
    page.get_by_role("link", name="Número").click()
    expect(page.locator("#numero")).to_be_focused()
    page.locator("#numero").fill("52.777.888")
    page.locator("#password").fill(PASSWORD)
    page.locator("#password-eye").click()
    expect(page.locator("#password")).to_have_attribute("type", "text")
    page.locator("#register").click()
    expect(page.locator("#sent-to")).to_have_text(email)
    found += find_page_problems(page)
    page.goto(f"{site.origin}/registro/confirmar/{site.open_link(REGISTRATION, email)}")
    expect(page.locator("h1")).to_have_text("Confirme que es usted")
    found += find_page_problems(page)
    page.locator("#password").fill(PASSWORD)
    page.locator("#confirm").click()
    expect(page.locator("h1")).to_have_text("Su cuenta está lista, Iris")
    found += find_page_problems(page)
    page.get_by_role("link", name="Ver mi cuenta").click()
    expect(page.locator("h1")).to_have_text("Mi cuenta")
    assert found == []


def test_person_recovers_and_every_page_on_the_way_is_accessible(page, site):
    found, email = [], "luis@demo.beneficiate.co"
    page.goto(f"{site.origin}/login")
    page.locator("#forgotten").click()
    page.locator("#email").fill("luis@")
    page.locator("#recover-send").click()
    expect(page.locator("#email-error")).to_be_visible()
    found += find_page_problems(page)
    page.locator("#email").fill(email)
    press_twice(page, "#recover-send")
    expect(page.locator("h1")).to_have_text("Revise su correo")
    with site.database():
        assert AccountEmail.select().where(AccountEmail.email == email).count() == 1
    found += find_page_problems(page)
    link = f"{site.origin}/recuperar/{site.open_link(RECOVERY, email)}"
    page.goto(link)
    page.locator("#password").fill("Millonarios2024!")
    page.locator("#password-save").click()
    expect(page.locator("#password-error")).to_be_visible()
    found += find_page_problems(page)
    page.locator("#password").fill(PASSWORD)
    press_twice(page, "#password-save")
    expect(page.locator("#login-done")).to_be_visible()
    found += find_page_problems(page)
    page.locator("#email").fill(email)
    page.locator("#password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Mi cuenta")
    assert found == []
