"""A sign-in that ends elsewhere: people are not left on the screen, and what was typed waits for the same person."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.page_objects import WidgetPageObject, go_offline, set_session_cookie, wait_until
from tests.factories import PASSWORD

AT_LOGIN = re.compile("/login")
TYPED = "Lo que iba escrito"


@pytest.fixture
def open_page(profiles, site):
    """Return a function that opens a page in a new profile, for a person."""
    profiles.expect_console_errors("status of 401")

    def open_it(path, who):
        context = profiles.new_context()
        set_session_cookie(context, site, who)
        page = context.new_page()
        page.goto(f"{site.origin}{path}")
        return page

    return open_it


def sign_out_elsewhere(page, site):
    other = page.context.new_page()
    other.goto(f"{site.origin}/logout")
    other.locator("#logout-form button").click()
    expect(other).to_have_url(AT_LOGIN)
    other.close()


def sign_in(page, who):
    page.reload()  # two tabs that lead here at once have one cookie, which the form of the later one has
    page.locator("#email").fill(who.user.email)
    page.locator("#password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).not_to_have_url(AT_LOGIN)


def type_reason_to_cancel(page):
    page.locator("#appointment-cancel").click()
    return page.locator("#cancel-reason")


def type_notes_of_booking(page):
    page.locator("#new-appointment").click()
    expect(page.locator("#phone-who")).to_be_focused()
    return page.locator("#phone-notes")


def test_reason_to_cancel_is_kept_for_the_same_person(open_page, site):
    agent, appointment_id = site.add_agent(), site.add_appointment("ana@demo.beneficiate.co")
    page = open_page(f"/agente/citas?cita={appointment_id}", agent)
    type_reason_to_cancel(page).fill(TYPED)
    address = page.url
    sign_out_elsewhere(page, site)
    expect(page).to_have_url(AT_LOGIN)
    sign_in(page, agent)
    expect(page).to_have_url(address)
    expect(type_reason_to_cancel(page)).to_have_value(TYPED)
    page.keyboard.press("Escape")
    expect(type_reason_to_cancel(page)).to_have_value("")


def test_notes_of_a_booking_by_phone_are_kept(open_page, site):
    agent = site.add_agent()
    page = open_page("/agente/citas", agent)
    # The third step of the dialog is not needed: the notes are in it from the beginning.
    type_notes_of_booking(page).evaluate("(notes, typed) => { notes.value = typed; }", TYPED)
    sign_out_elsewhere(page, site)
    expect(page).to_have_url(AT_LOGIN)
    sign_in(page, agent)
    expect(type_notes_of_booking(page)).to_have_value(TYPED)


def test_what_was_typed_is_deleted_for_somebody_else(open_page, site):
    first, second = site.add_supervisor(), site.add_supervisor("Otra")
    page = open_page("/supervisor/horario", first)
    page.locator("#fecha").fill("2030-01-31")
    page.locator("[name=que][value=abierto]").check()
    sign_out_elsewhere(page, site)
    expect(page).to_have_url(AT_LOGIN)
    assert "2030-01-31" in page.evaluate("sessionStorage.getItem('beneficiate:typed')")
    sign_in(page, second)
    expect(page.locator("#fecha")).to_have_value("")
    assert page.evaluate("Object.keys(sessionStorage)") == []


def test_choices_and_dates_are_kept(open_page, site):
    supervisor = site.add_supervisor()
    page = open_page("/supervisor/horario", supervisor)
    page.locator("#fecha").fill("2030-01-31")
    page.locator("[name=que][value=abierto]").check()
    sign_out_elsewhere(page, site)
    expect(page).to_have_url(AT_LOGIN)
    sign_in(page, supervisor)
    expect(page.locator("#fecha")).to_have_value("2030-01-31")
    expect(page.locator("[name=que][value=abierto]")).to_be_checked()
    assert page.evaluate("Object.keys(sessionStorage)") == []


def test_page_is_hidden_before_the_sign_in_is_there(open_page, site):
    page = open_page("/supervisor/horario", site.add_supervisor())
    page.locator("#fecha").fill("2030-01-31")
    page.evaluate("""new MutationObserver(() => localStorage.setItem("path", document.body.hidden && location.pathname))
        .observe(document.body, { attributes: true })""")
    sign_out_elsewhere(page, site)
    expect(page.locator("#login-form")).to_be_visible()
    assert page.evaluate("localStorage.getItem('path')") == "/supervisor/horario"


def test_each_of_two_tabs_signs_in(profiles, site):
    agent, page = site.add_agent(), profiles.new_context().new_page()
    page.goto(f"{site.origin}/login?next=/agente/citas")
    page.context.clear_cookies()
    other = page.context.new_page()
    other.goto(f"{site.origin}/login")
    sign_in(page, agent)
    expect(page).to_have_url(f"{site.origin}/agente/citas")
    sign_in(other, agent)
    expect(other).to_have_url(f"{site.origin}/agente")


def test_form_of_a_member_is_kept_for_the_same_person(open_page, site):
    ana, berta = site.add_member("Ana", "FAMILY"), site.add_member("Berta", "FAMILY")
    path = "/mi/beneficiarios/nuevo"
    for back, expected in ((ana, "Camila"), (berta, "")):
        page = open_page(path, ana)
        WidgetPageObject(page, site).wait_connected()
        page.locator("#first_name").fill("Camila")
        page.locator("#relationship").select_option(index=1)
        sign_out_elsewhere(page, site)
        expect(page).to_have_url(AT_LOGIN)
        sign_in(page, back)
        expect(page).to_have_url(f"{site.origin}{path}")
        expect(page.locator("#first_name")).to_have_value(expected)
        assert bool(page.locator("#relationship").input_value()) == bool(expected)


@pytest.mark.parametrize("path", ["/mi", "/pagos", "/planes"])
def test_pages_of_members_lead_to_the_sign_in(path, open_page, site):
    page = open_page(path, site.add_member("Ana", "FAMILY"))
    WidgetPageObject(page, site).wait_connected()
    sign_out_elsewhere(page, site)
    expect(page.locator("#login-form")).to_be_visible()


def test_sign_out_without_a_script_leaves_nothing_of_the_chat(open_page, site, profiles):
    profiles.expect_console_errors("ERR_FAILED")
    pair = site.add_pair()
    member = WidgetPageObject(open_page("/mi", pair.member), site)
    member.wait_connected()
    member.launcher.click()
    member.message.fill("Un borrador")
    page = member.page
    page.route("**/*.js", lambda route: route.abort())
    page.goto(f"{site.origin}/logout")
    page.unroute_all()
    page.locator("#logout-form button").click()
    expect(page).to_have_url(AT_LOGIN)
    mine = f":{pair.member.id}:"
    wait_until(page, "(mine) => !Object.keys(localStorage).some((key) => key.includes(mine))", mine)
    assert "beneficiate_signed_out" not in page.evaluate("document.cookie")


WRITTEN = "Object.keys(localStorage).filter((key) => /^beneficiate:(draft|since|out):/.test(key))"


def write_draft(page):
    page.locator("#message").fill("La paciente espera el resultado")
    assert page.evaluate(WRITTEN)


def test_agent_who_signs_out_leaves_no_draft(open_page, site):
    pair = site.add_pair()
    page = open_page(f"/agente?chat={pair.chat_id}", pair.agent)
    write_draft(page)
    page.goto(f"{site.origin}/logout")
    expect(page.locator("main")).to_contain_text("Los borradores y los mensajes sin enviar se borran de este equipo.")
    page.locator("#logout-form button").click()
    expect(page).to_have_url(AT_LOGIN)
    wait_until(page, f"!{WRITTEN}.length")
    assert "beneficiate_signed_out" not in page.evaluate("document.cookie")


@pytest.mark.parametrize("is_same", [True, False], ids=["same", "other"])
def test_draft_of_a_sign_in_that_ended_is_kept_for_the_same_agent_only(open_page, site, is_same):
    pair = site.add_pair()
    page = open_page(f"/agente?chat={pair.chat_id}", pair.agent)
    write_draft(page)
    page.context.clear_cookies()
    page.goto(f"{site.origin}/agente")
    expect(page).to_have_url(AT_LOGIN)
    sign_in(page, pair.agent if is_same else site.add_agent("Paola"))
    expect(page.locator("#connection")).to_have_attribute("data-state", "open")
    assert bool(page.evaluate(WRITTEN)) is is_same


def test_message_on_its_way_waits_for_its_author_while_somebody_else_works(open_page, site, profiles):
    profiles.expect_console_errors("status of 401|ERR_INTERNET_DISCONNECTED")
    pair, paola = site.add_pair(), site.add_agent("Paola")
    page = open_page(f"/agente?chat={pair.chat_id}", pair.agent)
    expect(page.locator("#connection")).to_have_attribute("data-state", "open")
    go_offline(page)
    expect(page.locator("#connection")).to_have_attribute("data-state", "waiting")
    page.locator("#message").fill("El resultado es normal")
    page.keyboard.press("Enter")
    expect(page.locator("[data-line=own][data-state=sending]")).to_contain_text("El resultado es normal")
    page.goto("about:blank")
    page.context.clear_cookies()
    page.context.set_offline(False)
    for who in (paola, pair.agent):
        page.goto(f"{site.origin}/login?next=/agente?chat={pair.chat_id}")
        sign_in(page, who)
        expect(page.locator("#connection")).to_have_attribute("data-state", "open")
        if who is paola:
            assert page.evaluate(WRITTEN)
            expect(page.locator("main")).not_to_contain_text("El resultado es normal")
            page.context.clear_cookies()
    expect(page.locator("#chat")).to_contain_text("El resultado es normal")
    wait_until(page, f"!{WRITTEN}.length")
    assert "El resultado es normal" in [text for _, _, text in site.stored_messages(pair.chat_id)]


def test_form_that_was_sent_without_a_sign_in_is_found_again_after_it(open_page, site):
    marta = site.add_supervisor()
    page = open_page("/supervisor/ajustes/temas/nuevo", marta)
    page.locator("#nombre").fill("Autorizaciones")
    page.context.clear_cookies()
    page.locator("#save").click()
    expect(page.locator("#typed-kept")).to_be_visible()
    expect(page.locator("#typed-lost")).to_be_hidden()
    page.locator("#go-login").click()
    expect(page).to_have_url(AT_LOGIN)
    sign_in(page, marta)
    expect(page.locator("#nombre")).to_have_value("Autorizaciones")
    # Sent and accepted, it is not written into the next form.
    page.locator("#save").click()
    expect(page).to_have_url(re.compile("listo=guardado"))
    page.goto(f"{site.origin}/supervisor/ajustes/temas/nuevo")
    expect(page.locator("#nombre")).to_have_value("")
    assert page.evaluate("sessionStorage.getItem('beneficiate:typed')") is None
