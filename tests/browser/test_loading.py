"""Requests of a page: all modules at once on the first load, and no file again on the second."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.page_checks import Requests
from tests.browser.page_objects import go_offline, set_demo_session_cookie, set_session_cookie
from tests.sample_files import PDF

MOST_AGAIN = 6


@pytest.mark.parametrize("has_chat", [False, True], ids=["list", "chat"])
def test_second_load_of_desk_fetches_no_file(profiles, site, has_chat):
    """The limit counts HTTP requests; the WebSocket is one more."""
    pair = site.add_pair()
    context = profiles.new_context()
    set_session_cookie(context, site, pair.agent)
    for load, most in (("first", 62), ("second", MOST_AGAIN)):
        page = context.new_page()
        requests = Requests(page)
        page.goto(f"{site.origin}/agente{f'?chat={pair.chat_id}' if has_chat else ''}")
        expect(page.locator("#connection")).to_have_attribute("data-state", "open")
        addresses, size = requests.settle()
        print(f"/agente, {load} load: {len(addresses)} requests, {size / 1024:.1f} KB")
        assert len(addresses) <= most, addresses
        if load == "second":
            assert not [address for address in addresses if "/static/" in address]
        page.close()


AGENT = "agente1@demo.beneficiate.co"
LOADED_AGAIN = re.compile(r"/agente/chats/\d+(/ficha)?$|/agent-chat/(messages|notes)/")
"""Requests for what the page has printed: the conversation, the panel, the messages, the notes."""


def load_chat(page, site, chat_id):
    """Return the addresses that a load of a chat requests, and what it has printed: its text."""
    requests = Requests(page)
    page.goto(f"{site.origin}/agente?chat={chat_id}")
    expect(page.locator("#connection")).to_have_attribute("data-state", "open")
    addresses, _ = requests.settle()
    expect(page.locator("#about .about-in")).to_have_attribute("data-chat-id", str(chat_id))
    return addresses, page.locator("#chat").inner_text()


def test_every_demo_chat_is_loaded_once(profiles, site):
    """Own chats, those of others, a waiting and a closed one; some with unread messages, a plan, an appointment."""
    context = profiles.new_context()
    set_demo_session_cookie(context, site, AGENT)
    page, chats = context.new_page(), []
    for tab, most in (("mine", 6), ("all", 8), ("waiting", 1), ("closed", 1)):
        page.goto(f"{site.origin}/agente?lista={tab}")
        rows = page.locator("#chats > li[data-kind=SUPPORT]")
        ids = [row.get_attribute("data-chat-id") for row in rows.all()]
        chats += [chat_id for chat_id in ids if chat_id not in chats][:most]
    assert len(chats) >= 9
    load_chat(page, site, chats[0])
    for chat_id in chats:
        addresses, _ = load_chat(page, site, chat_id)
        assert len(addresses) <= MOST_AGAIN, addresses
        assert not [address for address in addresses if LOADED_AGAIN.search(address)]


def test_chat_with_a_colleague_asks_once_for_the_marks_of_its_messages(profiles, site):
    """It has no viewers, so that nobody is told whether what was printed is up to date."""
    context = profiles.new_context()
    set_demo_session_cookie(context, site, AGENT)
    page = context.new_page()
    page.goto(f"{site.origin}/agente")
    chat_id = page.locator("#chats > li[data-kind=DIRECT]").get_attribute("data-chat-id")
    page.goto("about:blank")
    requests = Requests(page)
    page.goto(f"{site.origin}/agente?chat={chat_id}")
    expect(page.locator("#connection")).to_have_attribute("data-state", "open")
    addresses, _ = requests.settle()
    assert len(addresses) <= MOST_AGAIN, addresses
    assert len([address for address in addresses if LOADED_AGAIN.search(address)]) == 1


def write_note(desk):
    desk.page.locator("#say-note").click()
    desk.page.locator("#note-text").fill("Llamar mañana")
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator(".note")).to_contain_text("Llamar mañana")


def attach_file(desk):
    pdf = {"name": "orden.pdf", "mimeType": "application/pdf", "buffer": PDF}
    desk.page.locator("[data-part=file-input]").set_input_files(pdf)
    expect(desk.page.locator("[data-line=own] [data-part=file-name]")).to_have_text("orden.pdf")


def recall_message(desk):
    desk.send_messages("Queda para otra persona")
    desk.find_message("Queda para otra persona", "own").locator("[data-do=undo]").click()
    expect(desk.page.locator("[data-line].is-recalled")).to_have_count(1)


def test_chat_with_more_than_messages_is_loaded_once(profiles, site):
    pair = site.add_pair()
    desk = profiles.desk(pair)
    for prepare in (attach_file, recall_message, write_note):
        prepare(desk)
    page = desk.page.context.new_page()
    load_chat(page, site, pair.chat_id)
    addresses, text = load_chat(page, site, pair.chat_id)
    assert len(addresses) <= MOST_AGAIN, addresses
    assert not [address for address in addresses if LOADED_AGAIN.search(address)]
    for shown in ("Llamar mañana", "orden.pdf", "Mensaje retirado."):
        assert shown in text


def test_modules_do_not_wait_for_each_other(profiles, site):
    """The head of the page names every module, so that none is found only by loading another one."""
    pair = site.add_pair()
    context = profiles.new_context()
    set_session_cookie(context, site, pair.agent)
    page = context.new_page()
    loaded = []
    page.on("request", lambda request: loaded.append(request.url) if request.url.endswith(".js") else None)
    page.goto(f"{site.origin}/agente")
    expect(page.locator("#connection")).to_have_attribute("data-state", "open")
    named = page.eval_on_selector_all(
        "link[rel=modulepreload], script[src]", "all => all.map((one) => one.href || one.src)"
    )
    assert len(named) > 30
    assert sorted(loaded) == sorted(named)


INITIAL_STATE = {"agent_connected", "agent_chats", "all_appointments", "online_users"}


def draw_desk(profiles, site, pair, address="/agente"):
    """Return the agent's page as it was drawn, and the request for the token that its socket waits for."""
    context, held = profiles.new_context(), []
    set_session_cookie(context, site, pair.agent)
    page = context.new_page()
    page.route("**/sesion/token", lambda route: held.append(route), times=1)
    with page.expect_request("**/sesion/token"):
        page.goto(f"{site.origin}{address}")
    page.title()  # answered after the request was held
    return page, held[0]


@pytest.fixture
def drawn(profiles, site):
    """A pair, the agent's page as it was drawn, and the request for the token that its socket waits for."""
    pair = site.add_pair()
    return pair, *draw_desk(profiles, site, pair)


def open_socket(page, held):
    """Let the page open its socket; return the events of the initial state, which ends with who is online."""
    events = []

    def is_last(text):
        events.append(json.loads(text)["event"])
        return events[-1] == "online_users"

    with page.expect_websocket() as opening:
        held.continue_()
    opening.value.wait_for_event("framereceived", is_last)
    return [event for event in events if event in INITIAL_STATE]


def test_desk_is_not_sent_what_it_has_just_drawn(drawn):
    _, page, held = drawn
    assert open_socket(page, held) == ["agent_connected", "online_users"]


def test_desk_drawn_before_a_message_is_brought_up_to_date(drawn, profiles):
    pair, page, held = drawn
    member = profiles.member(pair)
    member.send_messages("Antes de que abra")
    member.expect_own_message("Antes de que abra", "sent")
    assert open_socket(page, held) == ["agent_connected", "agent_chats", "online_users"]
    expect(page.locator(f"#chat-{pair.chat_id}")).to_contain_text("Antes de que abra")
    expect(page.locator(f"#chat-{pair.chat_id}")).to_have_attribute("data-unread", "1")


def test_chat_drawn_before_a_note_and_a_tag_is_brought_up_to_date(profiles, site):
    """Nothing tells the page of what was written after it was drawn and before it was connected."""
    pair = site.add_pair()
    page, held = draw_desk(profiles, site, pair, f"/agente?chat={pair.chat_id}")
    site.add_note(pair.chat_id, site.add_agent("Paola"), "Ya la llamé")
    site.tag_chat(pair.chat_id, f"Antes {pair.chat_id}")
    open_socket(page, held)
    expect(page.locator(".note")).to_contain_text("Ya la llamé")
    expect(page.locator("#chat [data-tag-name]")).to_contain_text(f"Antes {pair.chat_id}")
    expect(page.locator("#about .about-in")).to_contain_text(f"Antes {pair.chat_id} · 1 nota")


def test_what_the_panel_missed_while_the_connection_was_away_is_fetched(profiles, site):
    pair = site.add_pair()
    desk = profiles.desk(pair)
    desk.page.goto(f"{site.origin}/agente?chat={pair.chat_id}")
    expect(desk.page.locator("#connection")).to_have_attribute("data-state", "open")
    profiles.expect_console_errors("ERR_INTERNET_DISCONNECTED")
    go_offline(desk.page)
    expect(desk.page.locator("#connection")).to_have_attribute("data-state", "waiting")
    site.tag_chat(pair.chat_id, f"Ausente {pair.chat_id}")
    desk.page.context.set_offline(False)
    expect(desk.page.locator("#chat [data-tag-name]")).to_contain_text(f"Ausente {pair.chat_id}")
