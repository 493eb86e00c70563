"""What people see when the connection is lost; every message that they wrote arrives once and in order."""

import json
import re

import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.browser.page_objects import go_offline

RECONNECTING = re.compile("^Reconectando…")
CUT = r"ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED"
SHUT_OUT = r"status of (401|403)|HTTP Authentication failed"


@pytest.fixture
def pair(site):
    return site.add_pair()


@pytest.fixture
def cut(profiles):
    """Allow the console errors of a test that cuts connections."""
    profiles.expect_console_errors(CUT)


class SocketProxy:
    """Between a page and the server's socket: it can refuse, be silent, and answer in place of the server."""

    def __init__(self, page) -> None:
        self.is_shut = self.is_silent = False
        self.answers = []
        self._open = None
        page.route_web_socket("**/ws**", self._pass)

    def shut(self):
        self.is_shut = True
        self.close(1012)

    def close(self, code):
        self._open.close(code=code)

    def _pass(self, here: WebSocketRoute):
        if self.is_shut:
            here.close(code=1013)
            return
        self._open, there = here, here.connect_to_server()

        def to_server(text):
            frame = json.loads(text)
            if "client_id" in frame and self.answers:
                here.send(json.dumps({"event": "error", "id": frame["id"], "error": "", **self.answers.pop(0)}))
            else:
                there.send(text)

        def to_page(text):
            if not self.is_silent:
                here.send(text)

        here.on_message(to_server)
        there.on_message(to_page)


@pytest.fixture
def proxied_member(profiles, pair):
    """Return the member of the pair, and the proxy of their socket."""
    member = profiles.member(pair)
    proxy = SocketProxy(member.page)
    member.open()
    return member, proxy


@pytest.fixture
def proxied_desk(profiles, pair):
    """Return the agent of the pair, and the proxy of their socket."""
    desk = profiles.desk(pair)
    proxy = SocketProxy(desk.page)
    return desk.open(pair.chat_id), proxy


def test_no_message_is_lost_in_a_crash_of_the_server(profiles, cut, site, pair):
    desk, member = profiles.desk(pair), profiles.member(pair)
    desk.send_messages("D1", "D2")
    member.send_messages("M1", "M2")
    member.expect_own_message("M2", "read")

    site.kill()
    desk.send_messages("D3", "D4", "D5")
    member.send_messages("M3", "M4", "M5")
    for side in (desk, member):
        expect(side.connection_bar).to_be_visible()
        expect(side.connection_bar.locator("[data-part=say]")).to_have_text(RECONNECTING)
    desk.expect_own_message("D3", "sending")
    member.expect_own_message("M5", "sending")

    site.start()
    for side in (desk, member):
        side.wait_connected()
        expect(side.connection_bar).to_be_hidden()
    desk.send_messages("D6")
    member.send_messages("M6")
    desk.expect_own_message("D6", "read")
    member.expect_own_message("M6", "read")

    stored = site.stored_messages(pair.chat_id)
    written = {letter: [text for _, _, text in stored if text.startswith(letter)] for letter in "DM"}
    assert written == {letter: [f"{letter}{n}" for n in range(1, 7)] for letter in "DM"}
    assert [seq for seq, _, _ in stored] == list(range(1, 13))
    for side in (desk, member):
        expect(side.page.locator("[data-line]")).to_have_count(12)
        assert side.message_texts() == [text for _, _, text in stored]
        assert side.message_seqs() == [str(seq) for seq, _, _ in stored]


def test_both_sides_reconnect_after_a_restart(profiles, cut, site, pair):
    profiles.expect_console_errors(r"status of 503")  # a request while the server shuts down
    desk, member = profiles.desk(pair), profiles.member(pair)

    site.stop()
    for side in (desk, member):
        expect(side.connection_bar).not_to_have_attribute("data-state", "open")
    site.start()

    for side in (desk, member):
        side.wait_connected()
    member.send_messages("Aquí sigo")
    desk.expect_message("Aquí sigo")


def test_message_written_offline_is_sent_after_reconnecting(profiles, cut, site, pair):
    desk, member = profiles.desk(pair), profiles.member(pair)
    member.page.clock.install()

    go_offline(member.page)
    member.send_messages("Desde el ascensor", "¿Me oye?")
    member.expect_own_message("Desde el ascensor", "sending")
    member.page.clock.fast_forward(6_000)  # the answer to "is anybody there?" does not come
    expect(member.connection_bar.locator("[data-part=say]")).to_have_text(RECONNECTING)
    desk.send_messages("Mientras tanto")

    member.page.context.set_offline(False)
    member.wait_connected()
    member.expect_own_message("¿Me oye?", "read")
    member.expect_message("Mientras tanto")
    assert [text for _, kind, text in site.stored_messages(pair.chat_id) if kind == "USER"] == [
        "Desde el ascensor",
        "¿Me oye?",
    ]
    assert member.message_texts() == desk.message_texts() == [text for _, _, text in site.stored_messages(pair.chat_id)]


def test_what_two_tabs_wrote_offline_arrives_in_the_order_in_which_it_was_written(profiles, cut, site, pair, new_tab):
    member = profiles.member(pair)
    other = new_tab(member)
    go_offline(member.page)
    member.send_messages("Desde el ascensor")
    other.expect_own_message("Desde el ascensor", "sending")
    other.send_messages("¿Me oye?")
    member.expect_own_message("¿Me oye?", "sending")
    member.send_messages("Sigo aquí")
    other.expect_own_message("Sigo aquí", "sending")

    member.page.context.set_offline(False)
    for tab in (member, other):
        tab.wait_connected()
        tab.expect_own_message("Sigo aquí", "sent")
    assert [text for _, kind, text in site.stored_messages(pair.chat_id) if kind == "USER"] == [
        "Desde el ascensor",
        "¿Me oye?",
        "Sigo aquí",
    ]


def test_page_that_was_closed_for_its_errors_comes_back_after_a_long_pause(proxied_member):
    member, proxy = proxied_member
    member.page.clock.install()
    proxy.close(1008)
    say = member.connection_bar.locator("[data-part=say]")
    expect(say).to_contain_text("demasiados mensajes con errores")
    member.send_messages("¿Siguen ahí?")
    member.page.clock.fast_forward(59_000)
    member.expect_own_message("¿Siguen ahí?", "sending")
    expect(member.connection_bar).to_have_attribute("data-state", "stopped")

    member.page.clock.fast_forward(61_000)
    member.wait_connected()
    member.expect_own_message("¿Siguen ahí?", "sent")


def test_unsent_messages_survive_a_reload(profiles, pair, proxied_desk):
    desk, proxy = proxied_desk
    member = profiles.member(pair)
    proxy.shut()
    desk.send_messages("Primera", "Segunda")
    desk.message.fill("Y un borrador")

    desk.page.reload()
    desk.expect_own_message("Primera", "sending")
    desk.expect_own_message("Segunda", "sending")
    assert desk.message_texts() == ["Primera", "Segunda"]
    expect(desk.message).to_have_value("Y un borrador")
    expect(desk.connection_bar.locator("[data-part=say]")).to_have_text("Conectando…")

    proxy.is_shut = False
    desk.wait_connected()
    desk.expect_own_message("Segunda", "read")
    member.expect_message("Primera")
    assert member.message_texts() == desk.message_texts() == ["Primera", "Segunda"]


def test_unsent_messages_of_a_closed_tab_are_sent_by_the_next_one(profiles, pair, proxied_member):
    member, proxy = proxied_member
    desk = profiles.desk(pair)
    proxy.shut()
    member.send_messages("Antes de cerrar")
    page = member.page.context.new_page()
    member.page.close()

    member.page = page
    page.goto(f"{member.site.origin}/demo")

    desk.expect_message("Antes de cerrar")
    member.expect_own_message("Antes de cerrar", "read")


def test_conversation_that_failed_to_load_is_loaded_again(profiles, site, pair, proxied_member):
    profiles.expect_console_errors("ERR_FAILED")
    member, proxy = proxied_member
    broken, again = member.page.locator("#broken"), member.page.locator("#broken-again")
    profiles.desk(pair).send_messages("Buenos días")
    member.expect_message("Buenos días")

    member.page.route("**/agent-chat/messages/**", lambda route: route.abort())
    member.page.reload()
    expect(broken).to_be_visible()
    again.click()
    expect(broken).to_be_visible()
    member.page.unroute_all()
    again.click()
    expect(broken).to_be_hidden()
    member.expect_message("Buenos días")

    member.page.route("**/agent-chat/messages/**", lambda route: route.abort())
    member.page.reload()
    expect(broken).to_be_visible()
    proxy.shut()
    member.page.unroute_all()
    proxy.is_shut = False
    member.expect_message("Buenos días")
    expect(broken).to_be_hidden()


def test_refused_message_shows_why_and_can_be_retried_or_discarded(profiles, pair, proxied_member):
    member, proxy = proxied_member
    desk = profiles.desk(pair)
    refusal = {"code": "forbidden", "message": "Hoy no se puede."}
    proxy.answers = [refusal, refusal]

    member.send_messages("Con suerte", "Sin suerte")
    for text in ("Con suerte", "Sin suerte"):
        reason = member.expect_own_message(text, "failed").locator("[data-part=why]")
        expect(reason).to_have_text("No se pudo enviar. Hoy no se puede.")
    member.page.reload()
    member.expect_own_message("Con suerte", "failed").locator("[data-do=retry]").click()
    member.expect_own_message("Con suerte", "read")
    member.expect_own_message("Sin suerte", "failed").locator("[data-do=discard]").click()
    expect(member.find_message("Sin suerte")).to_have_count(0)

    desk.expect_message("Con suerte")
    member.page.reload()
    member.expect_own_message("Con suerte", "read")
    assert desk.message_texts() == member.message_texts() == ["Con suerte"]


def test_unreadable_message_does_not_delay_the_next_one_and_can_be_edited(profiles, pair, proxied_member):
    member, proxy = proxied_member
    desk = profiles.desk(pair)
    # What the server says of a frame whose id it could not read.
    proxy.answers = [{"code": "bad_frame", "message": "El mensaje no se entendió.", "id": None}]

    member.send_messages("Ilegible", "Y la siguiente")
    desk.expect_message("Y la siguiente")
    failed = member.expect_own_message("Ilegible", "failed")
    expect(failed.locator("[data-part=why]")).to_have_text("No se pudo enviar. El mensaje no se entendió.")
    expect(failed.locator("[data-do=retry]")).to_have_count(0)
    failed.locator("[data-do=edit]").click()
    expect(member.message).to_have_value("Ilegible")
    expect(member.message).to_be_focused()
    expect(member.find_message("Ilegible")).to_have_count(0)

    member.send_messages("Legible")
    desk.expect_message("Legible")


def test_message_to_a_chat_closed_meanwhile_is_marked_failed(profiles, pair, proxied_member):
    member, proxy = proxied_member
    desk = profiles.desk(pair)
    proxy.shut()
    member.send_messages("Espere, otra pregunta")
    desk.close_chat()

    proxy.is_shut = False
    member.wait_connected()
    expect(member.closed_notice).to_be_visible()
    message = member.expect_own_message("Espere, otra pregunta", "failed")
    expect(message.locator("[data-part=why]")).to_contain_text("cerrad")
    expect(message.locator("[data-do=discard]")).to_be_visible()


def test_deactivated_agent_is_notified_and_cannot_sign_in(profiles, site, pair):
    profiles.expect_console_errors(SHUT_OUT)
    desk = profiles.desk(pair)
    desk.page.wait_for_load_state("networkidle")  # a request that is refused would lead to the sign-in at once
    site.run_cli("deactivate", pair.agent.user.email)

    expect(desk.connection_bar).to_have_attribute("data-state", "stopped")
    expect(desk.connection_bar).to_contain_text("Su cuenta ya no tiene acceso.")
    desk.send_messages("Todavía aquí")
    desk.expect_own_message("Todavía aquí", "sending")
    desk.connection_bar.locator("[data-do=reload]").click()
    expect(desk.page.locator("#login-form")).to_be_visible()
    assert all(sender != "AGENT" for _, sender, _ in site.stored_messages(pair.chat_id))


def test_deactivated_member_is_notified_and_the_agent_continues(profiles, site, pair):
    profiles.expect_console_errors(SHUT_OUT)
    desk, member = profiles.desk(pair), profiles.member(pair)
    site.run_cli("deactivate", pair.member.user.email)

    expect(member.connection_bar).to_contain_text("Su cuenta ya no tiene acceso.")
    expect(desk.connection_bar).to_be_hidden()
    member.connection_bar.locator("[data-do=again]").click()
    expect(member.page.locator("#sign-in")).to_be_visible()
