"""The account page of a member: accessible in every state, and a beneficiary is added with the keyboard."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.page_checks import find_page_problems
from tests.browser.page_objects import set_demo_session_cookie

ANA, LUIS = "ana@demo.beneficiate.co", "luis@demo.beneficiate.co"


def enter(page, site, email):
    set_demo_session_cookie(page.context, site, email)
    page.goto(f"{site.origin}/mi")
    expect(page.locator("h1")).to_have_text("Mi cuenta")


def tab_to(page, selector, key="Tab", most=40):
    for _ in range(most):
        page.keyboard.press(key)
        if page.locator(selector).evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{key} does not reach {selector}")


@pytest.mark.parametrize("email", [ANA, LUIS])
def test_every_state_is_accessible_in_both_themes_and_fits(profiles, site, email):
    page = profiles.new_context(bypass_csp=True, reduced_motion="reduce").new_page()
    enter(page, site, email)
    paths = ["/mi", "/mi/acceso", "/mi/beneficiarios/nuevo"]
    if email == ANA:
        links = page.locator("#people .account-link, #conversations .account-link")
        paths += [link.get_attribute("href") for link in links.all()]
        assert len(paths) > 3
    found = []
    for path in paths:
        page.goto(f"{site.origin}{path}")
        if path.endswith("nuevo") and email == ANA:
            page.locator("#save").click()
            expect(page.locator("#first_name")).to_be_focused()
        found += [f"{path} {problem}" for problem in find_page_problems(page)]
    assert found == []


def test_member_reads_who_opened_their_data(profiles, site):
    page = profiles.new_context(bypass_csp=True, reduced_motion="reduce").new_page()
    enter(page, site, LUIS)
    page.get_by_role("link", name="Quién vio sus datos").click()
    expect(page.locator("#views-none")).to_contain_text("Nadie del equipo ha abierto sus datos desde el")
    luis, marta = site.person(LUIS), site.add_supervisor("Maximiliana Hermenegilda de los Ángeles")
    for number in range(25):
        part = ("panel", "appointment", "file")[number % 3]
        changes = {"part": (None, part)}
        site.record_audit(marta.actor, "people.view", f"user:{luis.user_id}", changes=changes, person_id=luis.user_id)
    page.reload()
    expect(page.locator("#views li")).to_have_count(20)
    expect(page.locator("#views li").first).to_contain_text("Supervisor · Su ficha")
    found = find_page_problems(page)
    page.locator("#views-more").click()
    expect(page.locator("#views li")).to_have_count(5)
    assert found + find_page_problems(page) == []
    page.locator("#back").click()
    expect(page.locator("h1")).to_have_text("Mi cuenta")


def test_beneficiary_is_added_and_removed_with_the_keyboard(profiles, site):
    page = profiles.new_context().new_page()
    press, write = page.keyboard.press, page.keyboard.type
    enter(page, site, ANA)
    tab_to(page, "#add-person")
    press("Enter")
    tab_to(page, "#first_name")
    write("María Fernanda")
    tab_to(page, "#last_name", most=1)
    write("Guzmán")
    tab_to(page, "#document_type", most=1)
    press("ArrowDown")
    tab_to(page, "#document_number", most=1)
    write("1?")
    press("Enter")

    expect(page.locator("#person-problem")).to_have_attribute("data-code", "invalid")
    expect(page.locator("#document_number")).to_be_focused()
    expect(page.locator("#document_number")).to_have_value("1?")
    expect(page.locator("#document_type")).to_have_value("CC")
    page.locator("#document_number").fill("39.555.111")
    tab_to(page, "#birth_date", most=1)
    page.locator("#birth_date").fill("1990-04-09")
    page.locator("#relationship").focus()
    press("ArrowDown")
    press("ArrowDown")
    tab_to(page, "#save", most=1)
    press("Enter")

    expect(page.locator("#account-said")).to_contain_text("ya está entre sus beneficiarios")
    expect(page).to_have_url(f"{site.origin}/mi#beneficiarios")
    row = page.locator("#people li", has_text="María Fernanda Guzmán")
    expect(row).to_contain_text("CC 39555111")
    row.locator("a").press("Enter")
    page.locator("#remove").press("Enter")
    expect(page.locator("#people li", has_text="María Fernanda")).to_have_count(0)


def test_appointment_is_moved_and_then_cancelled_with_the_keyboard(profiles, site):
    appointment = site.add_appointment(ANA)
    page = profiles.new_context(bypass_csp=True, reduced_motion="reduce").new_page()
    press = page.keyboard.press
    enter(page, site, ANA)
    row = page.locator("#upcoming li", has=page.locator(f"a[href='/mi/citas/{appointment}/mover']"))
    before = row.locator("time").get_attribute("datetime")
    tab_to(page, f"a[href='/mi/citas/{appointment}/mover']", most=60)
    press("Enter")
    expect(page.locator("h1")).to_have_text("Mover la cita")
    assert find_page_problems(page) == []
    page.locator(".move-day").nth(1).press("Enter")
    expect(page.locator(".move-day").nth(1)).to_have_attribute("aria-current", "date")
    page.locator("#move-go").press("Enter")
    expect(page.locator("h1")).to_have_text("Mover la cita")  # without a time nothing is sent
    first = page.locator("[name=horario]").first
    wanted = first.get_attribute("value").partition("@")[2]
    assert wanted != before
    first.focus()
    press("Space")
    tab_to(page, "#move-go", most=12)
    press("Enter")

    expect(page.locator("#account-said")).to_contain_text("su cita tiene el nuevo horario")
    expect(row.locator("time")).to_have_attribute("datetime", wanted)
    expect(row).to_contain_text(re.compile("Reprogramada|Por confirmar"))
    row.locator("[data-do=cancel]").press("Enter")
    expect(page.locator("h1")).to_have_text("Cancelar la cita")
    assert find_page_problems(page) == []
    tab_to(page, "#cancel-go")
    press("Enter")
    expect(page.locator("#account-said")).to_contain_text("la cita quedó cancelada")
    expect(row).to_have_count(0)
