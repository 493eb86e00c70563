"""The supervisors' page of who is blocked, and the button that lifts a block: of rows and of rates."""

import contextlib
import re
from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.errors import RateLimited
from beneficiate.limits import CHATS, EMAILS_PER_ADDRESS
from beneficiate.models.audit import AuditEntry
from beneficiate.models.quotas import QuotaUse
from beneficiate.queries import blocks
from tests.conftest import stop_refilling
from tests.factories import PASSWORD, agent, member, supervisor
from tests.http_client import CookieClient, call_api

PAGE = "/supervisor/ajustes/bloqueos"


def listed(text):
    """Return (kind, reference) of each row, and what is written in it."""
    rows = re.findall(
        r'data-block="(\w+)-([^"]+)">\s*<div class="block-what">\s*<b>([^<]+)</b>\s*<span>([^<]+)</span>', text
    )
    return {(kind, reference): (who, limit) for kind, reference, who, limit in rows}


async def lift(browser, kind, reference):
    answer = await browser.post(f"{PAGE}/levantar", tipo=kind, bloqueo=reference)
    return answer.status, answer.headers.get("Location")


@pytest.fixture
def browser(io_loop, server):
    async def sign_in():
        client = CookieClient(server.port)
        await client.sign_in(supervisor(), PASSWORD)
        return client

    return io_loop.run_sync(sign_in)


async def try_password(port, who, password):
    body = {"email": who.user.email, "password": password}
    return await call_api(port, "auth/login", method="POST", body=body)


@pytest.mark.gen_test
async def test_wrong_passwords_are_listed_and_forgiven(server, browser):
    assert 'id="blocks-none"' in (await browser.get(PAGE)).text
    ana = member()
    for _ in range(5):
        assert (await try_password(server.port, ana, "otra")).status == 401
    assert (await try_password(server.port, ana, PASSWORD)).status == 429
    text = (await browser.get(PAGE)).text
    ((kind, reference), (who, limit)) = listed(text).popitem()
    assert (kind, limit) == ("ingreso", "Contraseñas equivocadas")
    assert who.startswith(ana.user.email[:2])
    assert ana.user.email not in text

    assert await lift(browser, kind, reference) == (303, f"{PAGE}?listo=levantado")
    assert (await try_password(server.port, ana, PASSWORD)).status == 200
    assert await lift(browser, kind, reference) == (303, f"{PAGE}?listo=terminado")
    entry = AuditEntry.get(AuditEntry.what == "blocks.lift")
    assert (entry.subject, entry.reason) == ("limit:sign_in", who)


@pytest.mark.gen_test
async def test_emails_that_were_asked_for_are_listed_and_forgiven(server, browser):
    stranger = CookieClient(server.port)

    async def ask():
        await stranger.get("/recuperar")
        return (await stranger.post("/recuperar", email="ana@x.co")).status

    assert [await ask() for _ in range(EMAILS_PER_ADDRESS + 1)] == [303] * EMAILS_PER_ADDRESS + [200]
    assert list(listed((await browser.get(PAGE)).text).values()) == [("an••••@x.co", "Correos pedidos sin ingresar")]
    ((kind, reference),) = listed((await browser.get(PAGE)).text)
    await lift(browser, kind, reference)
    assert await ask() == 303
    assert listed((await browser.get(PAGE)).text) == {}


@pytest.mark.gen_test
async def test_quotas_are_listed_for_whom_they_stop(server, browser):
    ana, yuliana, now = member(), agent(), datetime.now(UTC)
    for who in (ana, yuliana):
        QuotaUse.create(user=who.id, quota=CHATS.name, used=CHATS.amount, began_at=now)
    # The staff may open more.
    ((kind, reference), (who, limit)) = listed((await browser.get(PAGE)).text).popitem()
    assert (kind, who[:2], limit) == ("cupo", ana.user.email[:2], "Chats abiertos")
    assert await lift(browser, kind, reference) == (303, f"{PAGE}?listo=levantado")
    assert QuotaUse.get(QuotaUse.user == ana.id).used == 0
    entry = AuditEntry.get(AuditEntry.what == "blocks.lift")
    assert (entry.subject, entry.person_id) == ("limit:chats", ana.id)


@pytest.mark.gen_test
async def test_rates_are_listed_and_filled(server, browser):
    limiters = stop_refilling(server).context.limiters
    network, ana = "127.0.0.0/24", member()
    for limiter, key in ((limiters.links, network), (limiters.slots, ana.id)):
        with contextlib.suppress(RateLimited):
            while True:
                await limiter.acquire(key)
    page = f"/recuperar/{'x' * 43}"
    assert (await CookieClient(server.port).get(page)).status == 429
    rows = listed((await browser.get(PAGE)).text)
    assert rows["ritmo", f"links:{network}"] == (f"Red {network}", "Enlaces de correos")
    assert rows["ritmo", f"slots:{ana.id}"][0][:2] == ana.user.email[:2]
    for kind, reference in rows:
        assert await lift(browser, kind, reference) == (303, f"{PAGE}?listo=levantado")
    assert (await CookieClient(server.port).get(page)).status == 404
    assert {entry.person_id for entry in AuditEntry.select().where(AuditEntry.what == "blocks.lift")} == {None, ana.id}


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("kind", "reference"),
    [
        ("ingreso", "1"),
        ("correo", "x"),
        ("cupo", "99999999999999999999"),
        ("ritmo", "nada:7"),
        ("", ""),
        ("otro", "7"),
        ("cupo", "²"),
    ],
)
async def test_block_that_is_none_is_said(server, browser, kind, reference):
    assert await lift(browser, kind, reference) == (303, f"{PAGE}?listo=terminado")
    assert "ya había terminado" in (await browser.get(f"{PAGE}?listo=terminado")).text


@pytest.mark.gen_test
async def test_list_is_searched_and_paged_and_a_lifted_block_leads_back_to_it(server, browser, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCKS_PER_PAGE", 2)
    for number, email in enumerate(("ana@x.co", "berta@x.co", "carla@x.co", "ana@y.co")):
        began_at = datetime.now(UTC) - timedelta(minutes=number)
        QuotaUse.create(user=member(email=email).id, quota=CHATS.name, used=CHATS.amount, began_at=began_at)
    text = (await browser.get(PAGE)).text
    assert [who for who, _ in listed(text).values()] == ["an••••@x.co", "be••••@x.co"]
    assert f'id="page-after" href="{PAGE}?despues=2"' in text
    text = (await browser.get(f"{PAGE}?despues=2")).text
    assert [who for who, _ in listed(text).values()] == ["ca••••@x.co", "an••••@y.co"]

    text = (await browser.get(f"{PAGE}?q=ana%40y.co")).text
    ((kind, reference),) = listed(text)
    assert f'action="{PAGE}/levantar?q=ana%40y.co"' in text
    answer = await browser.post(f"{PAGE}/levantar?q=ana%40y.co", tipo=kind, bloqueo=reference)
    assert answer.headers["Location"] == f"{PAGE}?q=ana%40y.co&listo=levantado"
    text = (await browser.get(answer.headers["Location"])).text
    assert 'id="blocks-done"' in text
    assert "No encontramos “ana@y.co”" in text
    assert 'id="blocks-none"' not in text


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("q=%00", True),
        ("q=%3Cb%3Eana", False),
        (f"q={'x' * 500}", False),
        ("despues=-1", True),
        ("despues=999999999", True),
        ("despues=%C2%B2", True),
    ],
)
async def test_odd_filters_are_answered(browser, query, is_found):
    QuotaUse.create(user=member().id, quota=CHATS.name, used=CHATS.amount, began_at=datetime.now(UTC))
    answer = await browser.get(f"{PAGE}?{query}")
    assert answer.status == 200
    assert len(listed(answer.text)) == is_found
    assert "<b>ana" not in answer.text


@pytest.mark.gen_test
async def test_page_is_for_supervisors_only(server):
    browser = CookieClient(server.port)
    await browser.sign_in(agent(), PASSWORD)
    assert (await browser.get(PAGE)).status == 403
    assert (await browser.post(f"{PAGE}/levantar", tipo="cupo", bloqueo="1")).status == 403
