"""Eliminating the account: accessible in every state, asked for and taken back by hand; the certificate prints."""

from playwright.sync_api import expect

from beneficiate.models.erasures import Erasure
from beneficiate.settings import DEMO_PASSWORD
from tests.browser.page_checks import find_page_problems
from tests.browser.page_objects import set_demo_session_cookie

ANA, SUPERVISOR = "ana@demo.beneficiate.co", "supervisor@demo.beneficiate.co"


def enter(profiles, site, email, path):
    page = profiles.new_context(bypass_csp=True, reduced_motion="reduce").new_page()
    set_demo_session_cookie(page.context, site, email)
    page.goto(f"{site.origin}{path}")
    return page


def test_account_is_given_up_and_kept_by_hand(profiles, site):
    page = enter(profiles, site, ANA, "/mi/datos")
    page.locator("#go-erase").click()
    expect(page.locator("h1")).to_have_text("Eliminar mi cuenta")
    expect(page.locator("#erase-stays")).to_contain_text("Código de Comercio")
    found = find_page_problems(page)
    page.locator("#erase-go").click()
    expect(page.locator("#confirmo-error")).to_contain_text("Marque que leyó")
    found += find_page_problems(page)
    window = page.context.new_page()
    window.goto(page.url)
    for one in (page, window):
        # The second one begins nothing anew.
        one.locator("#confirmo").check()
        one.locator("#erase-password").fill(DEMO_PASSWORD)
        one.locator("#erase-go").click()
        expect(one.locator("#erase-said")).to_contain_text("Recibimos su solicitud")
    assert Erasure.select().where(Erasure.user == site.person(ANA).user_id).count() == 1
    found += find_page_problems(page)
    page.goto(f"{site.origin}/mi")
    expect(page.locator("#erase-wait")).to_contain_text("Su cuenta se borra el")
    found += find_page_problems(page)
    for one in (page, window):
        one.locator("#erase-keep").click()
        expect(one.locator("#erase-said")).to_contain_text("su cuenta sigue")
    expect(page.locator("#erase-go")).to_be_visible()
    assert found + find_page_problems(page) == []


def test_staff_read_why_not_and_supervisors_see_the_list(profiles, site):
    page = enter(profiles, site, SUPERVISOR, "/mi/datos/borrar")
    expect(page.locator("#erase-staff")).to_contain_text("auditoría")
    found = find_page_problems(page)
    page.goto(f"{site.origin}/supervisor/ajustes")
    page.locator("#section-borrados").click()
    expect(page.locator("h2")).to_contain_text("Cuentas borradas")
    assert found + find_page_problems(page) == []


def test_certificate_is_accessible_and_prints(profiles, site):
    code = site.add_erasure("Elvira")
    page = profiles.new_context(bypass_csp=True, reduced_motion="reduce").new_page()
    page.goto(f"{site.origin}/constancia/{code}")
    expect(page.locator("h1")).to_have_text("Constancia de eliminación")
    expect(page.locator("#certificate")).to_contain_text(code)
    found = find_page_problems(page)
    page.emulate_media(media="print")
    expect(page.locator("#print")).to_be_hidden()
    expect(page.locator("#certificate-erased")).to_be_visible()
    assert found == []
