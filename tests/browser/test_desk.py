"""The desk: lists, transfers, the member, notes, canned replies, files, colleagues, search, shortcuts, sounds."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from beneficiate.actions.search_index import index_messages
from beneficiate.models.base import write_transaction
from beneficiate.models.chats import Chat, Message
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests import factories
from tests.browser.page_checks import find_page_problems
from tests.browser.page_objects import DeskPageObject, go_offline, set_session_cookie, wait_until
from tests.browser.site import ChatPair
from tests.sample_files import PDF, make_image


@pytest.fixture(scope="module")
def settings():
    # Long enough that no chat of an agent who is offline returns to the queue, to the top of the lists of others.
    return {"BENEFICIATE_PRESENCE_GRACE_S": 600}


@pytest.fixture
def pair(site):
    return site.add_pair()


@pytest.fixture
def colleague(profiles, site):
    """Return the desk of another agent."""
    return open_desk(profiles, site, site.add_agent("Gloria"))


def open_desk(profiles, site, agent, **options):
    context = profiles.new_context(**options)
    set_session_cookie(context, site, agent)
    desk = DeskPageObject(context.new_page(), site).open()
    desk.agent = agent
    return desk


def show_list(desk, name):
    desk.page.locator(f"#tab-{name}").click()
    expect(desk.page.locator("#inbox-pane")).to_have_attribute("data-tab", name)


def open_list_row(desk, name, chat_id):
    show_list(desk, name)
    desk.open_chat(chat_id)


def mode(desk, name):
    expect(desk.page.locator("#chat")).to_have_attribute("data-mode", name)


def transfer(desk, agent, note=""):
    desk.page.locator("#transfer-chat").click()
    desk.page.locator(f'#team [data-agent-id="{agent.agent_id}"] input').check()
    desk.page.locator("#transfer-note").fill(note)
    desk.page.locator("#transfer-go").click()


def write_note(desk, text):
    desk.page.locator("#say-note").click()
    desk.page.locator("#note-text").fill(text)
    desk.page.keyboard.press("Enter")
    note = desk.page.locator("[data-note]", has_text=text)
    expect(note).to_have_count(1)
    return note


# ---- Lists ---------------------------------------------------------------------------


def test_waiting_chat_is_seen_by_all_and_taken_by_one(profiles, site, pair, colleague):
    desk = profiles.desk(pair, picked=False)
    waiting = site.add_waiting_chat(site.add_member("Rosa"))
    for one in (desk, colleague):
        open_list_row(one, "waiting", waiting)
        mode(one, "waiting")
        expect(one.message).to_be_hidden()

    desk.page.locator("#take-chat").click()
    mode(desk, "own")
    expect(desk.message).to_be_visible()
    desk.send_messages("Buenas, doña Rosa")
    desk.expect_own_message("Buenas, doña Rosa", "sent")
    # Every viewer sees at once that it is taken, and by whom.
    mode(colleague, "other")
    expect(colleague.closed_notice).to_contain_text(pair.agent.user.name)
    expect(colleague.page.locator("#take-chat")).to_be_hidden()
    show_list(colleague, "all")
    expect(colleague.row(waiting)).to_contain_text(pair.agent.user.name)


def test_chat_of_a_colleague_can_be_read_live_and_a_note_survives_its_end(profiles, site, pair, colleague):
    desk = profiles.desk(pair)
    desk.send_messages("Una de ella")
    desk.expect_own_message("Una de ella", "sent")
    open_list_row(colleague, "all", pair.chat_id)
    mode(colleague, "other")
    expect(colleague.closed_notice).to_contain_text(pair.agent.user.name)
    colleague.expect_message("Una de ella")
    desk.send_messages("Y otra más")
    colleague.expect_message("Y otra más")
    for give in ("#give-chat", "#take-over"):
        expect(colleague.page.locator(give)).to_have_count(0)
    colleague.page.locator("#say-note").click()
    colleague.page.keyboard.type("La mitad")
    desk.page.locator("#close-chat").click()
    desk.page.locator("#close-dialog-close").click()
    mode(colleague, "closed")
    expect(colleague.page.locator("#note-text")).to_be_focused()
    colleague.page.keyboard.type(" y el resto, jkn")
    expect(colleague.page.locator("#note-text")).to_have_value("La mitad y el resto, jkn")


def test_long_list_is_paged_while_scrolling(profiles, site):
    with site.database():
        agent, now = factories.agent("Paula"), None
        for at in range(60):
            chat = factories.support_chat(factories.member(f"Persona{at}"), agent)
            now = now or chat.updated_at
    desk = open_desk(profiles, site, agent)
    expect(desk.page.locator("#chats > li")).to_have_count(50)
    rows = []
    desk.page.on("request", lambda request: rows.append(request.url) if request.url.endswith("/fila") else None)
    desk.page.reload()
    expect(desk.page.locator("#chats > li")).to_have_count(50)
    desk.page.locator("#inbox-list").evaluate("list => { list.scrollTop = list.scrollHeight }")
    expect(desk.page.locator("#chats > li")).to_have_count(60)
    expect(desk.page.locator("#more-chats")).to_be_hidden()
    assert rows == [], "chats of a later page were asked for one by one"


def test_tags_are_added_filtered_by_and_removed(profiles, pair, new_tab):
    desk = profiles.desk(pair)
    other = new_tab(desk)
    desk.page.locator("#add-tag").click()
    desk.page.locator("#tag-name").fill("Fórmula")
    desk.page.keyboard.press("Enter")
    for tab in (desk, other):
        expect(tab.page.locator("#chat-tags .tag--own")).to_have_text(re.compile("Fórmula"))
        expect(tab.row(pair.chat_id).locator(".tag")).to_have_text("Fórmula")

    desk.page.reload()
    desk.page.locator("#tag-filter").select_option("Fórmula")
    expect(desk.row(pair.chat_id)).to_be_visible()
    expect(desk.page).to_have_url(re.compile("etiqueta="))
    desk.page.locator("#chat-tags [data-do=untag]").click()
    expect(other.page.locator("#chat-tags .tag--own")).to_have_count(0)


def test_draft_is_marked_in_the_list_and_sent_once_from_two_tabs(profiles, site, pair, new_tab):
    with site.database():
        second = factories.support_chat(factories.member("Luis"), pair.agent).id
    desk = profiles.desk(pair)
    desk.message.fill("Le decía que")
    desk.open_chat(second)
    expect(desk.row(pair.chat_id).locator(".row-say")).to_contain_text("Borrador:")
    desk.open_chat(pair.chat_id)
    expect(desk.message).to_have_value("Le decía que")

    other = new_tab(desk)
    expect(other.message).to_have_value("Le decía que")
    other.message.press("Enter")
    other.expect_own_message("Le decía que", "sent")
    expect(desk.message).to_have_value("")


def test_chat_is_fetched_while_its_agent_types_and_asked_again_when_the_connection_is_back(profiles, site, pair):
    with site.database():
        second = factories.support_chat(factories.member("Luis"), pair.agent).id
    desk, held = profiles.desk(pair), []
    # What is typed meanwhile is no shortcut.
    desk.page.route(f"**/agente/chats/{second}", lambda route: held.append(route), times=1)
    with desk.page.expect_request(f"**/agente/chats/{second}"):
        desk.row(second).locator(".row-name").click()
    desk.page.keyboard.type("cita 4")
    held[0].continue_()
    expect(desk.page.locator("#chat")).to_have_attribute("data-chat-id", str(second))
    expect(desk.message).to_be_focused()
    expect(desk.page.locator("#inbox-pane")).to_have_attribute("data-tab", "mine")
    desk.page.keyboard.type("4")
    expect(desk.message).to_have_value("4")

    desk.message.fill("")
    desk.open_chat(pair.chat_id)
    desk.page.reload()
    desk.wait_connected()
    profiles.expect_console_errors("ERR_INTERNET_DISCONNECTED")
    go_offline(desk.page)
    expect(desk.connection_bar).to_have_attribute("data-state", "waiting")
    desk.row(second).locator(".row-name").click()
    expect(desk.page.locator("#chat [data-do=again]")).to_be_visible()
    desk.page.context.set_offline(False)
    expect(desk.page.locator("#chat")).to_have_attribute("data-chat-id", str(second))


# ---- Availability and transfers ------------------------------------------------------


def test_availability_is_chosen_with_a_reason_and_seen_in_every_tab(profiles, site, pair, new_tab):
    desk = profiles.desk(pair, picked=False)
    other = new_tab(desk)
    desk.page.locator("#availability").click()
    desk.page.locator("#away-reason").fill("Almuerzo")
    desk.page.keyboard.press("Enter")
    for tab in (desk, other):
        expect(tab.page.locator("#availability")).to_have_attribute("data-availability", "away")
        expect(tab.page.locator("#availability")).to_have_attribute("title", "Almuerzo")

    other.page.locator("#availability").click()
    other.page.locator("#availability-menu [data-availability=offline]").click()
    expect(desk.page.locator("#availability")).to_have_attribute("data-availability", "offline")
    # Who chose it needs no explanation.
    expect(desk.page.locator("#away-bar")).to_be_hidden()


def test_who_was_set_away_is_told_why_and_goes_back_with_one_button(profiles, site):
    marta = site.add_supervisor()
    site.set_away_by_system(marta, "Se perdió la conexión")
    context = profiles.new_context(bypass_csp=True, reduced_motion="reduce")
    set_session_cookie(context, site, marta)
    paths = ("/agente", "/agente/citas", "/supervisor/pagos", "/supervisor/horario")
    pages = {path: context.new_page() for path in paths}
    bars = {path: page.locator("#away-bar") for path, page in pages.items()}
    for path, page in pages.items():
        page.goto(site.origin + path)
        told = re.compile("Usted quedó ausente: se perdió la conexión. No recibe chats nuevos.")
        expect(bars[path], path).to_have_text(told)
        assert (path, find_page_problems(page)) == (path, [])
    # The button of a page that is no desk works too, for every tab.
    bars["/supervisor/horario"].get_by_role("button", name="Volver a disponible").click()
    for path, bar in bars.items():
        expect(bar, path).to_be_hidden()
    site.set_away_by_system(marta, "Se perdió la conexión")
    for path in ("/agente", "/agente/citas", "/supervisor/pagos"):
        pages[path].reload()
        bars[path].get_by_role("button", name="Volver a disponible").click()
        expect(bars[path], path).to_be_hidden()
        site.set_away_by_system(marta, "Se perdió la conexión")
    # Or the chats of the next tests would be theirs for as long as they count as online.
    site.set_away_by_system(marta, "")


def test_transfer_to_somebody_absent_asks_first_and_a_chat_is_returned_and_reopened(profiles, site, pair, colleague):
    absent = site.add_agent("Andrés")
    desk = profiles.desk(pair)
    desk.page.locator("#transfer-chat").click()
    listed = desk.page.locator("#team [data-agent-id]")
    assert str(absent.agent_id) not in (listed.first.get_attribute("data-agent-id") or "")
    expect(desk.page.locator(f'#team [data-agent-id="{absent.agent_id}"]')).to_contain_text("No está; irá a la fila")
    desk.page.locator(f'#team [data-agent-id="{absent.agent_id}"] input').check()
    desk.page.locator("#transfer-go").click()
    expect(desk.page.locator("#transfer-dialog [data-part=problem]")).to_contain_text("Andrés no está.")
    expect(desk.page.locator("#transfer-go")).to_have_text("Enviar a la fila")
    # Another choice begins again.
    desk.page.locator(f'#team [data-agent-id="{colleague.agent.agent_id}"] input').check()
    expect(desk.page.locator("#transfer-go")).to_have_text("Transferir")
    desk.page.locator(f'#team [data-agent-id="{absent.agent_id}"] input').check()
    desk.page.locator("#transfer-go").click()
    expect(desk.page.locator("#transfer-go")).to_have_text("Enviar a la fila")
    desk.page.locator("#transfer-go").click()
    expect(desk.page.locator("#transfer-dialog")).to_be_hidden()
    mode(desk, "waiting")

    # Then to somebody who is there, who returns it, closes it and opens it again.
    desk.page.locator("#take-chat").click()
    mode(desk, "own")
    transfer(desk, colleague.agent, "Pregunta por su plan")
    mode(desk, "other")
    expect(desk.message).to_be_hidden()
    colleague.open_chat(pair.chat_id)
    mode(colleague, "own")

    colleague.page.locator("#chat-more").click()
    colleague.page.locator("#return-chat").click()
    colleague.page.locator("#return-go").click()
    mode(colleague, "waiting")
    colleague.page.locator("#take-chat").click()
    mode(colleague, "own")

    colleague.close_chat()
    colleague.page.locator("#reopen-chat").click()
    mode(colleague, "own")
    expect(colleague.message).to_be_visible()


def test_payment_link_is_inserted_into_the_text_and_the_bot_goes_on(profiles, site, pair):
    desk = profiles.desk(pair)
    desk.message.fill("Claro que sí.")
    desk.page.locator("#pay-link").click()
    expect(desk.message).to_have_value(f"Claro que sí. Puede ver los planes y pagar aquí: {site.origin}/planes")
    expect(desk.message).to_be_focused()

    desk.page.locator("#chat-more").click()
    desk.page.locator("#give-to-bot").click()
    expect(desk.page.locator("[data-line=system]")).to_contain_text("El asistente sigue con usted")


# ---- The member --------------------------------------------------------------------------


def test_panel_shows_the_member(profiles, site):
    with site.database():
        who, agent = factories.member_with_plan("Elena"), factories.agent("Paula")
        factories.beneficiary(who, "Mateo")
        past = factories.support_chat(who, agent, status="CLOSED")
        Chat.update(closed_at=past.created_at).where(Chat.id == past.id).execute()
        chat = factories.support_chat(who, agent)
    desk = open_desk(profiles, site, agent, viewport={"width": 1024, "height": 768})
    desk.open_chat(chat.id)
    about = desk.page.locator("#about")
    expect(about).to_be_hidden()
    desk.page.keyboard.press("Alt+i")
    expect(about).to_be_visible()
    desk.page.keyboard.press("Escape")
    expect(about).to_be_hidden()
    expect(desk.page.locator("#show-about")).to_be_focused()
    desk.page.keyboard.press("Enter")
    expect(about).to_contain_text("Vigente")
    expect(about).to_contain_text("Mateo")
    expect(about).not_to_contain_text(who.user.document_number)
    about.get_by_role("button", name="Ver datos completos").click()
    expect(about).to_contain_text(who.user.document_number)
    expect(about).to_contain_text(who.user.email)
    expect(about).to_contain_text("Queda registrado")
    about.locator(f'.go-chat[data-chat-id="{past.id}"]').click()
    expect(about).to_be_hidden()
    mode(desk, "closed")

    desk.page.set_viewport_size({"width": 1440, "height": 900})
    expect(about).to_be_visible()


# ---- Notes, canned replies, files ------------------------------------------------------------


def test_note_is_for_the_team_and_notifies_who_is_mentioned(profiles, site, pair, colleague):
    desk, member = profiles.desk(pair), profiles.member(pair)
    desk.send_messages("Un momento")
    member.expect_message("Un momento")
    desk.page.locator("#say-note").click()
    desk.page.keyboard.type("Mire la orden, @glo", delay=10)
    mentions = desk.page.locator("#mentions [role=option]", has_text=colleague.agent.user.name)
    expect(mentions).to_be_visible()
    mentions.click()
    desk.page.keyboard.press("Enter")

    note = desk.page.locator("[data-note]")
    expect(note).to_have_count(1)
    expect(note.locator(".mention")).to_have_text(f"@{colleague.agent.user.name}")
    colleague.page.locator(".toast [data-do=open]").click()
    expect(colleague.page.locator("[data-note]")).to_contain_text("Mire la orden")
    desk.page.locator("#say-reply").click()
    desk.send_messages("Listo")
    member.expect_message("Listo")
    expect(member.page.locator("body")).not_to_contain_text("Mire la orden")

    order = "[...document.querySelectorAll('[data-line], [data-note]')].map(e => e.dataset.line ?? 'note')"
    before = desk.page.evaluate(order)
    assert before == ["own", "note", "own"]
    desk.page.reload()
    desk.wait_connected()
    assert desk.page.evaluate(order) == before


def test_canned_reply_is_found_filled_in_and_counted(profiles, site, pair):
    desk = profiles.desk(pair)
    desk.message.press_sequentially("/")
    options = desk.page.locator("#canned-list [role=option]")
    expect(options.first).to_have_attribute("aria-selected", "true")
    desk.message.press_sequentially("saludo")
    expect(options.first).to_contain_text("/saludo")
    desk.message.press("Enter")
    expect(desk.message).to_have_value(re.compile(pair.member.user.first_name))
    expect(desk.page.locator("#canned")).to_be_hidden()
    desk.message.press("Enter")
    expect(desk.page.locator("[data-line=own]")).to_have_count(1)

    desk.message.press_sequentially("/saludo")
    expect(desk.page.locator("#canned .canned-uses")).to_contain_text("Usada 1 vez")
    desk.message.press("Escape")
    expect(desk.page.locator("#canned")).to_be_hidden()
    expect(desk.message).to_be_focused()

    # Replies that come after Escape stay closed.
    desk.message.fill("")
    held = []
    desk.page.route("**/canned-replies?q=sal", lambda route: held.append(route))
    desk.message.press_sequentially("/sa")
    expect(desk.page.locator("#canned")).to_be_visible()
    with desk.page.expect_request("**/canned-replies?q=sal"):
        desk.message.press_sequentially("l")
    desk.message.press("Escape")
    expect(desk.page.locator("#canned")).to_be_hidden()
    with desk.page.expect_response("**/canned-replies?q=sal") as answered:
        held[0].continue_()
    answered.value.finished()
    desk.page.evaluate("new Promise((done) => setTimeout(done))")  # the page has handled the answer
    expect(desk.page.locator("#canned")).to_be_hidden()
    desk.message.press_sequentially("u")
    expect(desk.page.locator("#canned")).to_be_visible()


PASTE_CELLS = """box => {
  const data = new DataTransfer();
  data.setData("text/plain", "Nombre\tValor");
  data.items.add(new File(["x"], "celdas.png", { type: "image/png" }));
  const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
  return box.dispatchEvent(event);
}"""


def test_files_are_sent_shown_and_refused(profiles, pair):
    profiles.expect_console_errors("status of 4")
    desk = profiles.desk(pair)
    # Cells of a sheet come with an image of them. The browser goes on to insert the text.
    assert desk.message.evaluate(PASTE_CELLS)
    expect(desk.page.locator(".upload")).to_have_count(0)

    files = desk.page.locator("[data-part=file-input]")
    files.set_input_files(
        {"name": "fórmula.png", "mimeType": "image/png", "buffer": make_image("PNG", size=(600, 300))}
    )
    shot = desk.page.locator("[data-line=own] [data-part=image][href] img")
    expect(shot).to_have_attribute("alt", "fórmula.png")
    expect(shot).to_have_js_property("naturalWidth", 480)
    files.set_input_files({"name": "orden.pdf", "mimeType": "application/pdf", "buffer": PDF})
    expect(desk.page.locator("[data-line=own] [data-part=file]:visible")).to_contain_text("orden.pdf")
    expect(desk.page.locator(".upload")).to_have_count(0)

    # What is not one of the kinds is not sent; what only pretends to be one is refused, for good.
    for name, kind in (("nota.txt", "text/plain"), ("nota.png", "image/png")):
        files.set_input_files({"name": name, "mimeType": kind, "buffer": b"hola"})
        expect(desk.page.locator(".upload .field-error")).to_be_visible()
        expect(desk.page.locator(".upload [data-do=retry]")).to_be_hidden()
        if kind == "text/plain":
            desk.page.locator(".upload [data-do=drop]").click()
    desk.page.locator(".upload [data-do=drop]").click()
    expect(desk.page.locator(".upload")).to_have_count(0)
    desk.page.reload()
    expect(shot).to_have_js_property("complete", True)


def test_addresses_and_telephones_are_links_on_both_sides_and_the_clock_stops_at_the_answer(profiles, pair):
    desk, member = profiles.desk(pair), profiles.member(pair)
    clock = desk.page.locator("#chat-clock")
    expect(clock).to_be_hidden()
    member.send_messages("¿Hay citas?")
    expect(clock).to_be_visible()
    expect(desk.row(pair.chat_id).locator(".clock")).to_be_visible()
    desk.send_messages("Sí, claro")
    expect(clock).to_be_hidden()

    text = "Vea https://beneficiate.co/planes?a=1. javascript:alert(1) o www.a.co, cel. 300 123 4567, C.C. 1023456789"
    for side, other in ((desk, member), (member, desk)):
        side.send_messages(text)
        for shown in (side.find_message(text, "own"), other.expect_message(text)):
            links = shown.locator("[data-part=text] a")
            expect(links).to_have_count(3)
            hrefs = links.evaluate_all("links => links.map((link) => link.getAttribute('href'))")
            assert hrefs == ["https://beneficiate.co/planes?a=1", "https://www.a.co", "tel:3001234567"]
            expect(links.first).to_have_attribute("rel", "noreferrer")
    desk.page.reload()
    expect(desk.page.locator("[data-part=text] a")).to_have_count(6)


def test_own_message_is_brought_into_sight(profiles, site, pair):
    with site.database():
        for seq in range(1, 41):
            text = {"message": f"Línea {seq}", "sender_type": "USER", "sender_id": pair.member.id}
            Message.create(chat=pair.chat_id, seq=seq, sent_at=Chat.get_by_id(pair.chat_id).created_at, **text)
        Chat.update(last_seq=40, last_line="Línea 40").where(Chat.id == pair.chat_id).execute()
    for side, log in ((profiles.desk(pair), "[data-part=log]"), (profiles.member(pair), "#chat-log")):
        side.page.locator(log).evaluate("log => { log.scrollTop = -400 }")
        side.send_messages(f"Aquí abajo, en {log}")
        expect(side.find_message(f"Aquí abajo, en {log}", "own")).to_be_in_viewport()


def test_panel_follows_plan_and_beneficiaries(profiles, site, pair):
    desk = profiles.desk(pair, viewport={"width": 1440, "height": 900})
    about = desk.page.locator("#about")
    expect(about).to_contain_text("Sin plan")
    member = profiles.new_context()
    set_session_cookie(member, site, pair.member)
    with site.database():
        factories.add_plan(pair.member)
    page = member.new_page()
    page.goto(f"{site.origin}/mi/beneficiarios/nuevo")
    for name, value in (("first_name", "Mateo"), ("last_name", "Rojas"), ("document_number", "1020304050")):
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=document_type]").select_option("TI")
    page.locator("[name=relationship]").select_option(index=1)
    page.locator("[name=birth_date]").fill("2015-05-04")
    page.locator("#save").click()
    expect(about).to_contain_text("Mateo")
    expect(about).to_contain_text("Vigente")


def test_booking_starts_with_the_member_of_the_chat(profiles, site):
    with site.database():
        who, agent = factories.member_with_plan("Elena"), factories.agent("Paula")
        chat = factories.support_chat(who, agent)
    desk = open_desk(profiles, site, agent)
    desk.open_chat(chat.id)
    with desk.page.context.expect_page() as opened:
        desk.page.locator("#book").click()
    expect(opened.value.locator("#phone-who-list")).to_contain_text(who.user.name)


# ---- Colleagues ------------------------------------------------------------------------------------


def test_other_viewers_and_their_typing_are_shown(profiles, site, pair, colleague):
    desk = profiles.desk(pair)
    open_list_row(colleague, "all", pair.chat_id)
    expect(desk.page.locator("#chat-seen")).to_contain_text(colleague.agent.user.name)
    desk.message.press_sequentially("Bue")
    expect(colleague.page.locator("#also-typing")).to_contain_text("también escribe")
    colleague.page.goto("about:blank")
    expect(desk.page.locator("#chat-seen")).to_be_hidden()


def test_supervisor_watches_takes_over_and_assigns_a_chat(profiles, site, pair, colleague):
    desk = profiles.desk(pair)
    marta = open_desk(profiles, site, site.add_supervisor())
    expect(marta.page.locator("#availability")).to_contain_text("Desconectado")
    open_list_row(marta, "all", pair.chat_id)
    mode(marta, "other")
    home = profiles.member(pair)
    home.send_messages("Sigo con el dolor")
    marta.expect_message("Sigo con el dolor")

    marta.page.locator("#take-over").click()
    marta.page.locator("#take-over-note").fill("La conozco")
    marta.page.locator("#take-over-go").click()
    mode(marta, "own")
    mode(desk, "other")
    expect(desk.closed_notice).to_contain_text(marta.agent.user.name)
    expect(desk.page.locator("[data-note]")).to_contain_text("La conozco")
    marta.send_messages("Soy Marta, la supervisora")
    home.expect_message("Soy Marta, la supervisora")
    expect(home.page.get_by_text("La conozco")).to_have_count(0)

    waiting = site.add_waiting_chat(site.add_member("Rosa"))
    open_list_row(marta, "waiting", waiting)
    marta.page.locator("#give-chat").click()
    expect(marta.page.locator("#give-dialog [value^=topic]")).to_have_count(0)
    marta.page.locator("#give-go").click()
    expect(marta.page.locator("#give-dialog [data-part=problem]")).to_contain_text("Elija a quién")
    marta.page.locator(f'#team [data-agent-id="{colleague.agent.agent_id}"] input').check()
    marta.page.locator("#give-go").click()
    mode(marta, "other")
    expect(colleague.row(waiting)).to_be_visible()


def test_agent_who_closed_a_chat_sees_it_reopened(profiles, pair):
    desk, home = profiles.desk(pair), profiles.member(pair)
    desk.page.locator("#close-chat").click()
    desk.page.locator("#close-dialog-close").click()
    mode(desk, "closed")
    home.page.locator("#rate input[value='5']").check(force=True)
    home.page.locator("#rate-send").click()
    home.page.locator("#reopen").click()
    mode(desk, "waiting")
    expect(desk.page.locator("[data-line=system]").last).to_have_text("El chat se abrió de nuevo.")


def test_sending_after_an_unseen_reply_of_a_colleague_asks_first(profiles, site, pair, colleague, new_tab):
    desk = profiles.desk(pair)
    desk.message.fill("Le respondo yo")
    other_tab = new_tab(desk)
    transfer(other_tab, colleague.agent)
    colleague.open_chat(pair.chat_id)
    colleague.send_messages("Ya le respondí")
    colleague.expect_own_message("Ya le respondí", "sent")
    transfer(colleague, pair.agent)
    mode(desk, "own")

    expect(desk.message).to_have_value("Le respondo yo")
    desk.message.press("Enter")
    dialog = desk.page.locator("#unseen-dialog")
    expect(dialog).to_contain_text("Ya le respondí")
    desk.page.locator("#unseen-stay").click()
    expect(desk.message).to_have_value("Le respondo yo")
    desk.message.press("Enter")
    desk.page.locator("#unseen-send").click()
    desk.expect_own_message("Le respondo yo", "sent")


# ---- Search, shortcuts, notices -----------------------------------------------------------------------


def test_search_finds_messages_without_accents_and_opens_them(profiles, site, pair):
    with site.database():
        now = pair.member.user.created_at
        rows = [
            {"chat": pair.chat_id, "seq": seq, "sender_type": "USER", "sender_id": pair.member.id, "sent_at": now}
            for seq in range(1, 121)
        ]
        for row in rows:
            row["message"] = "Me duele el corazón desde ayer" if row["seq"] == 8 else f"Línea {row['seq']}"
        Message.insert_many(rows).execute()
        Chat.update(last_seq=120, last_line="Línea 120").where(Chat.id == pair.chat_id).execute()
        with write_transaction():
            index_messages(UnitOfWork(SYSTEM, datetime.now(UTC)))
    desk = profiles.desk(pair, picked=False)
    desk.page.keyboard.press("Control+k")
    expect(desk.page.locator("#search")).to_be_focused()
    desk.page.keyboard.type(pair.member.user.last_name)
    expect(desk.page.locator(f'#search-results .go-chat[data-chat-id="{pair.chat_id}"]')).to_be_visible()
    desk.page.locator("#search").fill("corazon ayer")
    desk.page.locator(f'#search-results .go-chat[data-chat-id="{pair.chat_id}"][data-seq="8"]').click()
    message = desk.find_message("Me duele el corazón desde ayer")
    expect(message).to_be_in_viewport()
    expect(message).to_have_class(re.compile("is-found"))
    desk.page.locator("#search").press("Escape")
    expect(desk.row(pair.chat_id)).to_be_visible()


def test_who_searches_for_too_many_people_is_told_so(profiles, pair):
    profiles.expect_console_errors("status of 429")
    desk = profiles.desk(pair, picked=False)
    found, name = desk.page.locator("#search-results"), pair.member.user.first_name
    desk.page.locator("#search").fill(name)
    expect(found).to_contain_text(name)
    desk.page.route("**/agente/buscar?*", lambda route: route.fulfill(status=429, body=""))
    desk.page.locator("#search").fill("somebody else")
    expect(found).to_contain_text("Ha hecho muchas búsquedas seguidas")
    expect(found).not_to_contain_text(name)


def test_keyboard_shortcuts_work_and_are_listed(profiles, site, pair):
    with site.database():
        second = factories.support_chat(factories.member("Luis"), pair.agent).id
    desk = profiles.desk(pair, picked=False)
    press = desk.page.keyboard.press
    press("?")
    expect(desk.page.locator("#keys-dialog")).to_be_visible()
    assert desk.page.locator("#keys [data-act]").count() >= 15
    press("Escape")
    expect(desk.page.locator("#keys-dialog")).to_be_hidden()
    press("?")
    expect(desk.page.locator("#keys-dialog")).to_be_visible()
    # A letter right after a dialog is a shortcut. In one task: the focus is in the dialog still when the letter comes,
    # as it is on a busy computer.
    where = desk.page.evaluate("""() => {
        document.querySelector("#keys-dialog").close();
        const focused = document.activeElement, pressed = { key: "j", code: "KeyJ", bubbles: true, cancelable: true };
        focused.dispatchEvent(new KeyboardEvent("keydown", pressed));
        return focused.closest("dialog")?.id;
    }""")
    assert where == "keys-dialog"
    expect(desk.page.locator("#chat")).to_have_attribute("data-chat-id", str(second))
    expect(desk.row(second).locator(".row-name")).to_be_focused()
    press("Alt+ArrowDown")
    expect(desk.page.locator("#chat")).to_have_attribute("data-chat-id", str(pair.chat_id))
    expect(desk.message).to_be_focused()
    press("j")
    expect(desk.message).to_have_value("j")
    press("Backspace")
    press("Alt+x")
    expect(desk.page.locator("#note-text")).to_be_focused()
    press("Escape")
    expect(desk.row(pair.chat_id).locator(".row-name")).to_be_focused()
    press("2")
    expect(desk.page.locator("#inbox-pane")).to_have_attribute("data-tab", "waiting")
    press("Alt+e")
    expect(desk.page.locator("#tag-name")).to_be_focused()
    press("Escape")
    press("Alt+t")
    expect(desk.page.locator("#transfer-dialog")).to_be_visible()
    press("Escape")

    press("Alt+v")
    desk.page.locator("#settings [name=letters]").uncheck()
    press("Escape")
    desk.page.locator("#tab-waiting").focus()
    press("1")
    expect(desk.page.locator("#inbox-pane")).to_have_attribute("data-tab", "waiting")


def test_text_typed_outside_of_a_field_reaches_the_open_chat_or_nobody(profiles, site, pair):
    with site.database():
        second = factories.support_chat(factories.member("Luis"), pair.agent).id
    desk = profiles.desk(pair)
    open_chat, write = desk.page.locator("#chat"), desk.page.keyboard.type
    desk.send_messages("Una línea")
    desk.expect_own_message("Una línea", "sent").locator("[data-part=text]").click()
    write("Ojo, hola, kiosco ñ 2")
    expect(desk.message).to_have_value("Ojo, hola, kiosco ñ 2")
    expect(desk.message).to_be_focused()
    desk.message.fill("")

    # In the list letters are shortcuts. The focus stays there, whatever is typed next.
    expect(desk.page.locator("#chats > :first-child")).to_have_id(f"chat-{pair.chat_id}")  # as it was written in last
    desk.row(pair.chat_id).locator(".row-name").focus()
    write("jarabe rosa, nada mas")
    expect(open_chat).to_have_attribute("data-chat-id", str(second))
    expect(desk.row(second).locator(".row-name")).to_be_focused()
    expect(desk.message).to_have_value("")
    write("k")
    expect(open_chat).to_have_attribute("data-chat-id", str(pair.chat_id))
    expect(desk.row(pair.chat_id).locator(".row-name")).to_be_focused()
    desk.page.locator("#rail-chats").focus()
    write("jota")
    expect(open_chat).to_have_attribute("data-chat-id", str(pair.chat_id))
    expect(desk.message).to_have_value("")
    assert [text for _, _, text in site.stored_messages(pair.chat_id)] == ["Una línea"]
    assert site.stored_messages(second) == []


COUNT_TONES = """
    window.tones = 0;
    window.OscillatorNode = class extends OscillatorNode { constructor(...given) { super(...given); tones += 1; } };
"""


def test_chats_are_counted_and_sound_on_every_staff_page(profiles, site):
    with site.database():
        boss, who = factories.supervisor("Marta"), factories.member("Ana")
        chat = factories.support_chat(who, boss)
    context = profiles.new_context()
    set_session_cookie(context, site, boss)
    member, desk = profiles.member(ChatPair(who, boss, chat.id)), context.new_page()
    # One after the other: of several tabs one sounds.
    for path in ("/agente/citas", "/supervisor/pagos", "/supervisor/horario"):
        page = context.new_page()
        page.add_init_script(COUNT_TONES)
        page.goto(f"{site.origin}{path}")
        page.mouse.click(400, 5)  # a browser makes no sound before somebody touches the page
        badge, bare = page.locator("[data-unread-total]"), page.title()
        expect(badge, path).to_be_hidden()
        member.send_messages("¿Hay alguien?")
        expect(badge, path).to_have_text("1")
        expect(page, path).to_have_title(f"1 sin leer · {bare}")
        wait_until(page, "window.tones === 2")
        desk.goto(f"{site.origin}/agente?chat={chat.id}")
        expect(badge, path).to_be_hidden()
        expect(page, path).to_have_title(bare)
        page.evaluate("localStorage.removeItem('beneficiate:sounded')")  # two sounds are 1.5 s apart
        page.close()
        desk.goto("about:blank")


def test_fields_are_large_enough_on_a_phone_not_to_be_zoomed(profiles, site):
    with site.database():
        boss = factories.supervisor("Marta")
        chat = factories.support_chat(factories.member("Ana"), boss)
    context = profiles.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    set_session_cookie(context, site, boss)
    page, small = context.new_page(), {}
    for path in (f"/agente?chat={chat.id}", "/agente/citas", "/supervisor/horario"):
        page.goto(site.origin + path)
        small[path] = page.evaluate(
            """[...document.querySelectorAll("input:not([type=checkbox], [type=radio], [type=file]), textarea, select")]
            .filter((field) => parseFloat(getComputedStyle(field).fontSize) < 16)
            .map((field) => field.id || field.name)"""
        )
    assert {path: fields for path, fields in small.items() if fields} == {}


def test_sent_message_is_undone_for_some_seconds(profiles, site, pair):
    desk, member = profiles.desk(pair), profiles.member(pair)
    desk.page.clock.install()
    desk.send_messages("Queda para la otra persona")
    member.expect_message("Queda para la otra persona")
    desk.find_message("Queda para la otra persona", "own").locator("[data-do=undo]").click()
    for side, kind in ((desk, "own"), (member, "other")):
        expect(side.find_message("Mensaje retirado.", kind)).to_have_count(1)
        expect(side.find_message("Queda para la otra persona")).to_have_count(0)
    expect(desk.message).to_have_value("Queda para la otra persona")
    expect(desk.row(pair.chat_id)).not_to_contain_text("Queda para")
    member.page.reload()
    member.expect_message("Mensaje retirado.")

    desk.message.fill("Esta sí")
    desk.message.press("Enter")
    member.expect_message("Esta sí")
    undo = desk.find_message("Esta sí", "own").locator("[data-do=undo]")
    expect(undo).to_be_visible()
    desk.page.keyboard.press("Alt+z")
    expect(desk.find_message("Esta sí")).to_have_count(0)
    desk.message.press("Enter")
    member.expect_message("Esta sí")
    expect(undo).to_be_visible()
    desk.page.clock.fast_forward(6_000)
    expect(undo).to_be_hidden()


def test_messages_keep_the_name_of_their_author_after_a_transfer(profiles, pair, colleague):
    desk, member = profiles.desk(pair), profiles.member(pair)
    desk.send_messages("Buenas noches")
    first = member.expect_message("Buenas noches").locator(".w-who")
    expect(first).to_contain_text(pair.agent.user.name)
    transfer(desk, colleague.agent)
    colleague.open_chat(pair.chat_id)
    expect(colleague.expect_message("Buenas noches").locator("[data-part=author]")).to_have_text(pair.agent.user.name)
    colleague.send_messages("Sigo yo")
    expect(member.expect_message("Sigo yo").locator(".w-who")).to_contain_text(colleague.agent.user.name)
    expect(first).to_contain_text(pair.agent.user.name)
    member.page.reload()
    expect(member.expect_message("Buenas noches").locator(".w-who")).to_contain_text(pair.agent.user.name)


def test_sound_plays_in_one_tab_only_and_can_be_switched_off(profiles, site, pair, new_tab):
    context = profiles.new_context()
    context.add_init_script(COUNT_TONES)
    set_session_cookie(context, site, pair.agent)
    desk = DeskPageObject(context.new_page(), site).open()
    tabs = [new_tab(desk), desk]
    for tab in tabs:
        tab.page.mouse.click(700, 5)
    member = profiles.member(pair)
    member.send_messages("¿Hay alguien?")
    for tab in tabs:
        tab.expect_unread(pair.chat_id, 1)
    for tab in tabs:  # each has waited for the lock
        tab.page.evaluate("navigator.locks.request('beneficiate:sounded', () => {})")
    assert sum(tab.page.evaluate("tones") for tab in tabs) == 2

    desk.page.keyboard.press("Alt+v")
    for name in ("sound", "title"):
        desk.page.locator(f"#settings [name={name}]").uncheck()
    desk.page.evaluate("localStorage.removeItem('beneficiate:sounded')")  # two sounds are 1.5 s apart
    member.send_messages("¿Buenas?")
    expect(desk.row(pair.chat_id)).to_have_attribute("data-unread", "2")
    for tab in tabs:
        expect(tab.page).to_have_title(re.compile(r"^[^(]"))
    assert sum(tab.page.evaluate("tones") for tab in tabs) == 2


# ---- Every state ------------------------------------------------------------------------------------------


def canned_open(desk):
    desk.message.press_sequentially("/")
    expect(desk.page.locator("#canned")).to_be_visible()


def note_open(desk):
    write_note(desk, "Una nota larga para el equipo, con todo lo que hay que saber del caso")
    desk.page.locator("#note-text").fill("Otra")


def searching(desk):
    desk.page.locator("#search").fill("cita")
    expect(desk.page.locator("#search-results a").first).to_be_visible()


def pressed(keys):
    return lambda desk: desk.page.keyboard.press(keys)


STATES = {
    "canned": canned_open,
    "note": note_open,
    "search": searching,
    "keys": pressed("Alt+v"),
    "transfer": pressed("Alt+t"),
    "availability": pressed("Alt+s"),
    "all": lambda desk: show_list(desk, "all"),
    "closed": lambda desk: show_list(desk, "closed"),
}


def test_every_state_is_accessible_in_both_themes_and_fits(profiles, site, pair):
    desk = profiles.desk(pair, bypass_csp=True, reduced_motion="reduce")
    desk.send_messages("Hola")
    found = {}
    for name, go in STATES.items():
        go(desk)
        found[name] = find_page_problems(desk.page)
        desk.page.keyboard.press("Escape")
    marta = open_desk(profiles, site, site.add_supervisor(), bypass_csp=True, reduced_motion="reduce")
    open_list_row(marta, "all", pair.chat_id)
    for act in ("give-chat", "take-over"):
        marta.page.locator(f"#{act}").click()
        expect(marta.page.locator("dialog[open]")).to_be_visible()
        found[act] = find_page_problems(marta.page)
        marta.page.keyboard.press("Escape")
    assert {name: problems for name, problems in found.items() if problems} == {}
