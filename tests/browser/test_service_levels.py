"""Service levels: a supervisor tries them, saves them, and the desk shows what is due first."""

from playwright.sync_api import expect

from tests.browser.page_checks import find_page_problems
from tests.browser.page_objects import set_session_cookie


def page_of(profiles, site, path, **options):
    context = profiles.new_context(**options)
    set_session_cookie(context, site, site.add_supervisor())
    page = context.new_page()
    page.goto(f"{site.origin}{path}")
    return page


def test_effect_is_shown_before_it_is_saved_and_every_state_is_accessible(profiles, site):
    page = page_of(profiles, site, "/supervisor/ajustes/niveles", bypass_csp=True, reduced_motion="reduce")
    found = find_page_problems(page)
    page.locator("#resolver").fill("muchas")
    page.locator("#save").click()
    expect(page.locator("#resolver-error")).to_contain_text("horas hábiles")
    found += find_page_problems(page)
    page.locator("#resolver").fill("4")
    page.locator("#llegada").fill("2026-08-15T16:00")
    page.locator("#try").click()
    expect(page.locator("#why-sum")).to_contain_text("4 h hábiles")
    expect(page.locator("#moves-say")).to_contain_text("abiertos")
    assert found + find_page_problems(page) == []
    page.get_by_text("También los").click()
    page.locator("#save").click()
    expect(page.get_by_text("guardamos los niveles")).to_be_visible()
    expect(page.locator("#resolver")).to_have_value("4")


def test_desk_lists_what_is_due_first_and_says_why(profiles, site):
    page = page_of(profiles, site, "/agente?lista=all", bypass_csp=True, reduced_motion="reduce")
    page.locator("#list-order").select_option("vence")
    expect(page.locator("#inbox-pane")).to_have_attribute("data-order", "vence")
    assert "orden=vence" in page.url
    first = page.locator("#chats > li").first
    expect(first.locator("[data-part=due]")).to_have_text("Vencido")
    first.locator(".row-name").click()
    page.locator("#chat-due summary").click()
    expect(page.locator("#chat-due-why")).to_contain_text("Vence")
    assert find_page_problems(page) == []
