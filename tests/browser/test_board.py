"""The supervisors' board: it moves by itself, its numbers open their lists, and it says when it is old."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.browser.page_checks import FIGURE_WIDTHS, find_crowded_figures, find_page_problems
from tests.browser.page_objects import set_session_cookie
from tests.browser.test_connection import CUT, SocketProxy


@pytest.fixture
def pair(site):
    return site.add_pair()


def open_board(profiles, site, *, has_clock=False):
    context = profiles.new_context(bypass_csp=True, reduced_motion="reduce")
    set_session_cookie(context, site, site.add_supervisor())
    page = context.new_page()
    if has_clock:
        page.clock.install()
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


def ask_available_agent(profiles, pair):
    """Let the member write to an agent who becomes available; return the desk."""
    desk, member = profiles.desk(pair), profiles.member(pair)
    member.send_messages("¿Me ayuda?")
    desk.expect_message("¿Me ayuda?")
    desk.page.locator("#availability").click()
    desk.page.locator("#availability-menu [data-availability=available]").click()
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


LONGEST_FIGURES = ["1.234", "12 d 23 h", "1.234", "12 d 23 h", "100,0 %", "5,00", "1.234", "$ 199.480.000"]
USUAL_FIGURES = ["3", "5 d 7 h", "12", "1 h 05", "14,3 %", "5,00", "29", "$ 1.480.000"]
FIGURES_OF_ONE_LINE = ["3", "4:12", "12", "1 h 05", "14,3 %", "5,00", "29", "$ 1.480.000"]


def test_figures_keep_to_their_cells_at_every_width_and_to_one_line_on_wide_screens(profiles, site):
    page, _ = open_board(profiles, site)
    for texts, widths in (
        (LONGEST_FIGURES, FIGURE_WIDTHS),
        (USUAL_FIGURES, FIGURE_WIDTHS),
        (FIGURES_OF_ONE_LINE, (1440,)),
    ):
        assert find_crowded_figures(page, widths, [text.replace(" ", "\u00a0") for text in texts]) == []
    for width in (1920, 1600, 1440, 1380, 1280, 1024, 900):
        page.set_viewport_size({"width": width, "height": 900})
        tops = page.locator(".figures-row").evaluate_all(
            "rows => rows.map(row => new Set([...row.children].map(one => one.offsetTop)).size)"
        )
        assert (width, tops) == (width, [1, 1])


def test_board_says_that_it_is_old_without_a_connection(profiles, site, pair):
    profiles.expect_console_errors(CUT)
    page, proxy = open_board(profiles, site)
    proxy.shut()
    fresh = page.locator("#fresh")
    expect(fresh).to_contain_text(re.compile(r"Sin conexión, lo que ve es de hace \d+ s"))
    expect(page.locator("#connection")).to_be_visible()
    size = page.viewport_size
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.set_viewport_size(size)
    desk = answer_member(profiles, pair)
    before = figure(page, "resolved").inner_text()
    desk.close_chat()
    expect(figure(page, "resolved")).to_have_text(before)
    proxy.is_shut = False
    expect(fresh).to_contain_text("En vivo, al instante", timeout=20_000)
    expect(figure(page, "resolved")).not_to_have_text(before)


def test_present_section_is_in_sight_on_a_phone_and_covers_no_other(profiles, site):
    context = profiles.new_context(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    set_session_cookie(context, site, site.add_supervisor())
    page = context.new_page()
    for path in ("/agente", "/supervisor", "/supervisor/auditoria", "/supervisor/ajustes"):
        page.goto(f"{site.origin}{path}")
        expect(page.locator(".rail [aria-current=page]"), path).to_be_in_viewport(ratio=1)
        boxes = page.locator(".rail-item:visible").evaluate_all(
            "items => items.map(item => item.getBoundingClientRect()).map(box => [box.left, box.right])"
        )
        assert all(one[1] <= two[0] for one, two in pairwise(boxes)), path


def test_board_is_as_old_as_the_last_sign_of_the_server(profiles, site):
    """A dead line is noticed after 40 s at the latest; the board was of now until the last answered ping."""
    page, proxy = open_board(profiles, site, has_clock=True)
    fresh = page.locator("#fresh")
    page.clock.run_for(60_000)
    expect(fresh).to_contain_text("En vivo, al instante")
    proxy.is_silent = proxy.is_shut = True
    page.clock.run_for(50_000)
    expect(fresh).to_contain_text("Sin conexión")
    age = int(re.search(r"lo que ve es de hace (\d+) s", fresh.inner_text())[1])
    assert 40 <= age <= 72


def test_agent_is_set_away_and_their_chat_assigned_from_the_board(profiles, site, pair):
    other = site.add_pair("Beto", "Omar").agent
    page, _ = open_board(profiles, site)
    desk = ask_available_agent(profiles, pair)

    row = page.locator(f'tr[data-agent-id="{pair.agent.agent_id}"]')
    expect(row.locator("[data-figure=active]")).to_have_text("1")
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
    expect(page.locator("#toasts")).to_contain_text(f"El chat está en la fila. Si {other.user.name} llega a tiempo")
    waiting = page.locator(f'tr[data-chat-id="{pair.chat_id}"]')
    expect(waiting.get_by_role("button", name="Asignar")).to_be_visible()
    assert found == []


def test_chat_that_somebody_got_meanwhile_is_assigned_only_when_asked_again(profiles, site, pair):
    rosa = site.add_member("Rosa")
    waiting = site.add_waiting_chat(rosa)
    page, _ = open_board(profiles, site)
    desk, omar = profiles.desk(pair), site.add_pair("Beto", "Omar")
    there = profiles.desk(omar)
    page.get_by_role("button", name=f"Asignar el chat de {rosa.user.name}").click()
    assigning = page.locator("#give-dialog")
    assigning.get_by_role("radio", name=omar.agent.user.name).check()
    desk.page.goto(f"{site.origin}/agente?chat={waiting}")
    expect(desk.page.locator("#chat")).to_contain_text(rosa.user.name)
    desk.page.locator("#take-chat").click()
    expect(desk.message).to_be_visible()
    assigning.get_by_role("button", name="Asignar").click()
    expect(assigning.get_by_role("alert")).to_contain_text(f"Ahora lo tiene {pair.agent.user.name}")
    found = find_page_problems(page)
    assigning.get_by_role("button", name="Asignar").click()
    expect(page.locator("#toasts")).to_contain_text(f"el chat pasó a {omar.agent.user.name}")
    expect(there.row(waiting)).to_be_visible()
    assert found == []


def test_supervisor_whispers_takes_over_and_learns_that_a_chat_was_closed(profiles, site, pair):
    page, _ = open_board(profiles, site)
    desk = answer_member(profiles, pair)
    row = page.locator(f'tr[data-agent-id="{pair.agent.agent_id}"]')
    row.locator("summary").click()
    row.get_by_role("button", name=f"Susurrar a {pair.agent.user.name}").click()
    whisper = page.locator("#whisper-dialog")
    expect(whisper).to_contain_text(f"Es una nota en el chat de {pair.member.user.name}. El afiliado no la ve.")
    whisper.get_by_role("button", name="Susurrar").click()
    expect(whisper.get_by_role("alert")).to_be_visible()
    found = find_page_problems(page)
    whisper.get_by_label("Nota").fill("Ofrézcale la cita del jueves")
    whisper.get_by_role("button", name="Susurrar").click()
    expect(whisper).to_be_hidden()
    expect(desk.page.locator("#chat")).to_contain_text("Ofrézcale la cita del jueves")

    row.get_by_role("button", name=f"Tomar el chat de {pair.member.user.name}").click()
    taking = page.locator("#take-over-dialog")
    expect(taking).to_contain_text(pair.member.user.name)
    desk.close_chat()
    taking.get_by_role("button", name="Tomar el chat").click()
    expect(taking.get_by_role("alert")).to_be_visible()
    taking.get_by_role("button", name="Dejarlo como está").click()
    expect(row.locator("summary")).to_have_count(0)
    assert found == []


def test_board_is_about_the_chosen_topic_which_the_address_keeps(profiles, site, pair):
    page, _ = open_board(profiles, site)
    topic = page.get_by_label("Tema")
    topic.select_option("-")
    expect(page.locator("#board")).to_contain_text("Solo chats sin tema.")
    expect(page).to_have_url(re.compile(r"/supervisor\?tema=-$"))
    found = find_page_problems(page)
    before = int(figure(page, "resolved").inner_text())
    answer_member(profiles, pair).close_chat()
    expect(figure(page, "resolved")).to_have_text(str(before + 1))
    figure(page, "resolved").click()
    expect(page.locator("#facts tbody tr")).to_have_count(before + 1)
    page.get_by_role("link", name="Volver al tablero").click()
    expect(topic).to_have_value("-")
    topic.select_option("")
    expect(page).to_have_url(f"{site.origin}/supervisor")
    page.go_back()
    expect(topic).to_have_value("-")
    expect(page.locator("#board")).to_contain_text("Solo chats sin tema.")
    page.goto(f"{site.origin}/supervisor?tema=nada")
    expect(page.get_by_role("alert").first).to_have_text("No conocemos ese tema. Se muestran todos.")
    assert found + find_page_problems(page) == []


def test_agent_who_is_deactivated_leaves_the_board_and_their_chat_waits(profiles, site, pair):
    profiles.expect_console_errors("status of 401|4403")
    page, _ = open_board(profiles, site)
    ask_available_agent(profiles, pair)
    row = page.locator(f'tr[data-agent-id="{pair.agent.agent_id}"]')
    row.get_by_role("button", name=f"Poner ausente a {pair.agent.user.name}").click()
    away = page.locator("#away-dialog")
    away.get_by_label("Motivo").fill("Capacitación")

    people = page.context.new_page()
    people.goto(f"{site.origin}/supervisor/ajustes/personas/{pair.agent.id}")
    people.locator("#deactivate").click()
    people.locator("#deactivate").click()
    expect(people.locator("body")).to_contain_text("la cuenta está inactiva")
    expect(page.locator(f'tr[data-chat-id="{pair.chat_id}"]')).to_contain_text(pair.member.user.name)
    expect(row).to_have_count(0)
    away.get_by_role("button", name="Poner ausente").click()
    expect(away.get_by_role("alert")).to_be_visible()
