"""The second factor as the staff meet it: signing in, setting it up, codes, a supervisor's reset."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from beneficiate.actions.second_factors import SETUP_LIFETIME, seal_setup
from beneficiate.handlers.page_sessions import CHALLENGE_COOKIE
from beneficiate.handlers.signed_in import SESSION_COOKIE
from beneficiate.models.second_factors import RecoveryCode, SignInChallenge
from beneficiate.settings import Settings
from beneficiate.unit_of_work import UnitOfWork
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


def read_application(page: Page) -> Application:
    return Application(str(page.locator("#setup-key").text_content()).replace(" ", ""))


def expire_setup(page: Page, who: Person, cookie: str) -> None:
    """Let the square of the page be too old, as if it had been open for a quarter of an hour."""
    token = next(one["value"] for one in page.context.cookies() if one["name"] == cookie)
    sealed = seal_setup(UnitOfWork(who.actor, datetime.now(UTC) - SETUP_LIFETIME), who.id, token).sealed
    page.locator("[name=setup]").evaluate("(input, sealed) => { input.value = sealed; }", sealed)


def require_wrong_code(page: Page, sentence: str) -> None:
    expect(page.locator("#code-error")).to_contain_text(sentence)
    expect(page.locator("#code")).to_be_focused()
    expect(page.locator("#code")).to_have_attribute("aria-invalid", "true")


def test_code_or_a_recovery_code_ends_the_sign_in(profiles, site):
    yuliana = site.add_agent()
    application = site.add_second_factor(yuliana)
    page = open_page(profiles)
    page.goto(f"{site.origin}/agente/citas")
    type_password(page, yuliana)
    expect(page.locator("#code")).to_be_focused()
    SignInChallenge.update(expires_at=datetime.now(UTC)).where(SignInChallenge.user == yuliana.id).execute()
    page.locator("#code").fill(application.code())
    page.keyboard.press("Enter")
    expect(page.locator("#login-problem")).to_contain_text("Pasó mucho tiempo desde su contraseña")
    expect(page.locator("#email")).to_be_focused()
    type_password(page, yuliana)
    expect(page.locator("h1")).to_have_text(f"Su código, {yuliana.user.first_name}")
    expect(page.locator("#code")).to_be_focused()
    found = find_page_problems(page)
    page.locator("#code").fill(application.wrong_code())
    page.keyboard.press("Enter")
    require_wrong_code(page, "Quedan 4 intentos.")
    found += find_page_problems(page)
    page.locator("#use-recovery").click()
    expect(page.locator("h1")).to_have_text("Use un código de recuperación")
    used = RecoveryCode.select().order_by(RecoveryCode.id.desc()).get()
    RecoveryCode.update(used_at=datetime.now(UTC)).where(RecoveryCode.id == used.id).execute()
    for refused in ("AAAA-AAAA", application.recovery_codes[-1]):
        page.locator("#code").fill(refused)
        page.keyboard.press("Enter")
        require_wrong_code(page, "no es, o ya se usó")
        expect(page.locator("h1")).to_have_text("Use un código de recuperación")
    found += find_page_problems(page)
    page.locator("#code").fill(application.recovery_codes[0])
    page.keyboard.press("Enter")
    expect(page.locator("#account-said")).to_contain_text("le quedan 8")
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
    for password in ("otra clave larga", PASSWORD):
        page.locator("#activar-password").fill(password)
        page.get_by_role("button", name="Activar").click()
        if password != PASSWORD:
            expect(page.locator("#activar-password")).to_be_focused()
            expect(page.locator("#activar-password")).to_have_value("")
            expect(page.locator("#on-form #factor-problem")).to_contain_text("La contraseña no coincide")
    expect(page.locator("#qr svg")).to_be_visible()
    found += find_page_problems(page)
    application = read_application(page)
    page.locator("#code").fill(application.wrong_code())
    page.keyboard.press("Enter")
    require_wrong_code(page, "Quedan 4 intentos.")
    assert read_application(page) == application
    found += find_page_problems(page)
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
    assert found + find_page_problems(page) == []


def test_square_that_is_too_old_or_overtaken_is_begun_again(profiles, site):
    yuliana = site.add_agent()
    page = open_page(profiles, viewport={"width": 390, "height": 600})
    set_session_cookie(page.context, site, yuliana)
    page.goto(f"{site.origin}/mi/segundo-paso")

    def begin():
        page.locator("#activar-password").fill(PASSWORD)
        page.locator("#activar-password").press("Enter")
        expect(page.locator("#qr svg")).to_be_visible()
        return read_application(page)

    def confirm(application):
        page.locator("#code").fill(application.code())
        page.keyboard.press("Enter")

    def require_problem(sentence):
        expect(page.locator("#factor-problem")).to_contain_text(sentence)
        expect(page.locator("#factor-problem")).to_be_focused()
        expect(page.locator("#factor-problem")).to_be_in_viewport()
        expect(page.locator("#activar-password")).to_have_value("")
        assert find_page_problems(page) == []

    application = begin()
    expire_setup(page, yuliana, SESSION_COOKIE)
    confirm(application)
    require_problem("Pasó mucho tiempo con ese cuadro")
    application = begin()
    other_window = site.add_second_factor(yuliana)
    confirm(application)
    require_problem("cambió mientras tenía ese cuadro abierto")
    page.locator("#activar-code").fill(other_window.code())
    confirm(begin())
    expect(page.locator("#codes li")).to_have_count(10)


def test_what_is_wrong_with_each_form_of_the_page_has_the_focus(profiles, site):
    yuliana = site.add_agent()
    application = site.add_second_factor(yuliana)
    page = open_page(profiles, viewport={"width": 390, "height": 600})
    page.goto(f"{site.origin}/mi/segundo-paso")
    type_password(page, yuliana)
    page.locator("#code").fill(application.code())
    page.keyboard.press("Enter")
    expect(page.locator("#off-form")).to_be_visible()

    def send(form, action, password, code, focused):
        page.locator(f"#{action}-password").fill(password)
        page.locator(f"#{action}-code").fill(code)
        page.locator(f"#{form}-form button").click()
        if focused:
            expect(page.locator(focused)).to_be_focused()
            expect(page.locator(focused)).to_be_in_viewport()
            expect(page.locator(f"#{form}-form #factor-problem")).to_be_in_viewport()
            expect(page.locator(f"#{action}-password")).to_have_value("")

    for form, action, done in (("codes", "codigos", "#codes"), ("new", "activar", "#qr")):
        page.goto(f"{site.origin}/mi/segundo-paso")
        site.forget_last_step(yuliana)
        send(form, action, "otra clave larga", application.code(), f"#{action}-password")
        send(form, action, PASSWORD, application.wrong_code(), f"#{action}-code")
        assert find_page_problems(page) == []
        send(form, action, PASSWORD, application.code(), "")
        expect(page.locator(done)).to_be_visible()
    page.goto(f"{site.origin}/mi/segundo-paso")
    send("off", "quitar", "otra clave larga", application.code(), "#quitar-password")
    for _ in range(ATTEMPTS):
        send("off", "quitar", PASSWORD, application.wrong_code(), "#quitar-code")
    send("off", "quitar", PASSWORD, application.code(), "#factor-problem")
    expect(page.locator("#factor-problem")).to_have_attribute("data-code", "rate_limited")
    assert find_page_problems(page) == []


def test_supervisor_resets_a_factor(profiles, site):
    marta, yuliana = site.add_supervisor(), site.add_agent()
    site.add_second_factor(yuliana)
    page = open_page(profiles)
    set_session_cookie(page.context, site, marta)
    page.goto(f"{site.origin}/supervisor/ajustes/personas/{yuliana.id}")
    page.locator("#reset-factor").scroll_into_view_if_needed()
    page.locator("#motivo").fill("  No sirve  ")
    page.locator("#reset-factor").click()
    expect(page.locator("#motivo-error")).to_contain_text("Escriba entre 10 y 500 letras")
    expect(page.locator("#motivo")).to_be_focused()
    expect(page.locator("#motivo")).to_have_value("No sirve")
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
    application = read_application(page)
    page.locator("#code").fill(application.wrong_code())
    page.keyboard.press("Enter")
    require_wrong_code(page, "Quedan 4 intentos.")
    assert read_application(page) == application
    with required_site.database():
        expire_setup(page, yuliana, CHALLENGE_COOKIE)
    page.locator("#code").fill(application.code())
    page.keyboard.press("Enter")
    require_wrong_code(page, "Pasó mucho tiempo con ese cuadro")
    fresh = read_application(page)
    assert fresh != application
    page.locator("#code").fill(fresh.code())
    page.keyboard.press("Enter")
    expect(page.locator("#codes li")).to_have_count(10)
    found += find_page_problems(page)
    page.get_by_label("Ya los guardé").check()
    page.get_by_role("button", name="Terminar").click()
    expect(page).to_have_url(f"{required_site.origin}/agente?lista=all")
    assert found == []
