"""The supervisors' page of the audit log: an entry opens, filters find it, and every state is accessible."""

import re

from playwright.sync_api import expect

from tests.browser.page_checks import find_page_problems
from tests.browser.page_objects import set_session_cookie


def page_of(profiles, site, who, **options):
    context = profiles.new_context(**options)
    set_session_cookie(context, site, who)
    page = context.new_page()
    page.goto(f"{site.origin}/supervisor/horario")
    page.locator("#rail-audit").click()
    expect(page.locator("#rail-audit")).to_have_attribute("aria-current", "page")
    return page


def test_supervisor_finds_an_entry_and_opens_it(profiles, site):
    marta, ana = site.add_supervisor("Marta"), site.add_member("Ximena")
    changes = {"agent": (None, marta.agent_id)}
    entry = site.record_audit(
        marta.actor, "chats.give", "chat:1", reason="Está sola", changes=changes, person_id=ana.id
    )
    page = page_of(profiles, site, marta)
    page.locator("#filter-quien").fill("marta")
    page.locator("#filter-afiliado").fill(ana.user.name)
    page.locator("#filter-tipo").select_option("chats.give")
    page.locator("#audit-search").click()
    expect(page).to_have_url(re.compile(r"quien=marta&"))
    row = page.locator(f"[data-entry-id='{entry}']")
    expect(page.locator("[data-entry-id]")).to_have_count(1)
    expect(row.locator(".audit-facts")).to_be_hidden()
    row.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(row.locator(".audit-facts")).to_contain_text("186.29.14.87")
    expect(row.locator(".audit-diff ins")).to_have_text(marta.user.name)
    page.locator("#filter-desde").fill("2026-08-25")
    page.locator("#filter-hasta").fill("2026-08-24")
    page.locator("#audit-search").click()
    expect(page.locator("#hasta-error")).to_be_visible()
    expect(page.locator("#filter-hasta")).to_be_focused()
    expect(page.locator("#filter-quien")).to_have_value("marta")
    page.locator("#filters-clear").click()
    with page.expect_download() as download:
        page.locator("#audit-csv").click()
    assert download.value.suggested_filename == "auditoria.csv"


def test_every_state_is_accessible_in_both_themes_and_fits(profiles, site):
    marta = site.add_supervisor("Marta")
    for number in range(60):
        site.record_audit(marta.actor, "people.search", f"name:{number}", reason="a" * 100)
    changes = {"title": ("Saludo", "S" * 80), "week": ({0: ["480-720"]}, {0: ["480-720", "840-1080"], 1: ["0-60"]})}
    entry = site.record_audit(marta.actor, "canned.write", "canned_reply:1", changes=changes)
    site.verify_audit()
    page = page_of(profiles, site, marta, bypass_csp=True, reduced_motion="reduce")
    expect(page.locator("#audit-chain")).to_have_attribute("data-state", "whole")
    page.locator("details").first.evaluate("element => element.open = true")
    found = find_page_problems(page)
    page.locator("#page-after").click()
    expect(page.locator("#page-first")).to_be_visible()
    for path in (f"/{entry}", "?quien=nadie", "?tipo=otro&desde=ayer"):
        page.goto(f"{site.origin}/supervisor/auditoria{path}")
        found += find_page_problems(page)
    site.break_audit()
    page.goto(f"{site.origin}/supervisor/auditoria")
    expect(page.locator("#audit-chain")).to_have_attribute("data-state", "broken")
    assert found + find_page_problems(page) == []
