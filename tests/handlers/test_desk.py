"""The desk over HTTP: the page, its parts, and who may see them."""

import re

import pytest

from beneficiate.actions import messages, notes, sign_ins, tags
from beneficiate.domain.erasures import ERASED_EMAIL_DOMAIN
from beneficiate.handlers.signed_in import SESSION_COOKIE
from beneficiate.models.accounts import PAGE_SIGN_IN, User
from beneficiate.models.audit import AuditEntry
from beneficiate.protocol.commands import SendSupportMessage
from beneficiate.protocol.desk_tools import AddNote, TagChat
from tests.factories import agent, beneficiary, connect_socket, member, member_with_plan, supervisor, support_chat
from tests.http_client import CookieClient


@pytest.fixture
def open_desk(server):
    """Make a browser of a person who has signed in."""

    async def open_one(person):
        command = sign_ins.StartSignIn(person.id, PAGE_SIGN_IN)
        browser = CookieClient(server.port)
        browser.cookies[SESSION_COOKIE] = (await server.context.store.run(sign_ins.start_sign_in, command)).token
        await browser.get("/logout")
        return browser

    return open_one


@pytest.fixture
def chat(io_loop, server):
    """A chat of Ana with Yuliana: a message of each, a note, a tag."""
    ana, yuliana = member_with_plan("Ana"), agent("Yuliana")
    beneficiary(ana, "Mateo")
    row = support_chat(ana, yuliana)

    async def fill():
        run = server.context.store.run
        for person in (ana, yuliana):
            await run(messages.send_messages, SendSupportMessage(chat_id=row.id, message="Hola"), actor=person.actor)
        await run(notes.add_note, AddNote(chat_id=row.id, text="Llamar mañana", mentions=[]), actor=yuliana.actor)
        await run(tags.tag_chat, TagChat(chat_id=row.id, tag="Citas"), actor=yuliana.actor)

    io_loop.run_sync(fill)
    return ana, yuliana, row.id


def ids(text):
    return set(re.findall(r'\bid="([a-z-]+)"', text))


@pytest.mark.gen_test
async def test_desk_shows_the_list_and_the_open_chat(open_desk, chat):
    ana, yuliana, chat_id = chat
    browser = await open_desk(yuliana)
    closed = (await browser.get("/agente")).text
    assert "Elija un chat" in closed.partition("<template")[0]
    assert 'aria-current="true">Ana' not in closed
    opened = (await browser.get(f"/agente?chat={chat_id}")).text
    assert re.search(rf'class="row row--chat is-unread is-picked"\s+id="chat-{chat_id}"', opened)
    assert '<main class="master-detail desk has-detail"' in opened
    assert opened.count('data-line="own"') == 2
    assert opened.count('data-line="other"') == 2
    assert "Llamar mañana" in opened
    assert f"<title>(1) {ana.user.name} · Chats · Beneficiate</title>" in opened


@pytest.mark.gen_test
async def test_chat_that_does_not_exist_leaves_the_desk_without_one(open_desk, chat):
    _, yuliana, chat_id = chat
    page = await (await open_desk(yuliana)).get(f"/agente?chat={chat_id + 1}")
    assert page.status == 200
    assert "Elija un chat" in page.text.partition("<template")[0]


@pytest.mark.gen_test
async def test_part_of_the_desk_is_what_the_page_has(open_desk, chat):
    _, yuliana, chat_id = chat
    browser = await open_desk(yuliana)
    page = (await browser.get(f"/agente?chat={chat_id}")).text
    for path in (f"chats/{chat_id}", "lista", "espera", "disponibilidad"):
        part = (await browser.get(f"/agente/{path}")).text
        assert ids(part), path
        assert ids(part) <= ids(page), path


@pytest.mark.gen_test
async def test_row_alone_is_never_the_picked_one(open_desk, chat):
    _, yuliana, chat_id = chat
    row = (await (await open_desk(yuliana)).get(f"/agente/chats/{chat_id}/fila")).text
    assert re.search(rf'<li class="row row--chat is-unread"\s+id="chat-{chat_id}"', row)
    assert '<span class="tag">Citas</span>' in row
    assert "Usted: Hola" in row


@pytest.mark.gen_test
async def test_supervisor_reads_a_chat_of_another_and_may_assign_it(open_desk, chat):
    _, _, chat_id = chat
    text = (await (await open_desk(supervisor())).get(f"/agente/chats/{chat_id}")).text
    assert 'data-mode="other"' in text
    assert {"give-chat", "take-over"} <= ids(text)


@pytest.mark.gen_test
async def test_team_lists_colleagues_without_oneself(open_desk, chat):
    _, yuliana, _ = chat
    omar = agent("Omar")
    text = (await (await open_desk(yuliana)).get("/agente/equipo")).text
    assert re.findall(r'data-agent-id="(\d+)"', text) == [str(omar.agent_id)]


@pytest.mark.parametrize(("query", "sentence"), [("a", "Escriba al menos dos letras"), ("zzz", "No encontramos nada")])
@pytest.mark.gen_test
async def test_search_without_results_tells_why(open_desk, chat, query, sentence):
    _, yuliana, _ = chat
    assert sentence in (await (await open_desk(yuliana)).get(f"/agente/buscar?q={query}")).text


@pytest.mark.gen_test
async def test_search_finds_members_by_name(open_desk, chat):
    ana, yuliana, chat_id = chat
    text = (await (await open_desk(yuliana)).get("/agente/buscar?q=ana")).text
    assert f'<a class="go-chat" href="/agente?chat={chat_id}" data-chat-id="{chat_id}">{ana.user.name}</a>' in text


@pytest.mark.gen_test
async def test_contact_is_masked_until_it_is_asked_for(open_desk, chat):
    ana, yuliana, chat_id = chat
    browser = await open_desk(yuliana)
    panel = (await browser.get(f"/agente/chats/{chat_id}/ficha")).text
    assert ana.user.document_number not in panel
    assert "Mateo" in panel
    assert "Plan Familiar" in panel
    contact = (await browser.post(f"/agente/chats/{chat_id}/ficha/datos")).text
    assert ana.user.document_number in contact
    assert AuditEntry.select().where(AuditEntry.what == "people.reveal").count() == 1


@pytest.mark.gen_test
async def test_nothing_is_offered_for_who_was_erased(open_desk, chat):
    ana, yuliana, chat_id = chat
    browser = await open_desk(yuliana)
    assert 'href="/agente/citas?para=' in (await browser.get(f"/agente/chats/{chat_id}/ficha")).text
    User.update(email=f"{ana.id}@{ERASED_EMAIL_DOMAIN}").where(User.id == ana.id).execute()
    panel = (await browser.get(f"/agente/chats/{chat_id}/ficha")).text
    assert "Pidió que se borraran sus datos" in panel
    assert "/agente/citas?para=" not in panel
    assert "Ver datos completos" not in panel


@pytest.mark.gen_test
async def test_members_are_refused(open_desk, chat):
    _, _, chat_id = chat
    browser = await open_desk(member())
    for path in ("", f"/chats/{chat_id}", f"/chats/{chat_id}/fila", f"/chats/{chat_id}/ficha", "/lista", "/equipo"):
        assert (await browser.get(f"/agente{path}")).status == 403


@pytest.mark.gen_test
async def test_messages_and_names_have_a_direction_of_their_own(server, open_desk):
    ana, yuliana, greeting = member("\u05d0\u05e0\u05d4"), agent(), "\u0645\u0631\u062d\u0628\u0627"
    chat = support_chat(ana, yuliana)
    await (await connect_socket(server.port, ana)).request("chat_message", chat_id=chat.id, message=greeting)
    page = (await (await open_desk(yuliana)).get(f"/agente?chat={chat.id}")).text
    assert re.search(f'<p class="line" dir="auto"[^>]*>{greeting}</p>', page)
    assert f"<bdi>{ana.user.name}</bdi>" in page
