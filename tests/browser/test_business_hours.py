"""Business hours: a supervisor sets them with forms, and the widget shows members when the call centre opens."""

from datetime import datetime

from playwright.sync_api import expect

from beneficiate.formatting import BOGOTA
from tests.browser.page_checks import find_page_problems
from tests.browser.page_objects import set_session_cookie, sign_in_member


def page_of(profiles, site, **options):
    context = profiles.new_context(**options)
    set_session_cookie(context, site, site.add_supervisor())
    page = context.new_page()
    page.goto(f"{site.origin}/supervisor/horario")
    return page


def save(page, button):
    """Press a button, and confirm if deadlines of open chats move: on some days of the week they do."""
    button.click()
    page.wait_for_load_state()
    if page.locator("#confirm-save").count():
        page.locator("#confirm-save").click()


def test_closed_day_is_shown_to_members_and_can_be_opened_again(profiles, site):
    page = page_of(profiles, site, bypass_csp=True, reduced_motion="reduce")
    today = datetime.now(BOGOTA).date()
    page.locator("#fecha").fill(today.isoformat())
    page.locator("#save-day").click()
    expect(page.locator("#moves-say")).to_contain_text("Todavía no se ha guardado")
    assert find_page_problems(page) == []
    page.locator("#confirm-save").click()
    expect(page.locator("#hours-said")).to_be_visible()
    expect(page.locator("#days")).to_contain_text("Cerrado todo el día")
    expect(page.locator("#hours-now")).to_contain_text("Volvemos")

    member = sign_in_member(profiles.new_context().new_page(), site, "luis@demo.beneficiate.co")
    expect(member.panel).to_contain_text("Volvemos")

    save(page, page.get_by_role("button", name="Quitar el"))
    expect(page.locator("#days-none")).to_be_visible()


def test_week_keeps_a_second_interval_of_a_day_and_offers_a_third(profiles, site):
    page = page_of(profiles, site)
    page.locator("#dia-6-0-desde").fill("10:00")
    page.locator("#dia-6-0-hasta").fill("09:00")
    page.locator("#save-week").click()
    expect(page.locator("#dia-6-error")).to_contain_text("Debe cerrar después de abrir")
    page.locator("#dia-6-0-hasta").fill("12:00")
    page.locator("#dia-6-1-desde").fill("14:00")
    page.locator("#dia-6-1-hasta").fill("16:30")
    save(page, page.locator("#save-week"))
    expect(page.locator("#hours-said")).to_be_visible()
    expect(page.locator("#dia-6-1-hasta")).to_have_value("16:30")
    expect(page.locator("#dia-6-2-desde")).to_have_value("")


def test_every_state_is_accessible_in_both_themes_and_fits(profiles, site):
    page = page_of(profiles, site, bypass_csp=True, reduced_motion="reduce")
    found = find_page_problems(page)
    page.locator("#save-day").click()
    expect(page.locator("#fecha-error")).to_be_visible()
    assert found + find_page_problems(page) == []
