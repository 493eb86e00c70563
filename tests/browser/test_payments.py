"""Members buy a plan and supervisors handle payments; every page in every state.

The site is at `localhost` and the local Wompi at 127.0.0.1, so that the redirect back from it is cross-site, as in
production.
"""

import re
from urllib.error import HTTPError

import pytest
from playwright.sync_api import expect

from tests.browser.page_checks import TransferMeter, find_page_problems, press_until_focused
from tests.browser.payment_pages import (
    DECLINED_CARD_NUMBER,
    PRICES,
    LocalWompiTools,
    PaymentPageObject,
    PaymentsAdminPageObject,
    create_payment_link,
    pay_by_card,
    pay_by_nequi,
    pay_by_pse,
)
from tests.factories import PASSWORD

ACTIVE = "Su plan Familiar está activo"
NO_SOCKETS = """window.WebSocket = class {
  constructor() { setTimeout(() => this.onclose({ code: 1006 })); }
  send() {}
  close() {}
};"""
LONG_NAME = "Maximiliana Hermenegilda de los Ángeles"
POLLING_MS = 30_000  # the first request comes after five seconds, the next ones at growing intervals


@pytest.fixture(scope="module")
def settings():
    return {"host": "localhost"}


@pytest.fixture
def wompi(site):
    tools = LocalWompiTools(site)
    yield tools
    tools.set_behaviour()


@pytest.fixture
def buyer(profiles, site):
    """Return a signed-in member without a plan."""
    return PaymentPageObject(profiles.new_context().new_page(), site, site.add_member()).sign_in()


@pytest.fixture
def admin(profiles, site):
    return PaymentsAdminPageObject(profiles.new_context().new_page(), site, site.add_supervisor())


# ---- Members -----------------------------------------------------------------------------------------


def test_plan_is_chosen_paid_and_starts(profiles, site, wompi):
    ana = PaymentPageObject(profiles.new_context().new_page(), site, site.add_member("Ana"))
    page = ana.page
    page.goto(f"{site.origin}/planes")
    page.locator(".plan").filter(has_text="Familiar").click()
    expect(page.locator("#bill [data-part=price]")).to_have_text(PRICES["FAMILY"])
    page.locator("#continue").click()

    expect(page).to_have_url(re.compile("/login"))
    page.locator("#email").fill(ana.who.user.email)
    page.locator("#password").fill(PASSWORD)
    page.locator("#login-form button[type=submit]").click()
    expect(page).to_have_url(f"{site.origin}/pagos/nuevo?plan={site.plan_id('FAMILY')}")
    expect(page.locator("#bill .bill-total")).to_contain_text(PRICES["FAMILY"])
    ana.continue_to_wompi()
    expect(page.locator("#amount")).to_have_text(PRICES["FAMILY"])

    [(payment_id, _)] = site.payments_of(ana.who.user.email)
    other = PaymentPageObject(page.context.new_page(), site, ana.who).open(payment_id)
    other.expect_state("PENDING", "Su pago está por hacerse")
    wompi.set_behaviour(lose_events=True)
    with page.expect_request(lambda request: f"/pagos/{payment_id}?" in request.url) as coming_back:
        pay_by_card(page)
    assert coming_back.value.all_headers()["sec-fetch-site"] == "cross-site"
    ana.expect_state("PENDING", "Estamos confirmando su pago")
    page.evaluate("window.wasHereBefore = true")

    wompi.set_behaviour()
    wompi.resend_event(re.search(r"[?&]id=([\w-]+)", page.url)[1])
    for side in (ana, other):
        side.expect_state("APPROVED", ACTIVE)
        side.expect_not_reloaded()
        expect(side.page.locator("#payment-say")).to_contain_text(ACTIVE)
    assert site.plans_of(ana.who) == ["FAMILY"]

    page.locator("#go-receipt").click()
    receipt = page.locator("#receipt")
    expect(receipt.locator(".receipt-total")).to_contain_text(PRICES["FAMILY"])
    expect(receipt).to_contain_text(ana.who.user.name)
    expect(receipt).to_contain_text("Tarjeta Visa, termina en 4242")
    expect(page.locator("#print")).to_be_visible()


def test_payment_succeeds_with_another_card_after_a_decline(buyer, site):
    page = buyer.page
    buyer.open_purchase()
    buyer.continue_to_wompi()
    pay_by_card(page, DECLINED_CARD_NUMBER)
    expect(page.locator("#notice")).to_contain_text("No se le cobró nada")
    page.locator("#back").click()
    buyer.expect_state("DECLINED", "El banco no aprobó el pago")
    expect(buyer.payment).to_contain_text("No se le cobró nada.")
    assert site.plans_of(buyer.who) == []

    page.locator("#retry").click()
    expect(page).to_have_url(re.compile(f"^{re.escape(site.wompi_url)}/l/"))
    pay_by_card(page)
    buyer.expect_state("APPROVED", ACTIVE)
    assert [status for _, status in site.payments_of(buyer.who.user.email)] == ["APPROVED"]
    assert site.plans_of(buyer.who) == ["FAMILY"]

    page.locator("#go-payments").click()
    expect(page.locator("#payments .payment-history-row")).to_have_count(1)
    expect(page.locator("#running")).to_contain_text("Plan Familiar")


@pytest.mark.parametrize(
    ("way", "name"), [(pay_by_nequi, "Nequi"), (pay_by_pse, "PSE")], ids=lambda given: getattr(given, "__name__", given)
)
def test_payment_by_other_methods(way, name, buyer):
    buyer.open_purchase("INDIVIDUAL")
    buyer.continue_to_wompi()
    way(buyer.page)
    buyer.expect_state("APPROVED", "Su plan Individual está activo")
    expect(buyer.payment.locator(".payment-card-facts")).to_contain_text(name)


def test_page_polls_without_a_socket(buyer, wompi):
    buyer.page.add_init_script(NO_SOCKETS)
    payment_id, link_id = buyer.create_payment_link()
    buyer.open(payment_id).expect_state("PENDING", "Su pago está por hacerse")
    wompi.create_transaction(link_id)
    expect(buyer.payment).to_have_attribute("data-status", "APPROVED", timeout=POLLING_MS)
    buyer.expect_state("APPROVED", ACTIVE)
    buyer.expect_not_reloaded()


def test_keyboard_is_enough_from_the_plans_to_a_paid_plan(profiles, site):
    ana = PaymentPageObject(profiles.new_context().new_page(), site, site.add_member("Ana"))
    page, press, write = ana.page, ana.page.keyboard.press, ana.page.keyboard.type
    page.goto(f"{site.origin}/planes")
    press_until_focused(page, f"#plan-{site.plan_id('INDIVIDUAL')}")
    press("ArrowDown")
    expect(page.locator(f"#plan-{site.plan_id('FAMILY')}")).to_be_checked()
    press_until_focused(page, "#continue")
    press("Enter")
    expect(page.locator("#email")).to_be_focused()
    write(ana.who.user.email)
    press_until_focused(page, "#password", most=1)
    write(PASSWORD)
    press("Enter")
    expect(page.locator("#pay")).to_be_visible()
    press_until_focused(page, "#pay")
    press("Enter")
    expect(page.locator("#amount")).to_have_text(PRICES["FAMILY"])
    press_until_focused(page, "#card-number")
    write("4242424242424242")
    for name, text in (("expiry", "1249"), ("cvc", "123"), ("holder", "ANA PRUEBA")):
        press_until_focused(page, f"#card-{name}", most=2)
        write(f"{text[:2]}/{text[2:]}" if name == "expiry" else text)
    press("Enter")
    ana.expect_state("APPROVED", ACTIVE)


# ---- Supervisors -----------------------------------------------------------------------------------


def test_supervisor_sees_payments_change_and_resolves_a_double_charge(buyer, admin, wompi):
    page = admin.open("?lista=todos").page
    payment_id, link_id = buyer.create_payment_link()
    row, waiting = admin.row(payment_id), int(admin.count.inner_text())
    expect(row).to_contain_text("Pendiente")
    wompi.create_transaction(link_id)
    expect(row).to_have_attribute("data-status", "APPROVED")
    expect(row).to_contain_text("Aprobado")
    admin.open_payment(payment_id)
    expect(page.locator("#payment-title")).to_have_text(buyer.who.user.name)
    expect(page.locator("#payment-attempts [data-status=APPROVED]")).to_have_count(1)

    wompi.set_behaviour(allow_second=True)
    wompi.create_transaction(link_id)
    review = page.locator(".review[data-kind=DOUBLE_CHARGE]")
    expect(review).to_be_visible()
    expect(admin.count).to_have_text(str(waiting + 1))
    expect(page).to_have_title(re.compile(rf"^\({waiting + 1}\) "))
    admin.open_tab("por-revisar")
    expect(row).to_contain_text("Cobro doble")

    note, resolve = review.locator("textarea"), review.locator("button[type=submit]")
    note.fill("listo")
    resolve.click()
    assert note.evaluate("field => field.validity.tooShort")  # the browser itself says so
    note.fill("  listo      ")
    resolve.click()
    expect(review.locator("[data-part=problem]")).to_contain_text("Escriba entre 10 y 2000 letras")
    expect(note).to_be_focused()
    expect(note).to_have_value("  listo      ")
    note.fill("Se devolvió el segundo cobro en el panel.")
    resolve.click()
    expect(admin.toast).to_contain_text("Quedó resuelto.")
    expect(review).to_have_count(0)
    expect(row).to_have_count(0)
    expect(admin.count).to_have_text(str(waiting))
    expect(page.locator("#payment-history")).to_contain_text("Se devolvió el segundo cobro en el panel.")
    admin.expect_not_reloaded()


def test_plan_is_activated_by_a_supervisor_and_the_member_sees_it(buyer, admin, site):
    payment_id, _ = buyer.create_payment_link()
    buyer.open(payment_id).expect_state("PENDING", "Su pago está por hacerse")
    page = admin.open("?lista=en-curso").page
    admin.open_payment(payment_id)
    page.locator("#activate summary").click()
    page.locator("#activate-reason").fill("El dinero está en el extracto del banco de hoy.")
    page.locator("#activate button").click()
    expect(admin.toast).to_contain_text("El plan quedó activo.")
    expect(admin.detail).to_have_attribute("data-status", "APPROVED")
    expect(page.locator("#payment-history")).to_contain_text("El dinero está en el extracto")
    buyer.expect_state("APPROVED", ACTIVE)
    buyer.expect_not_reloaded()
    assert site.plans_of(buyer.who) == ["FAMILY"]


def test_narrow_screen_shows_the_payments_or_one_of_them(profiles, site, buyer):
    payment_id, _ = buyer.create_payment_link()
    phone = profiles.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    admin = PaymentsAdminPageObject(phone.new_page(), site, site.add_supervisor()).open("?lista=todos")
    expect(admin.detail).to_be_hidden()
    admin.row(payment_id).locator("a").tap()
    expect(admin.page.locator("#payment-title")).to_be_visible()
    expect(admin.page.locator("#payments")).to_be_hidden()
    admin.page.locator("#payment-back").tap()
    expect(admin.row(payment_id).locator("a")).to_be_focused()


# ---- Every page in every state ----------------------------------------------------------------------


@pytest.fixture
def measured_page(profiles):
    """Return a page whose colours and widths can be measured."""
    return profiles.new_context(bypass_csp=True, reduced_motion="reduce").new_page()


@pytest.fixture
def check_page(measured_page):
    """Return a function that checks the page as it is now; at the end of the test it must have found nothing."""
    found = []
    yield lambda name: found.extend(f"{name}, {problem}" for problem in find_page_problems(measured_page))
    assert found == []


def test_pages_before_paying_are_accessible_and_fit(measured_page, check_page, site):
    page = measured_page
    page.goto(f"{site.origin}/planes")
    check_page("plans, signed out")
    page.goto(f"{site.origin}/login?next=/pagos")
    check_page("login")
    newcomer = PaymentPageObject(page, site, site.add_member(LONG_NAME)).sign_in()
    page.goto(f"{site.origin}/pagos")
    expect(page.locator("#payments-none")).to_be_visible()
    check_page("no payments")
    newcomer.open_purchase()
    check_page("first plan")
    newcomer.continue_to_wompi()
    check_page("Wompi")

    page.context.clear_cookies()
    insured = PaymentPageObject(page, site, site.add_member(LONG_NAME, plan="INDIVIDUAL")).sign_in()
    page.goto(f"{site.origin}/planes?plan={site.plan_id('FAMILY')}")
    expect(page.locator("#running")).to_be_visible()
    check_page("plans, with one")
    for plan, kind in (("INDIVIDUAL", "renewal"), ("FAMILY", "upgrade")):
        insured.open_purchase(plan)
        expect(page.locator("#bill")).to_have_attribute("data-kind", kind)
        check_page(kind)


def test_payment_is_accessible_in_every_state_and_fits(measured_page, check_page, site, wompi):
    page, buyer = measured_page, PaymentPageObject(measured_page, site, site.add_member(LONG_NAME)).sign_in()

    def reaches(name, status):
        expect(buyer.payment).to_have_attribute("data-status", status)
        check_page(name)

    payment_id, link_id = buyer.create_payment_link()
    buyer.open(payment_id)
    reaches("pending", "PENDING")
    buyer.open(payment_id, "?id=a-transaction")
    page.locator("#payment-late summary").click()
    reaches("confirming", "PENDING")
    wompi.create_transaction(link_id, "DECLINED")
    reaches("declined", "DECLINED")
    paid = wompi.create_transaction(link_id)
    reaches("approved", "APPROVED")
    wompi.change_status(paid, "VOIDED")
    reaches("voided", "VOIDED")
    page.goto(f"{site.origin}/pagos/{payment_id}/recibo")
    expect(page.locator("#receipt")).to_have_attribute("data-status", "VOIDED")
    check_page("receipt")

    late, _ = buyer.create_payment_link("INDIVIDUAL")
    site.expire_payment(late)
    buyer.open(late)
    reaches("expired", "EXPIRED")
    wompi.set_behaviour(fail_status=500, fail_after=True)
    buyer.open_purchase()
    page.locator("#pay").click()
    expect(page.locator("#pay-problem")).to_have_attribute("data-code", "payment_in_doubt")
    check_page("purchase in doubt")
    buyer.open(site.payments_of(buyer.who.user.email)[-1][0])
    reaches("unknown", "UNKNOWN")
    page.goto(f"{site.origin}/pagos")
    expect(page.locator("#payments .payment-history-row")).to_have_count(3)
    check_page("history")


def test_payments_admin_is_accessible_and_fits(measured_page, check_page, site, wompi):
    page, admin = measured_page, PaymentsAdminPageObject(measured_page, site, site.add_supervisor())
    wompi.create_transaction(wompi.make_link())
    page.goto(f"{site.origin}/supervisor/pagos?buscar=nadie")
    check_page("nothing found")
    buyer, doubtful = site.add_member(LONG_NAME), site.add_member(LONG_NAME)
    payment_id, link_id = create_payment_link(site, buyer.token)
    admin.open("?lista=todos")
    admin.open_payment(payment_id)
    page.locator("#activate summary").click()
    check_page("by hand")

    wompi.create_transaction(link_id)
    wompi.create_transaction(link_id)
    review = page.locator(".review[data-kind=DOUBLE_CHARGE]")
    expect(review).to_be_visible()
    review.locator("textarea").fill("           ")
    review.locator("button[type=submit]").click()
    expect(review.locator("[data-part=problem]")).to_be_visible()
    page.locator("#payment-events summary").first.click()
    check_page("double charge")

    wompi.set_behaviour(fail_status=500, fail_after=True)
    with pytest.raises(HTTPError) as refused:
        create_payment_link(site, doubtful.token)
    refused.value.close()
    wompi.set_behaviour()
    page.goto(f"{site.origin}/supervisor/pagos/{site.payments_of(doubtful.user.email)[0][0]}")
    expect(page.locator("#release")).to_be_visible()
    check_page("in doubt")
    page.goto(f"{site.origin}/supervisor/pagos/eventos")
    expect(page.locator("#unmatched li")).to_have_count(1)
    check_page("unmatched")


def test_first_load_of_the_plans_is_light(profiles, site):
    page = profiles.new_context().new_page()
    meter = TransferMeter(page)
    page.goto(f"{site.origin}/planes")
    meter.expect_light(min_responses=6)
