"""The second factor as the staff meet it: signing in, setting it up, codes, a supervisor's reset."""

import re

import pytest
from playwright.sync_api import Page, expect

from beneficiate.settings import Settings
from tests.browser.page_checks import find_page_problems
from tests.browser.page_objects import set_session_cookie
from tests.browser.site import Site
from tests.factor_steps import Application
from tests.factories import PASSWORD, Person

ATTEMPTS = Settings().sign_in_attempts
REASON = "Perdió el celular; la llamé a su extensión."


@pytest.fixture(scope="module")
def required_site(template, tmp_path_factory):
    """A server that lets nobody of the staff in without a second factor."""
    running = Site(tmp_path_factory.mktemp("required"), template, BENEFICIATE_SECOND_FACTOR="required")
    running.start()
    yield running
    running.kill()


def open_page(profiles, **options) -> Page:
    return profiles.new_context(bypass_csp=True, reduced_motion="reduce", **options).new_page()


def type_password(page: Page, who: Person) -> None:
    page.locator("#email").fill(who.user.email)
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="Ingresar").click()


def test_code_or_a_recovery_code_ends_the_sign_in(profiles, site):
    yuliana = site.add_agent()
    application = site.add_second_factor(yuliana)
    page = open_page(profiles)
    page.goto(f"{site.origin}/agente/citas")
    type_password(page, yuliana)
    expect(page.locator("h1")).to_have_text(f"Su código, {yuliana.user.first_name}")
    expect(page.locator("#code")).to_be_focused()
    found = find_page_problems(page)
    page.locator("#code").fill(application.wrong_code())
    page.keyboard.press("Enter")
    expect(page.locator("#code-error")).to_contain_text("Quedan 4 intentos.")
    expect(page.locator("#code")).to_be_focused()
    found += find_page_problems(page)
    page.locator("#use-recovery").click()
    expect(page.locator("h1")).to_have_text("Use un código de recuperación")
    found += find_page_problems(page)
    page.locator("#code").fill(application.recovery_codes[0])
    page.keyboard.press("Enter")
    expect(page.locator("#account-said")).to_contain_text("le quedan 9")
    found += find_page_problems(page)
    page.locator("#go-on").click()
    expect(page).to_have_url(f"{site.origin}/agente/citas")
    assert found == []


def test_waiting_is_counted_down(profiles, site):
    yuliana = site.add_agent()
    application = site.add_second_factor(yuliana)
    page = open_page(profiles)
    page.goto(f"{site.origin}/login")
    type_password(page, yuliana)
    for left in ("4 intentos", "3 intentos", "2 intentos", "1 intento", "Ese código no es."):
        page.locator("#code").fill(application.wrong_code())
        page.keyboard.press("Enter")
        expect(page.locator("#code-error")).to_contain_text(left)
    page.locator("#code").fill(application.code())
    page.keyboard.press("Enter")
    expect(page.locator("#login-wait")).to_contain_text(re.compile(r"0:\d\d"))
    assert find_page_problems(page) == []
    shown = page.locator("[data-part=left]").text_content()
    expect(page.locator("[data-part=left]")).not_to_have_text(str(shown))


def test_factor_is_set_up_with_its_square_and_its_codes_are_shown_once(profiles, site):
    yuliana = site.add_agent()
    page = open_page(profiles, permissions=["clipboard-read", "clipboard-write"])
    set_session_cookie(page.context, site, yuliana)
    page.goto(f"{site.origin}/mi")
    page.locator("#second-factor").click()
    found = find_page_problems(page)
    page.locator("#activar-password").fill(PASSWORD)
    page.get_by_role("button", name="Activar").click()
    expect(page.locator("#qr svg")).to_be_visible()
    found += find_page_problems(page)
    application = Application(str(page.locator("#setup-key").text_content()).replace(" ", ""))
    page.locator("#code").fill(application.code())
    page.keyboard.press("Enter")
    expect(page.locator("#codes li")).to_have_count(10)
    found += find_page_problems(page)
    page.locator("#copy").click()
    expect(page.locator("#copied")).to_have_text("Copiados.")
    copied = page.evaluate("navigator.clipboard.readText()").split("\n")
    assert copied == page.locator("#codes code").all_text_contents()
    page.get_by_role("button", name="Terminar").click()
    expect(page.locator("#codes")).to_be_visible()  # not before the box is ticked
    page.get_by_label("Ya los guardé").check()
    page.get_by_role("button", name="Terminar").click()
    expect(page.locator("#now-title")).to_have_text("Está activo")
    found += find_page_problems(page)
    site.forget_last_step(yuliana)
    page.locator("#quitar-password").fill("otra clave larga")
    page.locator("#quitar-code").fill(application.code())
    page.get_by_role("button", name="Quitar el segundo paso").click()
    expect(page.locator("#factor-problem")).to_contain_text("La contraseña no coincide")
    found += find_page_problems(page)
    assert found == []


def test_what_is_wrong_with_the_last_form_of_the_page_has_the_focus(profiles, site):
    yuliana = site.add_agent()
    application = site.add_second_factor(yuliana)
    page = open_page(profiles, viewport={"width": 390, "height": 600})
    page.goto(f"{site.origin}/mi/segundo-paso")
    type_password(page, yuliana)
    page.locator("#code").fill(application.code())
    page.keyboard.press("Enter")

    def send(password, code, focused):
        page.locator("#quitar-password").fill(password)
        page.locator("#quitar-code").fill(code)
        page.locator("#off-form button").click()
        expect(page.locator(focused)).to_be_focused()
        expect(page.locator(focused)).to_be_in_viewport()
        expect(page.locator("#off-form #factor-problem")).to_be_in_viewport()
        assert find_page_problems(page) == []

    send("otra clave larga", application.code(), "#quitar-password")
    for _ in range(ATTEMPTS):
        send(PASSWORD, application.wrong_code(), "#quitar-code")
    send(PASSWORD, application.code(), "#factor-problem")
    expect(page.locator("#factor-problem")).to_have_attribute("data-code", "rate_limited")


def test_supervisor_resets_a_factor(profiles, site):
    marta, yuliana = site.add_supervisor(), site.add_agent()
    site.add_second_factor(yuliana)
    page = open_page(profiles)
    set_session_cookie(page.context, site, marta)
    page.goto(f"{site.origin}/supervisor/ajustes/personas/{yuliana.id}")
    page.locator("#reset-factor").scroll_into_view_if_needed()
    found = find_page_problems(page)
    page.locator("#motivo").fill(REASON)
    page.locator("#reset-factor").click()
    expect(page.get_by_text("ya no tiene segundo paso")).to_be_visible()
    expect(page.locator("#reset-form")).to_have_count(0)
    assert found == []


def test_required_factor_is_set_up_while_signing_in(profiles, required_site):
    yuliana = required_site.add_agent()
    page = open_page(profiles)
    page.goto(f"{required_site.origin}/agente?lista=all")
    type_password(page, yuliana)
    expect(page.locator("h1")).to_have_text("Active su segundo paso")
    found = find_page_problems(page)
    application = Application(str(page.locator("#setup-key").text_content()).replace(" ", ""))
    page.locator("#code").fill(application.code())
    page.keyboard.press("Enter")
    expect(page.locator("#codes li")).to_have_count(10)
    found += find_page_problems(page)
    page.get_by_label("Ya los guardé").check()
    page.get_by_role("button", name="Terminar").click()
    expect(page).to_have_url(f"{required_site.origin}/agente?lista=all")
    assert found == []
