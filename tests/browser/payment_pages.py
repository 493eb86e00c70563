"""Page objects of payments: the members' pages, the page of the local Wompi, the supervisors' page."""

import json
import re
import urllib.request
from typing import Any

from playwright.sync_api import Locator, Page, expect

from beneficiate.sandbox.keys import TEST_KEYS
from tests.browser.page_objects import set_session_cookie
from tests.browser.site import Site
from tests.factories import Person

APPROVED_CARD_NUMBER, DECLINED_CARD_NUMBER = "4242 4242 4242 4242", "4111 1111 1111 1111"
SET_RELOAD_MARK = "window.wasHereBefore = true"
PRICES = {"FAMILY": "$ 480.000", "INDIVIDUAL": "$ 250.000"}


class LocalWompiTools:
    """Control of the local Wompi: what banks do, and which faults it has."""

    def __init__(self, site: Site) -> None:
        self._url = site.wompi_url

    def set_behaviour(self, **behaviour: Any) -> None:
        """Set these faults and no others."""
        self._call("PUT", "_sandbox/behaviour", behaviour)

    def create_transaction(self, link_id: str, status: str = "APPROVED", **more: Any) -> str:
        """Create a transaction, as if somebody had paid, and return its id."""
        return str(self._call("POST", "_sandbox/transactions", {"link_id": link_id, "status": status, **more})["id"])

    def change_status(self, transaction_id: str, status: str) -> None:
        self._call("PATCH", f"_sandbox/transactions/{transaction_id}", {"status": status})

    def resend_event(self, transaction_id: str) -> None:
        """Send the event of a transaction again."""
        self._call("POST", "_sandbox/events", {"transaction_id": transaction_id})

    def make_link(self) -> str:
        """Create a link that Beneficiate has not stored, as another user of the same keys would; return its id."""
        wanted = {"name": "Otra cosa", "description": "De otro sistema", "single_use": True, "collect_shipping": False}
        price = {"currency": "COP", "amount_in_cents": 9_000_000}
        return str(self._call("POST", "v1/payment_links", {**wanted, **price})["id"])

    def _call(self, method: str, path: str, body: Any) -> Any:
        return _call_json(method, f"{self._url}/{path}", body, {"Authorization": f"Bearer {TEST_KEYS.private_key}"})


class PaymentPageObject:
    """The payment pages of a member."""

    def __init__(self, page: Page, site: Site, who: Person) -> None:
        self.page = page
        self.site = site
        self.who = who
        self.payment = page.locator("#payment")
        self.title = page.locator("#payment-title")

    def sign_in(self) -> "PaymentPageObject":
        """Set the cookie of `/login`."""
        set_session_cookie(self.page.context, self.site, self.who)
        return self

    def create_payment_link(self, plan: str = "FAMILY") -> tuple[str, str]:
        """Create a payment without a page: (payment id, link id)."""
        return create_payment_link(self.site, self.who.token, plan)

    def open_purchase(self, plan: str = "FAMILY") -> None:
        """Open the page of the purchase."""
        self.page.goto(f"{self.site.origin}/pagos/nuevo?plan={self.site.plan_id(plan)}")

    def continue_to_wompi(self) -> None:
        """Go from the purchase to Wompi's page."""
        self.page.locator("#pay").click()
        expect(self.page).to_have_url(re.compile(rf"^{re.escape(self.site.wompi_url)}/l/\w+$"))

    def open(self, payment_id: str, query: str = "") -> "PaymentPageObject":
        """Open the page of a payment, with a mark that a reload would remove."""
        self.page.goto(f"{self.site.origin}/pagos/{payment_id}{query}")
        self.page.evaluate(SET_RELOAD_MARK)
        return self

    def expect_state(self, status: str, title: str) -> None:
        """Wait until the page has this status, and this title in the page and the tab."""
        expect(self.payment).to_have_attribute("data-status", status)
        expect(self.title).to_have_text(title)
        expect(self.page).to_have_title(f"{title} · Beneficiate")

    def expect_not_reloaded(self) -> None:
        assert self.page.evaluate("window.wasHereBefore === true")


class PaymentsAdminPageObject:
    """`/supervisor/pagos`, for a supervisor."""

    def __init__(self, page: Page, site: Site, who: Person) -> None:
        self.page = page
        self.site = site
        set_session_cookie(page.context, site, who)
        self.detail = page.locator("#payment")
        self.toast = page.locator(".toast")
        self.count = page.locator("#tab-por-revisar .count")

    def open(self, query: str = "") -> "PaymentsAdminPageObject":
        self.page.goto(f"{self.site.origin}/supervisor/pagos{query}")
        expect(self.page.locator("#connection")).to_have_attribute("data-state", "open", timeout=20_000)
        self.page.evaluate(SET_RELOAD_MARK)
        return self

    def row(self, payment_id: str) -> Locator:
        return self.page.locator(f"#payment-{payment_id}")

    def open_payment(self, payment_id: str) -> None:
        """Open a payment from the list."""
        self.row(payment_id).locator("a").click()
        expect(self.detail).to_have_attribute("data-payment-id", payment_id)

    def open_tab(self, name: str) -> None:
        self.page.locator(f"#tab-{name}").click()
        expect(self.page.locator("#payments")).to_have_attribute("data-tab", name)

    def expect_not_reloaded(self) -> None:
        assert self.page.evaluate("window.wasHereBefore === true")


def create_payment_link(site: Site, token: str, plan: str = "FAMILY") -> tuple[str, str]:
    """Create a payment for the owner of this token: (payment id, link id)."""
    headers = {"Authorization": f"Bearer {token}"}
    made = _call_json("POST", f"{site.origin}/api/v1/payments/create", {"planId": site.plan_id(plan)}, headers)
    return str(made["transactionId"]), str(made["redirectUrl"]).rsplit("/", 1)[1]


def pay_by_card(page: Page, number: str = APPROVED_CARD_NUMBER) -> None:
    """Fill in Wompi's form and send it."""
    for name, text in (("number", number), ("expiry", "12/49"), ("cvc", "123"), ("holder", "ANA PRUEBA")):
        page.locator(f"#card-{name}").fill(text)
    page.locator("#pay-card").click()


def pay_by_nequi(page: Page) -> None:
    page.locator("#nequi-phone").fill("399 111 1111")
    page.locator("#pay-nequi").click()


def pay_by_pse(page: Page) -> None:
    page.locator("#pse-bank").select_option("1")
    page.locator("#pay-pse").click()


def _call_json(method: str, url: str, body: Any, headers: dict[str, str]) -> Any:
    """Return the data of the response. Raises HTTPError."""
    headers = {"Content-Type": "application/json", **headers}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method=method)  # noqa: S310  our own server
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return json.load(answer)["data"]
