"""Page objects of the two sides of a chat: the agent's desk and the member's widget."""

import json
import re
import time
import urllib.request
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, Route, StorageState, expect

from beneficiate.settings import DEMO_PASSWORD
from tests.browser.site import Site
from tests.factories import PASSWORD, Person
from tests.http_client import XSRF_TOKEN


class ChatPageObject:
    """What both sides have: messages, a text box, and the bar with the state of the connection."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page = page
        self.site = site
        self.message = page.locator("#message")
        self.connection_bar = page.locator("#connection")
        self.typing = page.locator("[data-part=typing-in]")
        self.closed_notice = page.locator("[data-part=over]")
        self.send = page.locator("[data-part=send]")

    def send_messages(self, *texts: str) -> None:
        """Write messages, one after the other."""
        for text in texts:
            self.message.fill(text)
            self.message.press("Enter")

    def find_message(self, text: str, kind: str = "") -> Locator:
        """Return the message with exactly this text; kind is own, other or system."""
        wanted = f"[data-line={kind}]" if kind else "[data-line]"
        return self.page.locator(wanted).filter(has=self.page.locator("[data-part=text]", has_text=_exactly(text)))

    def expect_message(self, text: str) -> Locator:
        """Wait for a message of the other side."""
        message = self.find_message(text, "other")
        expect(message).to_have_count(1)
        return message

    def expect_own_message(self, text: str, state: str) -> Locator:
        """Wait until an own message is in this state."""
        message = self.find_message(text, "own")
        expect(message).to_have_count(1)
        expect(message).to_have_attribute("data-state", state)
        return message

    def message_texts(self) -> list[str]:
        """Return the text of every message shown, from the oldest to the newest."""
        return self.page.locator("[data-line] [data-part=text]").all_text_contents()

    def message_seqs(self) -> list[str]:
        return self.page.locator("[data-line]").evaluate_all("lines => lines.map((line) => line.dataset.seq)")

    def wait_connected(self) -> None:
        """Wait until the socket is open."""
        expect(self.connection_bar).to_have_attribute("data-state", "open", timeout=20_000)


class DeskPageObject(ChatPageObject):
    """`/agente`, for an agent who has signed in."""

    def open(self, chat_id: int | None = None) -> "DeskPageObject":
        self.page.goto(f"{self.site.origin}/agente" + (f"?chat={chat_id}" if chat_id else ""))
        self.wait_connected()
        return self

    def row(self, chat_id: int) -> Locator:
        return self.page.locator(f"#chat-{chat_id}")

    def open_chat(self, chat_id: int) -> None:
        """Open a chat from the list."""
        self.row(chat_id).locator(".row-name").click()
        expect(self.page.locator("#chat")).to_have_attribute("data-chat-id", str(chat_id))

    def expect_unread(self, chat_id: int, count: int) -> None:
        """Wait until the row, the rail and the title count so many unread messages, in a desk without others."""
        row, rail = self.row(chat_id), self.page.locator("[data-unread-total]")
        expect(row).to_have_attribute("data-unread", str(count))
        if count:
            expect(row.locator(".count")).to_have_text(str(count))
            expect(rail).to_have_text(str(count))
            expect(self.page).to_have_title(re.compile(rf"^\({count}\) "))
        else:
            expect(row.locator(".count")).to_have_count(0)
            expect(rail).to_be_hidden()
            expect(self.page).to_have_title(re.compile(r"^[^(]"))

    def close_chat(self) -> None:
        """Close the open chat and wait until it is closed."""
        self.page.locator("#close-chat").click()
        self.page.locator("#close-dialog-close").click()
        expect(self.closed_notice).to_be_visible()


class WidgetPageObject(ChatPageObject):
    """The widget on `/demo`, for a member who has signed in there; playwright searches its shadow root too."""

    def __init__(self, page: Page, site: Site) -> None:
        super().__init__(page, site)
        self.typing = page.locator("#typing")
        self.closed_notice = page.locator("#over")
        self.send = page.locator("#message-send")
        self.panel = page.locator("#panel")
        self.launcher = page.locator("#launcher")

    def wait_connected(self) -> None:
        """Wait until the socket is open and the list of chats has come."""
        super().wait_connected()
        expect(self.page.locator("#chat-loading")).to_be_hidden()

    def open(self) -> "WidgetPageObject":
        """Go to the page, whose panel `widget_storage` has left open."""
        self.page.goto(f"{self.site.origin}/demo")
        self.wait_connected()
        return self

    def show_tab(self, name: str) -> Locator:
        """Show a tab of the panel: chat, bot, appointments or plan."""
        self.page.locator(f"#tab-{name}").click()
        return self.page.locator(f"#part-{name}")

    def sign_out(self) -> None:
        self.page.locator("#options").click()
        self.page.locator("#sign-out").click()


def sign_in_agent(page: Page, site: Site, email: str, password: str = DEMO_PASSWORD) -> DeskPageObject:
    """Sign in with the form of `/login`, in a browser that has no sign-in: that of somebody else would be ended."""
    page.context.clear_cookies()
    page.goto(f"{site.origin}/login")
    page.locator("#email").fill(email)
    page.locator("#password").fill(password)
    page.locator("#login-form button[type=submit]").click()
    desk = DeskPageObject(page, site)
    desk.wait_connected()
    return desk


def sign_in_member(page: Page, site: Site, email: str = "ana@demo.beneficiate.co") -> WidgetPageObject:
    """Sign in on the demo page, which opens the panel."""
    page.goto(f"{site.origin}/demo")
    page.locator("#member").select_option(email)
    page.locator("#demo-go").click()
    member = WidgetPageObject(page, site)
    member.wait_connected()
    return member


def set_session_cookie(context: BrowserContext, site: Site, who: Person) -> None:
    """Set the cookie of `/login` without its page."""
    set_demo_session_cookie(context, site, who.user.email, PASSWORD)


def set_demo_session_cookie(context: BrowserContext, site: Site, email: str, password: str = DEMO_PASSWORD) -> None:
    """Set it for a person of the demo data."""
    page = context.request.get(f"{site.origin}/login").text()
    xsrf = XSRF_TOKEN.search(page)[1]  # type: ignore[index]
    form = {"_xsrf": xsrf, "email": email, "password": password}
    answer = context.request.post(f"{site.origin}/login", form=form, max_redirects=0)
    assert answer.status == 303, answer.status


def widget_storage(member: Person, site: Site) -> StorageState:
    """Return the storage of a member who has signed in on `/demo`, with the panel open."""
    return demo_widget_storage(member.user.email, site, PASSWORD)


def demo_widget_storage(email: str, site: Site, password: str = DEMO_PASSWORD) -> StorageState:
    """Return it for a person of the demo data."""
    body = json.dumps({"email": email, "password": password}).encode()
    with urllib.request.urlopen(f"{site.origin}/api/v1/auth/login", body) as answer:  # noqa: S310  our own server
        connection = json.load(answer)["data"]
    connection["until"] = round(time.time() + connection.pop("expiresIn")) * 1000
    stored = [
        {"name": "beneficiate:session", "value": json.dumps(connection)},
        {"name": "beneficiate:widget:look:open", "value": "true"},
    ]
    return {"origins": [{"origin": site.origin, "localStorage": stored}]}


def wait_until(page: Page, expression: str, arg: Any = None) -> None:
    """Wait until an expression or a function is true in the page.

    `Page.wait_for_function` evaluates text each time it looks, which our Content-Security-Policy refuses from the
    second time on: a test with it passes only where the first look is late enough.
    """
    give_up_at = time.monotonic() + 30
    while not page.evaluate(expression, arg):
        assert time.monotonic() < give_up_at, f"never true: {expression}"
        page.wait_for_timeout(20)


PRESS_TWICE = """async (selector) => {
  const button = document.querySelector(selector);
  button.click();
  await new Promise((resolve) => setTimeout(resolve, 100));
  button.click();
}"""


def press_twice(page: Page, button: str) -> None:
    """Press the button of a form again before its request is answered, and require that this sends nothing more."""
    held: list[Route] = []
    page.route("**/*", lambda route: held.append(route) if route.request.method == "POST" else route.continue_())
    # In one step: Playwright looks at nothing while a page is being left.
    page.evaluate(PRESS_TWICE, button)
    page.wait_for_timeout(100)
    assert len(held) == 1, [route.request.url for route in held]
    held[0].continue_()
    page.unroute("**/*")


def go_offline(page: Page) -> None:
    """Take the network from a page, and let it ask whether anybody is there when surely nobody answers.

    The browser tells the page before it holds frames back, and frames of the opening may still be on their way:
    one that comes after the page's question counts as its answer, and the next question comes only after 20 s of
    silence. The console has ERR_INTERNET_DISCONNECTED.
    """
    page.context.set_offline(True)
    wait_until(page, "() => fetch('/healthz', { cache: 'no-store' }).then(() => false, () => true)")
    page.evaluate("dispatchEvent(new Event('offline'))")


def _exactly(text: str) -> re.Pattern[str]:
    return re.compile(rf"^{re.escape(text)}$")
