"""A day of use: a member on a phone, two agents and a supervisor, from the first message to the last page.

Its screenshots are kept in `var/day`, so that somebody can look at what people saw.
"""

import re
import shutil

import pytest
from playwright.sync_api import expect

from tests.browser.page_objects import DeskPageObject, WidgetPageObject, set_session_cookie, widget_storage
from tests.browser.payment_pages import pay_by_card
from tests.factories import PASSWORD
from tests.server_process import ROOT

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SCREENSHOTS = ROOT / "var" / "day"


@pytest.fixture(scope="module")
def settings():
    # Long enough that no chat returns to the queue while the test looks elsewhere.
    return {"BENEFICIATE_PRESENCE_GRACE_S": 600, "BENEFICIATE_FIRST_REPLY_S": 600}


@pytest.fixture
def take(request):
    """Take a screenshot of a page under a name; their numbers are the order of the day."""
    shutil.rmtree(SCREENSHOTS, ignore_errors=True)
    taken = []

    def take_one(page, name):
        taken.append(name)
        page.screenshot(path=SCREENSHOTS / f"{len(taken):02}-{name}.png", animations="disabled")

    return take_one


@pytest.fixture
def member(profiles, site):
    """A member without a plan, on a phone, with the widget open."""
    who = site.add_member("Ana")
    side = WidgetPageObject(profiles.new_context(storage_state=widget_storage(who, site), **PHONE).new_page(), site)
    side.who = who
    return side


@pytest.fixture
def open_desk(profiles, site):
    """Open the desk of a member of the staff."""

    def open_it(who):
        context = profiles.new_context()
        set_session_cookie(context, site, who)
        desk = DeskPageObject(context.new_page(), site).open()
        desk.who = who
        return desk

    return open_it


def test_day_of_a_member_two_agents_and_a_supervisor(profiles, site, member, open_desk, take):
    site.empty_queue()
    member.open()
    take(member.page, "member-starts")
    member.page.locator("#start-message").fill("Me duele el pecho desde anoche")
    member.page.locator("#start-go").click()
    expect(member.page.locator("#queue .w-turn-title")).to_have_text("Sigue usted")
    take(member.page, "member-waits")

    yuliana = open_desk(site.add_agent("Yuliana"))
    chat_id = answer_first_message(yuliana, member)
    take(yuliana.page, "agent-answers")
    take(member.page, "member-is-answered")

    buy_plan(site, member, take)
    expect(yuliana.page.locator("#about")).to_contain_text("Vigente")
    take(yuliana.page, "agent-sees-the-plan")

    marta = open_desk(site.add_supervisor("Marta"))
    gloria = open_desk(site.add_agent("Gloria"))
    watch(marta, chat_id)
    transfer(yuliana, gloria, chat_id)
    gloria.send_messages("Soy Gloria, sigo con usted.")
    line = member.expect_message("Soy Gloria, sigo con usted.")
    expect(line).to_contain_text("Gloria")
    expect(member.expect_message("Con mucho gusto, Ana.")).to_contain_text("Yuliana")
    marta.expect_message("Soy Gloria, sigo con usted.")
    take(member.page, "member-after-the-transfer")
    take(marta.page, "supervisor-watches")

    marta.page.locator("#take-over").click()
    marta.page.locator("#take-over-note").fill("La llamo yo")
    marta.page.locator("#take-over-go").click()
    marta.send_messages("Soy Marta, la llamo en cinco minutos.")
    member.expect_message("Soy Marta, la llamo en cinco minutos.")
    expect(gloria.closed_notice).to_contain_text(marta.who.user.name)
    expect(gloria.page.locator("[data-note]").last).to_contain_text("La llamo yo")
    marta.close_chat()

    rate(member)
    take(member.page, "member-rates")
    look_at_pages_of_the_supervisor(site, marta, member, take)
    profiles.expect_console_errors("status of 401")
    sign_out_everywhere(member, yuliana)
    take(yuliana.page, "agent-signs-out")


def answer_first_message(desk, member):
    """The agent becomes available, is given the waiting chat and answers; return its id."""
    desk.page.locator("#availability").click()
    desk.page.locator("#availability-menu [data-availability=available]").click()
    row = desk.page.locator("#chats > li")
    expect(row).to_have_count(1)
    chat_id = int(row.get_attribute("data-chat-id"))
    desk.open_chat(chat_id)
    desk.expect_message("Me duele el pecho desde anoche")
    desk.send_messages("Con mucho gusto, Ana.")
    member.expect_message("Con mucho gusto, Ana.")
    expect(member.page.locator("#head-name")).to_have_text(desk.who.user.name)
    expect(desk.page.locator("#about")).to_contain_text("Sin plan")
    desk.page.locator("#pay-link").click()
    desk.message.press("Enter")
    return chat_id


def buy_plan(site, member, take):
    """The member opens the link of the chat, signs in there, and pays by card."""
    link = member.page.locator("[data-line=other] [data-part=text] a")
    with member.page.context.expect_page() as opened:
        link.click()
    page = opened.value
    page.locator(".plan").filter(has_text="Familiar").click()
    page.locator("#continue").click()
    page.locator("#email").fill(member.who.user.email)
    page.locator("#password").fill(PASSWORD)
    page.locator("#login-form button[type=submit]").click()
    expect(page.locator("#pay")).to_be_visible()
    take(page, "member-buys")
    page.locator("#pay").click()
    expect(page).to_have_url(re.compile(re.escape(site.wompi_url)))
    expect(page.locator("h1").first).to_be_visible()
    take(page, "member-pays")
    pay_by_card(page)
    expect(page.locator("#payment")).to_have_attribute("data-status", "APPROVED")
    take(page, "member-has-paid")
    page.close()


def watch(desk, chat_id):
    """The supervisor opens the chat, without becoming its agent."""
    desk.page.locator("#tab-all").click()
    desk.open_chat(chat_id)
    expect(desk.page.locator("#chat")).to_have_attribute("data-mode", "other")


def transfer(desk, colleague, chat_id):
    """The agent passes the chat on, and the colleague opens it."""
    colleague.page.locator("#availability").click()
    colleague.page.locator("#availability-menu [data-availability=available]").click()
    desk.page.locator("#transfer-chat").click()
    desk.page.locator(f'#team [data-agent-id="{colleague.who.agent_id}"] input').check()
    desk.page.locator("#transfer-note").fill("Espera una llamada")
    desk.page.locator("#transfer-go").click()
    colleague.open_chat(chat_id)
    expect(colleague.page.locator("[data-note]")).to_contain_text("Espera una llamada")


def rate(member):
    expect(member.closed_notice).to_be_visible()
    member.page.locator("#rate input[value='5']").check(force=True)
    member.page.locator("#rate-send").click()
    expect(member.page.locator("#rated")).to_be_visible()


def look_at_pages_of_the_supervisor(site, desk, member, take):
    """The payment of the day is in the list of approved ones, and every other page of a supervisor opens."""
    page = desk.page
    page.goto(f"{site.origin}/supervisor/pagos")
    page.locator("#tab-aprobados").click()
    expect(page.locator("#payments")).to_contain_text(member.who.user.name)
    take(page, "supervisor-payments")
    for name, path in {"hours": "/supervisor/horario", "appointments": "/agente/citas"}.items():
        page.goto(f"{site.origin}{path}")
        expect(page.locator("h1").first).to_be_visible()
        take(page, f"supervisor-{name}")


def sign_out_everywhere(member, desk):
    """Who signs out in one tab is signed out in the others."""
    other = desk.page.context.new_page()
    other.goto(desk.page.url)
    other.goto(f"{desk.site.origin}/logout")
    other.locator("form button[type=submit]").click()
    expect(desk.page).to_have_url(re.compile("/login"))
    member.sign_out()
    expect(member.page.locator("#sign-in")).to_be_visible()
