"""Page objects of booking: the agents' page of appointments, and the member's bot and appointments."""

import json
import re
import urllib.request
from typing import Any

from playwright.sync_api import Locator, Page, expect

from beneficiate.settings import DEMO_PASSWORD
from tests.browser.page_objects import demo_widget_storage, set_demo_session_cookie
from tests.browser.site import Site

AGENT, OTHER_AGENT = "agente1@demo.beneficiate.co", "agente2@demo.beneficiate.co"


class DemoApiClient:
    """The API, called by a person of the demo data."""

    def __init__(self, site: Site, email: str) -> None:
        self._origin = site.origin
        self.token = ""
        connection = self.call("POST", "auth/login", {"email": email, "password": DEMO_PASSWORD})
        self.token, self.user_id = connection["token"], connection["user"]["id"]

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Return the data of the response. Raises HTTPError."""
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._origin}/api/v1/{path}", data, headers, method=method)  # noqa: S310  ours
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return json.load(answer)["data"]

    def find(self, what: str, text: str) -> int:
        """Return the id of the first specialty or township that the search finds."""
        return int(self.call("GET", f"{what}/search?q={urllib.request.quote(text)}")[0]["id"])

    def request_appointment(self, specialty: str, city: str = "Bogota", **more: Any) -> dict[str, Any]:
        """Request an appointment for this person, without a time unless `more` has one."""
        wanted = {
            "specialty_id": self.find("medical-specialties", specialty),
            "city_id": self.find("townships", city),
            "first_time": True,
            "notes": "Me duele desde hace dos semanas.",
            **more,
        }
        return dict(self.call("POST", "medical-appointment/create-pending", wanted))


class AppointmentsPageObject:
    """`/agente/citas`, for an agent of the demo data."""

    def __init__(self, page: Page, site: Site, email: str = AGENT) -> None:
        self.page = page
        self.site = site
        set_demo_session_cookie(page.context, site, email)
        self.open()
        self.problem = page.locator("#appointment-problem")
        self.decision_problem = page.locator("#appointment-picked-slot-problem")
        self.badge = page.locator("#appointment .detail-top .badge")
        self.slots = page.locator("#appointment-slots [data-part=slot]")

    def open(self, query: str = "") -> None:
        self.page.goto(f"{self.site.origin}/agente/citas{query}")
        expect(self.page.locator("#connection")).to_have_attribute("data-state", "open", timeout=20_000)

    def row(self, appointment_id: int) -> Locator:
        return self.page.locator(f"#appointment-{appointment_id}")

    def open_appointment(self, appointment_id: int) -> None:
        """Open an appointment from the list."""
        self.row(appointment_id).locator("a").click()
        expect(self.page.locator("#appointment")).to_have_attribute("data-appointment-id", str(appointment_id))

    def open_day(self, at: int) -> None:
        """Show another day with free slots and wait for them."""
        day = self.page.locator("#appointment-slots .day-pick:not(:disabled)").nth(at)
        wanted = day.get_attribute("data-day") or ""
        day.click()
        expect(self.page.locator("#appointment-slots [data-part=day]")).to_have_attribute("data-day", wanted)

    def slot(self, at: int = 0) -> Locator:
        """Return a free slot of the day shown, by its key: its position changes when others are taken."""
        expect(self.slots.first).to_be_visible()
        return self.page.locator(f"[data-key='{self.slots.nth(at).get_attribute('data-key')}']")


class BotPageObject:
    """The bot of the widget on `/demo`, for a member of the demo data."""

    def __init__(self, page: Page, site: Site, email: str) -> None:
        self.page = page
        page.goto(f"{site.origin}/healthz")  # the smallest page of the origin
        for entry in demo_widget_storage(email, site)["origins"][0]["localStorage"]:
            page.evaluate("({ name, value }) => localStorage.setItem(name, value)", entry)
        page.goto(f"{site.origin}/demo")
        expect(page.locator("#connection")).to_have_attribute("data-state", "open", timeout=20_000)
        self.message = page.locator("#bot-message")
        self.bot_messages = page.locator("[data-said=other]")
        self.choices = page.locator(".w-choice:enabled")

    def start_bot(self) -> None:
        self.page.locator("#tab-bot").click()
        self.page.locator("#bot-start").click()
        self.expect_answer("documento")

    def expect_answer(self, text: str) -> Locator:
        """Wait until the last message of the bot contains this text."""
        expect(self.bot_messages.last.locator("[data-part=text]")).to_contain_text(text)
        expect(self.page.locator("#bot-message-send")).to_be_enabled()
        return self.bot_messages.last

    def send_answer(self, text: str, answer: str) -> None:
        self.message.fill(text)
        self.message.press("Enter")
        self.expect_answer(answer)

    def press_choice(self, label: str, answer: str) -> None:
        self.choices.filter(has_text=re.compile(rf"^\s*{label}")).first.click()
        self.expect_answer(answer)

    def find_appointment(self, ticket: str) -> Locator:
        """Return an appointment under «Mis citas»."""
        self.page.locator("#tab-appointments").click()
        return self.page.locator(".w-appointment").filter(has_text=ticket)

    def last_ticket(self) -> str:
        found = re.search(r"APT-\w+-\d+", self.bot_messages.last.inner_text())
        assert found
        return found[0]
