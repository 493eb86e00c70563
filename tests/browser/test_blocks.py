"""Who is blocked: a supervisor finds it among the settings, and lifts a block."""

from datetime import UTC, datetime

from playwright.sync_api import expect

from beneficiate.limits import CHATS
from beneficiate.models.quotas import QuotaUse
from tests.browser.page_checks import find_page_problems
from tests.browser.page_objects import set_session_cookie


def test_supervisor_lifts_a_block_and_every_state_is_accessible(profiles, site):
    marta, ana = site.add_supervisor(), site.add_member()
    QuotaUse.create(user=ana.id, quota=CHATS.name, used=CHATS.amount, began_at=datetime.now(UTC))
    context = profiles.new_context(bypass_csp=True, reduced_motion="reduce")
    set_session_cookie(context, site, marta)
    page = context.new_page()
    page.goto(f"{site.origin}/supervisor/ajustes")
    page.locator("#section-bloqueos").click()
    expect(page.locator("#blocks li")).to_contain_text("Chats abiertos")
    found = find_page_problems(page)
    page.get_by_role("button", name="Levantar").click()
    expect(page.locator("#blocks-done")).to_be_visible()
    expect(page.locator("#blocks-none")).to_be_visible()
    assert found + find_page_problems(page) == []
    assert QuotaUse.get(QuotaUse.user == ana.id).used == 0
