"""`/mi` over HTTP: its forms, what they answer, and that it is one's own."""

import re

import pytest

from beneficiate.handlers.signed_in import SESSION_COOKIE
from beneficiate.models.accounts import Beneficiary, SignIn
from beneficiate.models.chats import Message, Note
from tests.factories import (
    add_plan,
    agent,
    beneficiary,
    connect_socket,
    member,
    member_with_plan,
    supervisor,
    support_chat,
)
from tests.http_client import CookieClient, fetch

MATEO = {
    "first_name": "Mateo",
    "last_name": "Guzmán",
    "document_type": "TI",
    "document_number": "1012345678",
    "birth_date": "2014-08-02",
    "relationship": "Hijo o hija",
}
POSTS = [
    "/mi/beneficiarios/nuevo",
    "/mi/beneficiarios/1",
    "/mi/beneficiarios/1/quitar",
    "/mi/dispositivos/1/cerrar",
    "/mi/dispositivos/otros/cerrar",
]


@pytest.mark.gen_test
async def test_everybody_sees_their_own_page_and_an_empty_one_says_so(signed_in):
    for who in (member(), agent(), supervisor()):
        page = await (await signed_in(who)).get("/mi")
        assert page.status == 200
        empty = ("plan-none", "people-none", "upcoming-none", "payments-none", "chats-none", "views-none")
        assert all(f'id="{name}"' in page.text for name in empty)
        assert 'data-state="none"' in page.text


@pytest.mark.gen_test
async def test_member_sees_who_of_the_staff_opened_their_data(server, signed_in):
    ana, yuliana = member("Ana"), agent("Yuliana")
    chat = support_chat(ana, yuliana)
    agents = await signed_in(yuliana)
    for part in ("ficha", "fila"):
        assert (await agents.get(f"/agente/chats/{chat.id}/{part}")).status == 200
    await server.context.store.run_in_background(lambda uow: None)
    page = (await (await signed_in(ana)).get("/mi")).text
    rows = page[page.index('id="views"') :]
    for text in (yuliana.user.name, "Agente · Su ficha", "Se anota desde el"):
        assert text in rows
    assert "127.0.0.1" not in page
    other = await (await signed_in(member("Beto"))).get("/mi")
    assert yuliana.user.name not in other.text


@pytest.mark.gen_test
async def test_older_views_have_a_page_of_their_own(server, signed_in, monkeypatch):
    monkeypatch.setattr("beneficiate.queries.data_views.VIEWS_PER_PAGE", 1)
    ana = member("Ana")
    chat = support_chat(ana, agent())
    for name in ("Yuliana", "Omar"):
        agents = await signed_in(agent(name))
        assert (await agents.get(f"/agente/chats/{chat.id}/ficha")).status == 200
        await server.context.store.run_in_background(lambda uow: None)
    browser = await signed_in(ana)
    first = (await browser.get("/mi")).text
    more = re.search(r'id="views-more" href="(/mi/vistas\?antes=\d+)"', first)[1]
    older = await browser.get(more)
    assert (older.status, "Yuliana" in older.text, "Omar" in older.text) == (200, True, False)
    assert 'id="views-more"' not in older.text
    assert 'id="views-first"' in older.text
    assert 'id="views-none"' in (await browser.get("/mi/vistas?antes=1")).text
    for odd in ("nada", "-1", "9" * 30):
        assert (await browser.get(f"/mi/vistas?antes={odd}")).status in (404, 422)
    assert (await fetch(server.port, "/mi/vistas")).status == 302


@pytest.mark.gen_test
async def test_nobody_comes_in_and_no_form_from_elsewhere(server, signed_in):
    answer = await fetch(server.port, "/mi")
    assert (answer.status, answer.headers["Location"]) == (302, "/login?next=%2Fmi")
    ana = member()
    row = beneficiary(ana)
    browser = await signed_in(ana)
    for path in POSTS:
        assert (await browser.post(path, _xsrf="")).status == 403
        nobody = await CookieClient(server.port).post(path)
        assert (nobody.status, "Debe iniciar sesión" in nobody.text) == (401, True)
    for path in ("/mi/dispositivos/1/cerrar", f"/mi/beneficiarios/{row.id}/quitar"):
        assert (await browser.get(path)).status == 405
    assert Beneficiary.get().removed_at is None


@pytest.mark.gen_test
async def test_a_beneficiary_is_added_corrected_and_removed(signed_in):
    browser = await signed_in(member_with_plan())
    added = await browser.post("/mi/beneficiarios/nuevo", **MATEO)
    assert (added.status, added.headers["Location"]) == (303, "/mi?listo=agregado#beneficiarios")
    page = (await browser.get("/mi?listo=agregado")).text
    assert "Mateo Guzmán" in page
    assert 'id="account-said"' in page
    row = Beneficiary.get()
    assert 'value="1012345678"' in (await browser.get(f"/mi/beneficiarios/{row.id}")).text
    await browser.post(f"/mi/beneficiarios/{row.id}", **{**MATEO, "last_name": "Rojas"})
    assert Beneficiary.get().last_name == "Rojas"
    removed = await browser.post(f"/mi/beneficiarios/{row.id}/quitar")
    assert removed.headers["Location"] == "/mi?listo=quitado#beneficiarios"
    assert (await browser.get(f"/mi/beneficiarios/{row.id}")).status == 404


@pytest.mark.gen_test
async def test_what_is_wrong_is_drawn_beside_what_was_typed(signed_in):
    ana = member_with_plan()
    browser = await signed_in(ana)
    typed = {**MATEO, "first_name": "<b>Mateo", "document_number": "?", "birth_date": "2999-01-01"}
    row = beneficiary(ana)
    for path in ("/mi/beneficiarios/nuevo", f"/mi/beneficiarios/{row.id}"):
        answer = await browser.post(path, **typed)
        assert answer.status == 200
        assert 'data-code="invalid"' in answer.text
        assert 'value="&lt;b&gt;Mateo"' in answer.text
        assert 'aria-describedby="document_number-error" autofocus' in answer.text
        assert 'id="birth_date-error"' in answer.text
        assert 'id="first_name-error"' not in answer.text
    assert Beneficiary.select().count() == 1


@pytest.mark.gen_test
async def test_more_than_the_plan_covers_is_refused_kindly(signed_in):
    ana = member_with_plan()
    browser = await signed_in(ana)
    for _ in range(4):
        beneficiary(ana)
    answer = await browser.post("/mi/beneficiarios/nuevo", **MATEO)
    assert (answer.status, 'data-code="limit_reached"' in answer.text) == (200, True)
    assert 'id="person-none"' in answer.text
    assert 'id="add-person"' not in (await browser.get("/mi")).text


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("most", "title", "text"),
    [
        (None, "No tiene un plan vigente", "necesita un plan vigente"),
        (0, "Su plan no cubre a otra persona", "Cambie a un plan"),
        (1, "Su plan no cubre a otra persona", "Puede quitar a un beneficiario"),
    ],
)
async def test_who_cannot_add_anybody_reads_why(signed_in, most, title, text):
    ana = member()
    if most is not None:
        add_plan(ana, max_beneficiaries=most)
        beneficiary(ana)
    page = (await (await signed_in(ana)).get("/mi/beneficiarios/nuevo")).text
    card = re.search(r'id="person-none".*?</div>', page, re.DOTALL)[0]
    assert title in card
    assert text in card
    assert 'href="/planes"' in card


@pytest.mark.gen_test
async def test_somebody_elses_beneficiary_chat_and_device_do_not_exist(signed_in):
    ana, yuliana = member_with_plan(), agent()
    row, chat = beneficiary(ana), support_chat(ana, yuliana)
    await signed_in(ana)
    device = SignIn.get(SignIn.user == ana.id).id
    for who in (member_with_plan(), yuliana, supervisor()):
        browser = await signed_in(who)
        assert (await browser.get(f"/mi/beneficiarios/{row.id}")).status == 404
        assert (await browser.post(f"/mi/beneficiarios/{row.id}", **MATEO)).status == 404
        assert (await browser.post(f"/mi/beneficiarios/{row.id}/quitar")).status == 404
        assert (await browser.get(f"/mi/chats/{chat.id}")).status == 404
        assert (await browser.post(f"/mi/dispositivos/{device}/cerrar")).status == 404
        assert (await browser.get("/mi/chats/99999999999")).status == 404
    assert SignIn.get_by_id(device).ended_at is None


@pytest.mark.gen_test
async def test_a_transcript_has_every_line_and_no_note(signed_in):
    ana, yuliana = member(), agent("Yuliana")
    chat = support_chat(ana, yuliana)
    for seq, (kind, sender, text) in enumerate((("USER", ana.id, "<i>Hola"), ("AGENT", yuliana.agent_id, "Buenas")), 1):
        Message.create(chat=chat, seq=seq, sender_type=kind, sender_id=sender, message=text, sent_at=chat.created_at)
    Note.create(chat=chat, author=yuliana.id, text="Nota interna", after_seq=1, created_at=chat.created_at)
    page = (await (await signed_in(ana)).get(f"/mi/chats/{chat.id}")).text
    assert "&lt;i&gt;Hola" in page
    assert "Conversación con Yuliana" in page
    assert yuliana.user.last_name not in page
    assert "Nota interna" not in page


@pytest.mark.gen_test
async def test_another_device_is_signed_out_with_its_sockets(server, signed_in):
    ana = member()
    this, other = await signed_in(ana), await signed_in(ana)
    client = await connect_socket(
        server.port, None, "/ws", ["beneficiate", (await other.post("/sesion/token")).json["data"]["token"]]
    )
    _, second = SignIn.select().order_by(SignIn.id)
    page = (await this.get("/mi")).text
    assert (page.count("Este dispositivo"), page.count("data-kind=")) == (1, 2)
    answer = await this.post(f"/mi/dispositivos/{second.id}/cerrar")
    assert answer.headers["Location"] == "/mi?listo=cerrado#dispositivos"
    assert await client.wait_closed() == 4401
    assert (await other.post("/sesion/token")).status == 401
    assert (await this.post("/sesion/token")).status == 200


@pytest.mark.gen_test
async def test_this_device_or_all_the_others(signed_in):
    ana = member()
    this, other = await signed_in(ana), await signed_in(ana)
    await this.post("/mi/dispositivos/otros/cerrar")
    assert ((await this.get("/mi")).status, (await other.get("/mi")).status) == (200, 302)
    device = SignIn.get(SignIn.ended_at.is_null()).id
    answer = await this.post(f"/mi/dispositivos/{device}/cerrar")
    assert (answer.headers["Location"], SESSION_COOKIE in this.cookies) == ("/login", False)
