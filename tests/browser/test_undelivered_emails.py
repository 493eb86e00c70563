"""E-mails that were given up: a supervisor lets one be sent again."""

from datetime import UTC, datetime

from playwright.sync_api import expect

from beneficiate.models.payments import Plan, PlanEmail
from beneficiate.queries.undelivered_emails import REFUSED_TRIES
from tests.browser.page_checks import find_page_problems
from tests.browser.page_objects import set_session_cookie


def test_supervisor_lets_an_email_be_sent_again_and_every_state_is_accessible(profiles, site):
    marta, now = site.add_supervisor(), datetime.now(UTC)
    email = PlanEmail.create(
        user=marta.id, kind="receipt", key="r1", plan=Plan.get(), ends_at=now, created_at=now, tries=REFUSED_TRIES
    )
    context = profiles.new_context(bypass_csp=True, reduced_motion="reduce")
    set_session_cookie(context, site, marta)
    page = context.new_page()
    page.goto(f"{site.origin}/supervisor/horario")
    page.locator("#rail-emails").click()
    expect(page.locator(f"[data-email=plan-{email.id}]")).to_contain_text("Recibo de un pago")
    found = find_page_problems(page)
    page.get_by_role("button", name="Intentar de nuevo").click()
    expect(page.locator("#undelivered-done")).to_be_visible()
    expect(page.locator("#undelivered-none")).to_be_visible()
    assert found + find_page_problems(page) == []
