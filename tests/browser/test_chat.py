"""A member and an agent chat, each in a browser profile of their own."""

import pytest
from playwright.sync_api import expect

from tests.browser.page_objects import sign_in_agent, sign_in_member


@pytest.fixture(scope="module")
def settings():
    return {"BENEFICIATE_PRESENCE_GRACE_S": 1}


@pytest.fixture
def pair(site):
    return site.add_pair()


def test_member_and_agent_sign_in_chat_and_reload(profiles, site):
    desk = sign_in_agent(profiles.new_context().new_page(), site, "agente1@demo.beneficiate.co")
    ana = sign_in_member(profiles.new_context().new_page(), site)
    chat_id = site.chat_of("ana@demo.beneficiate.co")
    desk.open_chat(chat_id)
    expect(ana.page.locator("#demo-me")).to_have_text("Ana María Rojas")
    expect(desk.page.locator("#chat-title")).to_have_text("Ana María Rojas")

    ana.send_messages("¿Me confirma la cita de Mateo?")
    desk.expect_message("¿Me confirma la cita de Mateo?")
    ana.expect_own_message("¿Me confirma la cita de Mateo?", "read")
    desk.send_messages("Claro que sí, doña Ana.", "Es el jueves a las 8:00 a. m.")
    ana.expect_message("Claro que sí, doña Ana.")
    ana.expect_message("Es el jueves a las 8:00 a. m.")
    desk.expect_own_message("Es el jueves a las 8:00 a. m.", "read")
    expect(desk.row(chat_id).locator(".row-say")).to_contain_text("Usted: Es el jueves")

    for side in (desk, ana):
        before = side.message_texts()
        assert len(before) > 10
        side.page.reload()
        side.wait_connected()
        expect(side.page.locator("[data-line]")).to_have_count(len(before))
        assert side.message_texts() == before
    desk.expect_own_message("Claro que sí, doña Ana.", "read")
    ana.expect_own_message("¿Me confirma la cita de Mateo?", "read")


def test_typing_is_shown_and_ends_on_both_sides(profiles, pair):
    desk, member = profiles.desk(pair), profiles.member(pair)

    member.message.press_sequentially("Bue")
    expect(desk.typing).to_be_visible()
    expect(desk.typing).to_contain_text(f"{pair.member.user.first_name} {pair.member.user.last_name} está escribiendo")
    expect(member.typing).to_be_hidden()
    member.message.fill("")
    expect(desk.typing).to_be_hidden()

    desk.message.press_sequentially("Hol")
    expect(member.typing).to_contain_text(f"{pair.agent.user.first_name} está escribiendo")
    desk.message.press("Enter")
    member.expect_message("Hol")
    expect(member.typing).to_be_hidden()


def test_typing_ends_after_a_pause(profiles, pair):
    desk, member = profiles.desk(pair), profiles.member(pair)
    member.page.clock.install()
    member.message.press_sequentially("Bue")
    expect(desk.typing).to_be_visible()

    member.page.clock.fast_forward(5_000)
    expect(desk.typing).to_be_hidden(timeout=3_000)
    expect(member.message).to_have_value("Bue")


def test_typing_ends_without_a_stop_event(profiles, pair):
    desk, member = profiles.desk(pair), profiles.member(pair)
    desk.page.clock.install()
    member.message.press_sequentially("Bue")
    expect(desk.typing).to_be_visible()
    member.page.context.set_offline(True)

    desk.page.clock.fast_forward(9_000)
    expect(desk.typing).to_be_hidden(timeout=3_000)


def test_message_is_sent_then_delivered_then_read(profiles, pair):
    member = profiles.member(pair)
    member.send_messages("¿Hay alguien?")
    message = member.expect_own_message("¿Hay alguien?", "sent")
    expect(message.locator(".w-sent")).to_contain_text("Enviado")

    desk = profiles.desk(pair, picked=False)
    member.send_messages("¿Buenas?")
    message = member.expect_own_message("¿Buenas?", "delivered")
    member.expect_own_message("¿Hay alguien?", "delivered")
    expect(message.locator(".w-sent")).to_contain_text("Entregado")

    desk.open_chat(pair.chat_id)
    member.expect_own_message("¿Hay alguien?", "read")
    expect(message.locator(".w-sent")).to_contain_text("Leído")


def test_unread_messages_are_counted_in_the_row_the_rail_and_the_title(profiles, pair):
    desk, member = profiles.desk(pair, picked=False), profiles.member(pair)
    desk.expect_unread(pair.chat_id, 0)

    member.send_messages("Uno", "Dos")
    desk.expect_unread(pair.chat_id, 2)
    expect(desk.row(pair.chat_id)).to_contain_text("2 sin leer")
    expect(desk.row(pair.chat_id).locator(".row-say")).to_contain_text("Dos")

    desk.page.reload()
    desk.expect_unread(pair.chat_id, 2)
    desk.open_chat(pair.chat_id)
    desk.expect_unread(pair.chat_id, 0)
    member.expect_own_message("Uno", "read")


def test_drafts_survive_a_reload_on_both_sides(profiles, pair):
    sides = profiles.desk(pair), profiles.member(pair)
    for side in sides:
        side.message.fill("Lo dejo a\nmedias")

    for side in sides:
        side.page.reload()
        expect(side.message).to_have_value("Lo dejo a\nmedias")
        side.message.press("Enter")
        side.expect_own_message("Lo dejo a\nmedias", "read")
        side.page.reload()
        side.wait_connected()
        expect(side.find_message("Lo dejo a\nmedias", "own")).to_have_count(1)
        expect(side.message).to_have_value("")


PASTE = """(text, pasted) => {
  text.focus();
  document.execCommand("insertText", false, pasted);
}"""


def test_long_text_is_counted_and_neither_cut_nor_sent(profiles, pair):
    for side in (profiles.desk(pair), profiles.member(pair)):
        hint = side.page.locator("#message-hint")
        side.message.evaluate(PASTE, "ñ" * 3_599)
        expect(hint).to_have_text("")
        side.message.evaluate(PASTE, "🙂")
        expect(hint).to_have_text("Caracteres que le quedan: 400.")
        side.message.evaluate(PASTE, "x" * 2_400)
        expect(hint).to_have_text("Caracteres de más: 2000. Divida el mensaje en dos.")
        side.message.press("Enter")
        assert len(side.message.input_value()) == 6_000
        expect(side.page.locator("[data-line=own]")).to_have_count(0)
        side.message.fill("Corto")
        expect(hint).to_have_text("")


def test_half_a_character_is_sent_as_one_that_can_be_read(profiles, pair):
    desk, member = profiles.desk(pair), profiles.member(pair)
    for side, other in ((desk, member), (member, desk)):
        side.message.evaluate(PASTE, "Cortado \ud83d\u0007")
        side.message.press("Enter")
        other.expect_message("Cortado \ufffd")


def test_enter_that_ends_a_composition_does_not_send(profiles, pair):
    for side in (profiles.desk(pair), profiles.member(pair)):
        side.message.fill("日本")
        # Safari has ended the composition by then, and tells only by this code.
        side.message.evaluate(
            """text => text.dispatchEvent(new KeyboardEvent("keydown",
            { key: "Enter", keyCode: 229, bubbles: true, cancelable: true, composed: true }))"""
        )
        expect(side.message).to_have_value("日本")
        expect(side.page.locator("[data-line=own]")).to_have_count(0)


def test_message_text_is_never_markup(profiles, pair):
    desk, member = profiles.desk(pair), profiles.member(pair)
    text = '<img src=x onerror="alert(1)"> & <b>negrita</b> {{ 7*7 }} 👩‍⚕️'

    member.send_messages(text)
    desk.expect_message(text)
    desk.page.reload()
    desk.expect_message(text)
    expect(desk.row(pair.chat_id).locator(".row-say")).to_contain_text("<b>negrita</b> {{ 7*7 }}")


def test_closed_chat_is_seen_on_both_sides(profiles, pair):
    desk, member = profiles.desk(pair), profiles.member(pair)
    desk.send_messages("Que esté muy bien.")
    member.expect_message("Que esté muy bien.")

    desk.page.locator("#close-chat").click()
    desk.page.locator("#close-dialog-stay").click()
    expect(desk.message).to_be_visible()
    desk.close_chat()

    for side in (desk, member):
        expect(side.closed_notice).to_be_visible()
        expect(side.message).to_be_hidden()
        expect(side.page.locator("[data-line=system]")).to_have_count(1)
    expect(desk.page.locator("#close-chat")).to_be_hidden()
    expect(desk.row(pair.chat_id).locator(".row-foot")).to_contain_text("Cerrado")
    for side in (desk, member):
        side.page.reload()
        expect(side.closed_notice).to_be_visible()
        expect(side.find_message("Que esté muy bien.")).to_have_count(1)
    desk.page.goto(f"{desk.site.origin}/agente")
    expect(desk.page.locator("#no-chats")).to_be_visible()


def test_waiting_member_is_taken_from_the_queue(profiles, site, pair, new_tab):
    site.empty_queue()
    desk, member = profiles.desk(pair), profiles.member(pair)
    desk.close_chat()
    expect(member.closed_notice).to_be_visible()
    waiting = site.add_waiting_chat(pair.member)
    member.open()
    expect(member.page.locator("#queue")).to_be_visible()
    member.send_messages("¿Me ayuda con otra cosita?")
    member.message.fill("Es que")
    desk.open()
    other_tab = new_tab(desk)
    expect(desk.page.locator("#waiting")).to_contain_text("1 en espera")

    desk.page.locator("#waiting [data-do=take]").click()
    desk.expect_message("¿Me ayuda con otra cosita?")
    for tab in (desk, other_tab):
        expect(tab.row(waiting)).to_be_visible()
        expect(tab.page.locator("#waiting")).to_be_hidden()
    desk.send_messages("Con mucho gusto.")
    member.expect_message("Con mucho gusto.")
    expect(member.page.locator("#head-name")).to_have_text(pair.agent.user.name)
    expect(member.message).to_have_value("Es que")
    expect(member.message).to_be_focused()
    member.expect_own_message("¿Me ayuda con otra cosita?", "read")


def test_all_tabs_of_a_person_show_the_same(profiles, pair, new_tab):
    desk, member = profiles.desk(pair, picked=False), profiles.member(pair)
    other_desk, other_member = new_tab(desk), new_tab(member)

    member.send_messages("Desde una pestaña")
    other_member.expect_own_message("Desde una pestaña", "delivered")
    for tab in (desk, other_desk):
        tab.expect_unread(pair.chat_id, 1)

    desk.open_chat(pair.chat_id)
    for tab in (desk, other_desk):
        tab.expect_unread(pair.chat_id, 0)
    for tab in (member, other_member):
        tab.expect_own_message("Desde una pestaña", "read")

    other_desk.open_chat(pair.chat_id)
    other_desk.send_messages("Respuesta")
    desk.expect_own_message("Respuesta", "read")
    for tab in (member, other_member):
        tab.expect_message("Respuesta")


def test_presence_changes_on_both_sides(profiles, pair, new_tab):
    desk = profiles.desk(pair)
    row_says, head = desk.row(pair.chat_id).locator(".vh [data-presence]"), desk.page.locator("#chat-presence")
    expect(head).to_have_text("Sin conexión")

    member = profiles.member(pair)
    tab = new_tab(member)
    expect(head).to_have_text("En línea")
    expect(row_says).to_have_text("en línea")
    expect(member.page.locator("#head-status")).to_have_text("En línea")

    tab.page.close()
    desk.page.reload()
    expect(head).to_have_text("En línea")
    member.page.goto("about:blank")
    expect(head).to_have_text("Sin conexión")
    expect(row_says).to_have_text("sin conexión")

    member.open()
    expect(head).to_have_text("En línea")
    # Nobody waits in the chat of an agent who is gone for good: it is theirs until the member writes.
    desk.page.goto("about:blank")
    expect(member.page.locator("#head-status")).to_have_text("Le responde apenas pueda")
    member.send_messages("¿Sigue ahí?")
    expect(member.page.locator("#queue")).to_be_visible()


def test_sign_out_in_one_tab_signs_out_the_others(profiles, pair, new_tab):
    member = profiles.member(pair)
    other = new_tab(member)

    member.sign_out()
    for tab in (member, other):
        expect(tab.page.locator("#sign-in")).to_be_visible()
        expect(tab.panel).to_have_attribute("data-signed-in", "false")
