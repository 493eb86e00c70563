"""The session cookie of pages, the redirect to the sign-in, and the token for a page's socket."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.actions import accounts, sign_ins
from beneficiate.errors import Unavailable
from beneficiate.handlers.signed_in import SESSION_COOKIE, safe_redirect_path
from beneficiate.models.accounts import Agent, SignIn
from tests.actions.payment_steps import payment_with_link, run_committed
from tests.factories import PASSWORD, agent, connect_socket, member, supervisor, support_chat
from tests.http_client import CookieClient, call_api, fetch
from tests.queries.appointment_rows import create_appointment
from tests.ws_client import wait_until

FOREIGN = [
    "https://evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "evil.example",
    "",
    "javascript:alert(1)",
    "/\t/evil.example",
    "/\n/evil.example",
    "//[",
    "http:/x",
    " //evil.example",
    "\x00/agente",
    "/\x7fx",
    "/\x85x",
    "/\u2028x",
    "/login",
    "/login/?next=/agente",
    "/logout",
    "/sesion/token",
]
OWN = [
    "/",
    "/agente",
    "/agente?chat=12",
    "/agente/chats/12",
    "/a//b",
    "/agente?next=https://x.co",
    "/[",
    "/ñ",
    "/loginx",
]


@pytest.fixture
def browser(server):
    return CookieClient(server.port)


@pytest.mark.parametrize("path", FOREIGN, ids=range(len(FOREIGN)))
def test_path_to_another_site_is_not_followed(path):
    assert safe_redirect_path(path, "/home") == "/home"


@pytest.mark.parametrize("path", OWN)
def test_own_path_is_followed(path):
    assert safe_redirect_path(path, "/home") == path


@pytest.mark.gen_test
async def test_page_without_a_session_redirects_to_the_sign_in(server, browser):
    answer = await browser.get("/agente?chat=12")
    assert (answer.status, answer.headers["Location"]) == (302, "/login?next=%2Fagente%3Fchat%3D12")
    assert (await browser.get("/agente/chats/12")).status == 302
    await browser.get("/login")
    token = await browser.post("/sesion/token")
    assert (token.status, token.code) == (401, "unauthorized")


@pytest.mark.gen_test
async def test_page_of_another_role_is_forbidden(browser):
    await browser.sign_in(agent(), PASSWORD)
    assert (await browser.get("/supervisor/pagos")).status == 403


@pytest.mark.gen_test
async def test_invalid_cookie_is_no_session(server):
    for cookie in ("hola", "a.b", '"\\000.x"', "00000000-0000-0000-0000-000000000000.x"):
        assert (await fetch(server.port, "/agente", Cookie=f"{SESSION_COOKIE}={cookie}")).status == 302


@pytest.mark.gen_test
async def test_page_is_given_a_token_for_its_socket(server, browser):
    yuliana = agent()
    await browser.sign_in(yuliana, PASSWORD)
    token = (await browser.post("/sesion/token")).json["data"]
    assert token["expiresIn"] == 900
    assert await connect_socket(server.port, None, "/ws/agent", ["beneficiate", token["token"]])
    bearer = f"Bearer {token['token']}"
    assert (await call_api(server.port, f"agent-chat/agent/{yuliana.agent_id}", Authorization=bearer)).data == []


@pytest.mark.gen_test
async def test_change_of_role_or_account_counts_at_once(server, browser):
    yuliana = agent()
    await browser.sign_in(yuliana, PASSWORD)
    Agent.update(status="INACTIVE").where(Agent.id == yuliana.agent_id).execute()
    assert (await browser.get("/agente")).status == 403
    Agent.update(status="ACTIVE").where(Agent.id == yuliana.agent_id).execute()
    assert (await browser.get("/agente")).status == 200
    await server.context.store.run(accounts.set_account_active, (yuliana.user.email, False))
    assert (await browser.get("/agente")).status == 302


@pytest.mark.gen_test
async def test_cookie_is_lax_for_members_and_strict_for_staff(server):
    for who, same_site in ((member(), "Lax"), (agent(), "Strict"), (supervisor(), "Strict")):
        browser = CookieClient(server.port)
        await browser.sign_in(who, PASSWORD, remember="1")
        cookie = browser.set_cookies[SESSION_COOKIE]
        assert (cookie["samesite"], cookie["httponly"], cookie["path"]) == (same_site, True, "/")
        assert cookie["max-age"] == str(12 * 3600)
        await browser.get("/logout")
        await browser.post("/logout")
        assert browser.set_cookies[SESSION_COOKIE]["samesite"] == same_site
        assert SESSION_COOKIE not in browser.cookies


@pytest.mark.gen_test
async def test_browser_that_opens_a_part_of_a_page_is_led_to_the_whole_page(server, browser):
    marta, ana = supervisor(), member()
    chat, payment = support_chat(ana, marta), payment_with_link(run_committed, ana)
    appointment = create_appointment(ana)
    pages = {
        "/agente/lista?lista=waiting": "/agente?lista=waiting",
        "/agente/equipo": "/agente",
        f"/agente/chats/{chat.id}": f"/agente?chat={chat.id}",
        f"/agente/chats/{chat.id}/ficha": f"/agente?chat={chat.id}",
        "/agente/citas/lista?buscar=ana%20roj%C3%A1s&pagina=2": "/agente/citas?buscar=ana%20roj%C3%A1s&pagina=2",
        "/agente/citas/dia": "/agente/citas",
        "/agente/citas/nueva": "/agente/citas?nueva",
        f"/agente/citas/nueva?para={chat.id}": f"/agente/citas?nueva&para={chat.id}",
        f"/agente/citas/{appointment.id}": f"/agente/citas?cita={appointment.id}",
        "/supervisor/pagos/lista?buscar=x": "/supervisor/pagos?buscar=x",
        f"/supervisor/pagos/{payment}/detalle": f"/supervisor/pagos/{payment}",
    }
    await browser.sign_in(marta, PASSWORD)
    for part, page in pages.items():
        led = await browser.get(part, Sec_Fetch_Mode="navigate")
        assert (led.status, led.headers["Location"]) == (302, page)
        whole = await browser.get(page, Sec_Fetch_Mode="navigate")
        assert (whole.status, "<title>" in whole.text, 'lang="es-CO"' in whole.text) == (200, True, True), page
        fetched = await browser.get(part, Sec_Fetch_Mode="cors")
        assert (fetched.status in (200, 404), "<title>Citas" in fetched.text) == (True, False)


def session_ends_at(browser):
    family = browser.cookies[SESSION_COOKIE].partition(".")[0]
    return SignIn.get(SignIn.family == family).expires_at


@pytest.mark.gen_test
async def test_used_session_lasts_longer_and_an_unused_one_ends(browser):
    await browser.sign_in(agent(), PASSWORD)
    SignIn.update(expires_at=datetime.now(UTC) + timedelta(minutes=60)).execute()
    assert (await browser.get("/agente")).status == 200
    await wait_until(lambda: session_ends_at(browser) > datetime.now(UTC) + timedelta(minutes=110))
    SignIn.update(expires_at=datetime.now(UTC) - timedelta(seconds=1)).execute()
    assert (await browser.get("/agente")).status == 302
    assert (await browser.post("/sesion/token")).status == 401
    assert session_ends_at(browser) < datetime.now(UTC)


@pytest.mark.gen_test
async def test_page_is_read_while_its_session_cannot_be_extended(server, browser, monkeypatch):
    await browser.sign_in(agent(), PASSWORD)
    SignIn.update(expires_at=datetime.now(UTC) + timedelta(minutes=60)).execute()
    asked, run = [], server.context.store.run

    def fail(action, *given, **named):
        if action is not sign_ins.extend_page_session:
            return run(action, *given, **named)
        asked.append(action)
        failed = asyncio.get_running_loop().create_future()
        failed.set_exception(Unavailable())
        return failed

    monkeypatch.setattr(server.context.store, "run", fail)
    assert (await browser.get("/agente")).status == 200
    assert asked
