"""Everybody signs in on a page: a cookie that scripts cannot read, forms that other sites cannot send."""

import pytest

from beneficiate.actions import accounts
from beneficiate.handlers.signed_in import SESSION_COOKIE, safe_redirect_path
from beneficiate.models.accounts import Agent, SignIn
from tests.factories import PASSWORD, agent, connect_socket, member, supervisor, support_chat
from tests.http_client import CookieClient, call_api, fetch

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
]
OWN = ["/", "/agente", "/agente?chat=12", "/agente/chats/12", "/a//b", "/agente?next=https://x.co", "/[", "/ñ"]


@pytest.fixture
def browser(server):
    return CookieClient(server.port)


@pytest.mark.gen_test
async def test_an_agent_signs_in_and_is_at_the_desk(browser):
    answer = await browser.sign_in(agent(), PASSWORD)
    assert (answer.status, answer.headers["Location"]) == (303, "/agente")
    cookie = browser.set_cookies[SESSION_COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["max-age"]) == (True, "Strict", "/", "")
    assert (browser.set_cookies["_xsrf"]["httponly"], browser.set_cookies["_xsrf"]["samesite"]) == (True, "Lax")
    assert (await browser.get("/agente")).status == 200


@pytest.mark.gen_test
async def test_to_be_remembered_has_an_end(browser):
    await browser.sign_in(agent(), PASSWORD, remember="1")
    assert browser.set_cookies[SESSION_COOKIE]["max-age"] == str(12 * 3600)


@pytest.mark.gen_test
async def test_over_tls_cookies_stay_on_it(start):
    server = await start(public_url="https://chat.beneficiate.co")
    browser = CookieClient(server.port)
    await browser.sign_in(supervisor(), PASSWORD)
    assert browser.set_cookies[SESSION_COOKIE]["secure"]
    assert browser.set_cookies["_xsrf"]["secure"]


@pytest.mark.gen_test
async def test_a_form_without_its_token_is_refused(server, browser):
    yuliana = agent()
    form = f"email={yuliana.user.email}&password=x"
    assert (await fetch(server.port, "/login", "POST", form)).status == 403
    await browser.get("/login")
    forged = await browser.post("/login", email=yuliana.user.email, password=PASSWORD, _xsrf="2|aaaaaaaa|bbbb|1")
    assert (forged.status, SESSION_COOKIE in browser.cookies) == (403, False)
    await browser.sign_in(yuliana, PASSWORD)
    for path in ("/logout", "/sesion/token"):
        assert (await browser.post(path, _xsrf="")).status == 403
    assert (await browser.get("/agente")).status == 200


@pytest.mark.gen_test
async def test_everybody_is_led_to_where_they_belong(server):
    idle = agent()
    Agent.update(status="INACTIVE").where(Agent.id == idle.agent_id).execute()
    for who, home in (
        (member(), "/mi"),
        (supervisor(), "/supervisor/pagos"),
        (agent(), "/agente"),
        (idle, "/mi"),
    ):
        browser = CookieClient(server.port)
        answer = await browser.sign_in(who, PASSWORD)
        assert (answer.status, answer.headers["Location"]) == (303, home)
        assert (await browser.get(home)).status == 200


@pytest.mark.gen_test
async def test_the_cookie_of_a_member_survives_the_way_back_from_the_checkout_and_that_of_the_staff_does_not(server):
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
async def test_who_is_not_let_in_is_not_told_why(browser):
    gone = member(is_active=False)
    wrong = [(member(), "otra clave"), (agent(), "otra clave"), (gone, PASSWORD), (member(), "")]
    refused = [await browser.sign_in(who, password) for who, password in wrong]
    assert all(answer.status == 200 and 'data-code="wrong_credentials"' in answer.text for answer in refused)
    assert SESSION_COOKIE not in browser.cookies
    assert not SignIn.select().exists()


@pytest.mark.gen_test
async def test_a_member_is_led_back_to_what_they_were_about_to_buy(browser):
    answer = await browser.get("/pagos/nuevo?plan=2")
    door = answer.headers["Location"]
    assert (answer.status, door) == (302, "/login?next=%2Fpagos%2Fnuevo%3Fplan%3D2")
    assert 'value="/pagos/nuevo?plan=2"' in (await browser.get(door)).text
    ana = member()
    assert (await browser.sign_in(ana, PASSWORD, next="/pagos/nuevo?plan=2")).headers[
        "Location"
    ] == "/pagos/nuevo?plan=2"
    assert (await browser.get("/agente")).status == 403
    assert (await browser.get("/supervisor/pagos")).status == 403


@pytest.mark.gen_test
async def test_after_wrong_passwords_the_page_tells_the_wait(start):
    server = await start(sign_in_attempts=1, sign_in_wait_s=90)
    browser, yuliana = CookieClient(server.port), agent()
    await browser.sign_in(yuliana, "otra clave")
    answer = await browser.sign_in(yuliana, PASSWORD)
    wait_s = int(answer.headers["Retry-After"])
    assert 80 <= wait_s <= 90
    assert f'data-seconds="{wait_s}"' in answer.text
    assert f'value="{yuliana.user.email}"' in answer.text
    assert PASSWORD not in answer.text
    assert SESSION_COOKIE not in browser.cookies


@pytest.mark.gen_test
async def test_what_was_typed_comes_back_as_text(browser):
    await browser.get("/login")
    answer = await browser.post("/login", email='"><script>x</script>', password="x", next="/agente?a=<b>")
    assert "<script>x" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert 'value="/agente?a=&lt;b&gt;"' in answer.text


@pytest.mark.gen_test
async def test_one_goes_on_to_a_path_of_ours_only(browser):
    yuliana = agent()
    assert (await browser.sign_in(yuliana, PASSWORD, next="/agente?chat=12")).headers["Location"] == "/agente?chat=12"
    for foreign in ("https://evil.example", "//evil.example", "/\\evil.example", "//["):
        assert (await browser.sign_in(yuliana, PASSWORD, next=foreign)).headers["Location"] == "/agente"
        assert "evil" not in (await CookieClient(browser.port).get(f"/login?next={foreign}")).text


@pytest.mark.parametrize("path", FOREIGN, ids=range(len(FOREIGN)))
def test_a_path_that_could_lead_elsewhere_is_none_of_ours(path):
    assert safe_redirect_path(path, "/home") == "/home"


@pytest.mark.parametrize("path", OWN)
def test_a_path_of_ours_is_kept(path):
    assert safe_redirect_path(path, "/home") == path


@pytest.mark.gen_test
async def test_who_is_not_signed_in_is_sent_to_the_door_and_back(server, browser):
    answer = await browser.get("/agente?chat=12")
    assert (answer.status, answer.headers["Location"]) == (302, "/login?next=%2Fagente%3Fchat%3D12")
    assert (await browser.get("/agente/chats/12")).status == 302
    await browser.get("/login")
    token = await browser.post("/sesion/token")
    assert (token.status, token.code) == (401, "unauthorized")


@pytest.mark.gen_test
async def test_a_page_of_another_role_is_refused(browser):
    await browser.sign_in(agent(), PASSWORD)
    assert (await browser.get("/supervisor/pagos")).status == 403


@pytest.mark.gen_test
async def test_a_cookie_that_is_none_is_nobodys(server):
    for cookie in ("hola", "a.b", '"\\000.x"', "00000000-0000-0000-0000-000000000000.x"):
        assert (await fetch(server.port, "/agente", Cookie=f"{SESSION_COOKIE}={cookie}")).status == 302


@pytest.mark.gen_test
async def test_signing_out_ends_the_session_and_the_cookie(browser):
    await browser.sign_in(agent(), PASSWORD)
    stolen = browser.cookies[SESSION_COOKIE]
    await browser.get("/logout")
    answer = await browser.post("/logout")
    assert (answer.status, answer.headers["Location"], SESSION_COOKIE in browser.cookies) == (303, "/login", False)
    assert (await fetch(browser.port, "/agente", Cookie=f"{SESSION_COOKIE}={stolen}")).status == 302
    assert (await browser.post("/logout")).status == 303


@pytest.mark.gen_test
async def test_a_page_gets_a_token_for_its_socket(server, browser):
    yuliana = agent()
    await browser.sign_in(yuliana, PASSWORD)
    token = (await browser.post("/sesion/token")).json["data"]
    assert token["expiresIn"] == 900
    assert await connect_socket(server.port, None, "/ws/agent", ["beneficiate", token["token"]])
    bearer = f"Bearer {token['token']}"
    assert (await call_api(server.port, f"agent-chat/agent/{yuliana.agent_id}", Authorization=bearer)).data == []


@pytest.mark.gen_test
async def test_the_role_and_the_account_are_those_of_today(server, browser):
    yuliana = agent()
    await browser.sign_in(yuliana, PASSWORD)
    Agent.update(status="INACTIVE").where(Agent.id == yuliana.agent_id).execute()
    assert (await browser.get("/agente")).status == 403
    Agent.update(status="ACTIVE").where(Agent.id == yuliana.agent_id).execute()
    assert (await browser.get("/agente")).status == 200
    await server.context.store.run(accounts.set_account_active, (yuliana.user.email, False))
    assert (await browser.get("/agente")).status == 302


@pytest.mark.gen_test
async def test_the_desk_lists_ones_own_chats_and_shows_those_of_colleagues_to_be_read(browser):
    yuliana, other, ana, beto = agent(), agent(), member("Anamaría"), member("<b>Beto</b>")
    own, foreign = support_chat(beto, yuliana), support_chat(ana, other)
    await browser.sign_in(yuliana, PASSWORD)
    desk = (await browser.get("/agente")).text
    assert "&lt;b&gt;Beto" in desk
    assert "<b>Beto" not in desk
    assert "Anamaría" not in desk
    assert 'data-mode="other"' in (await browser.get(f"/agente?chat={foreign.id}")).text
    for page in ("", "/fila"):
        assert (await browser.get(f"/agente/chats/{own.id}{page}")).status == 200
        assert (await browser.get(f"/agente/chats/{foreign.id}{page}")).status == 200
        assert (await browser.get(f"/agente/chats/99999999999{page}")).status == 404
