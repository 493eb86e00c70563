"""Requests of a page: all modules at once on the first load, and no file again on the second."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.page_checks import Requests
from tests.browser.page_objects import set_session_cookie

MOST_AGAIN = 6


@pytest.mark.parametrize("has_chat", [False, True], ids=["list", "chat"])
def test_second_load_of_desk_fetches_no_file(profiles, site, has_chat):
    """The limit counts HTTP requests; the WebSocket is one more."""
    pair = site.add_pair()
    context = profiles.new_context()
    set_session_cookie(context, site, pair.agent)
    for load, most in (("first", 60), ("second", MOST_AGAIN)):
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


@pytest.fixture
def drawn(profiles, site):
    """A pair, the agent's page as it was drawn, and the request for the token that its socket waits for."""
    pair, held = site.add_pair(), []
    context = profiles.new_context()
    set_session_cookie(context, site, pair.agent)
    page = context.new_page()
    page.route("**/sesion/token", lambda route: held.append(route), times=1)
    with page.expect_request("**/sesion/token"):
        page.goto(f"{site.origin}/agente")
    return pair, page, held[0]


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
