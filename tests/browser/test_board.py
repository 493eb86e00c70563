"""The supervisors' board: it moves by itself, its numbers open their lists, and it says when it is old."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.page_checks import find_page_problems
from tests.browser.page_objects import set_session_cookie
from tests.browser.test_connection import CUT, SocketProxy


@pytest.fixture
def pair(site):
    return site.add_pair()


def open_board(profiles, site):
    context = profiles.new_context(bypass_csp=True, reduced_motion="reduce")
    set_session_cookie(context, site, site.add_supervisor())
    page = context.new_page()
    proxy = SocketProxy(page)
    page.goto(f"{site.origin}/supervisor")
    expect(page.locator("#fresh")).to_contain_text("En vivo, al instante")
    return page, proxy


def figure(page, code):
    return page.locator(f"[data-figure={code}]").first


def answer_member(profiles, pair):
    """Let the member write and the agent answer; return the desk."""
    desk, member = profiles.desk(pair), profiles.member(pair)
    member.send_messages("¿Me ayuda?")
    desk.expect_message("¿Me ayuda?")
    desk.send_messages("Con gusto")
    member.expect_message("Con gusto")
    return desk


def test_board_moves_with_what_happens_and_each_number_opens_its_list(profiles, site, pair):
    desk = answer_member(profiles, pair)
    page, _ = open_board(profiles, site)
    before = int(figure(page, "resolved").inner_text())
    link = figure(page, "resolved")
    link.focus()
    desk.close_chat()
    expect(link).to_have_text(str(before + 1))
    expect(link).to_be_focused()
    found = find_page_problems(page)
    link.click()
    expect(page.locator("#figure")).to_have_text(str(before + 1))
    expect(page.locator("#facts tbody tr")).to_have_count(before + 1)
    expect(page.locator("#facts tbody tr").first).to_contain_text(pair.member.user.name)
    found += find_page_problems(page)
    page.goto(f"{site.origin}/supervisor/definiciones")
    expect(page.locator("#resolved")).to_contain_text("Chats resueltos")
    assert found + find_page_problems(page) == []


def test_board_says_that_it_is_old_without_a_connection(profiles, site, pair):
    profiles.expect_console_errors(CUT)
    page, proxy = open_board(profiles, site)
    proxy.shut()
    fresh = page.locator("#fresh")
    expect(fresh).to_contain_text(re.compile(r"Sin conexión, lo que ve es de hace \d+ s"))
    expect(page.locator("#connection")).to_be_visible()
    desk = answer_member(profiles, pair)
    before = figure(page, "resolved").inner_text()
    desk.close_chat()
    expect(figure(page, "resolved")).to_have_text(before)
    proxy.is_shut = False
    expect(fresh).to_contain_text("En vivo, al instante", timeout=20_000)
    expect(figure(page, "resolved")).not_to_have_text(before)


def test_agent_is_set_away_and_their_chat_assigned_from_the_board(profiles, site, pair):
    other = site.add_pair("Beto", "Omar").agent
    page, _ = open_board(profiles, site)
    desk, member = profiles.desk(pair), profiles.member(pair)
    member.send_messages("¿Me ayuda?")
    desk.expect_message("¿Me ayuda?")
    desk.page.locator("#availability").click()
    desk.page.locator("#availability-menu [data-availability=available]").click()

    row = page.locator(f'tr[data-agent-id="{pair.agent.agent_id}"]')
    row.get_by_role("button", name=f"Poner ausente a {pair.agent.user.name}").click()
    away = page.locator("#away-dialog")
    expect(away).to_contain_text("Conserva su chat abierto.")
    away.get_by_label("Motivo").fill("Capacitación")
    found = find_page_problems(page)
    away.get_by_role("button", name="Poner ausente").click()
    expect(away).to_be_hidden()
    expect(row).to_contain_text("Por decisión de")
    expect(row.get_by_role("button", name="Poner ausente")).to_have_count(0)
    expect(desk.page.locator("#away-bar")).to_contain_text("Capacitación")

    row.locator("summary").click()
    row.get_by_role("button", name=f"Reasignar el chat de {pair.member.user.name}").click()
    assigning = page.locator("#give-dialog")
    assigning.get_by_role("button", name="Asignar").click()
    expect(assigning.get_by_role("alert")).to_be_visible()
    found += find_page_problems(page)
    assigning.get_by_role("radio", name=other.user.name).check()
    assigning.get_by_role("button", name="Asignar").click()
    assigning.get_by_role("button", name="Enviar a la fila").click()
    expect(page.locator("#toasts")).to_contain_text("otra persona del equipo")
    waiting = page.locator(f'tr[data-chat-id="{pair.chat_id}"]')
    expect(waiting.get_by_role("button", name="Asignar")).to_be_visible()
    assert found == []
