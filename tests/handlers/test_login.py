"""Everybody signs in on a page: a cookie that scripts cannot read, forms that other sites cannot send."""

import pytest

from beneficiate.handlers.signed_in import SESSION_COOKIE
from beneficiate.models.accounts import SignIn
from beneficiate.queries.demo import DEMO_EMAIL_DOMAIN
from beneficiate.settings import DEMO_PASSWORD
from tests.factories import PASSWORD, agent, member, supervisor, support_chat
from tests.http_client import CookieClient, fetch


@pytest.fixture
def browser(server):
    return CookieClient(server.port)


@pytest.mark.gen_test
async def test_agent_signs_in_and_opens_the_desk(browser):
    answer = await browser.sign_in(agent(), PASSWORD)
    assert (answer.status, answer.headers["Location"]) == (303, "/agente")
    cookie = browser.set_cookies[SESSION_COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["max-age"]) == (True, "Strict", "/", "")
    assert (browser.set_cookies["_xsrf"]["httponly"], browser.set_cookies["_xsrf"]["samesite"]) == (True, "Lax")
    assert (await browser.get("/agente")).status == 200


@pytest.mark.gen_test
async def test_remembered_session_has_an_end(browser):
    await browser.sign_in(agent(), PASSWORD, remember="1")
    assert browser.set_cookies[SESSION_COOKIE]["max-age"] == str(12 * 3600)


@pytest.mark.gen_test
async def test_cookies_are_secure_over_tls(start):
    server = await start(public_url="https://chat.beneficiate.co")
    browser = CookieClient(server.port)
    await browser.sign_in(supervisor(), PASSWORD)
    assert browser.set_cookies["__Host-beneficiate"]["secure"]
    for name in ("__Host-xsrf", "__Host-beneficiate_device"):
        cookie = browser.set_cookies[name]
        assert (bool(cookie["secure"]), cookie["path"], cookie["domain"]) == (True, "/", "")
    assert "beneficiate_device" not in browser.cookies


@pytest.mark.gen_test
async def test_form_without_xsrf_token_is_refused(server, browser):
    yuliana = agent()
    form = f"email={yuliana.user.email}&password={PASSWORD}"
    without = await fetch(server.port, "/login", "POST", form)
    await browser.get("/login")
    forged = await browser.post("/login", email=yuliana.user.email, password=PASSWORD, _xsrf="2|aaaaaaaa|bbbb|1")
    for refused in (without, forged):
        assert 'data-code="forbidden"' in refused.text
        assert SESSION_COOKIE not in str(refused.headers.get_list("Set-Cookie"))
    # The form is drawn again, with a token that counts.
    answer = await browser.post("/login", email=yuliana.user.email, password=PASSWORD)
    assert (answer.status, SESSION_COOKIE in browser.cookies) == (303, True)
    browser = CookieClient(server.port)
    await browser.sign_in(yuliana, PASSWORD)
    for path in ("/logout", "/sesion/token"):
        assert (await browser.post(path, _xsrf="")).status == 403
    assert (await browser.get("/agente")).status == 200


@pytest.mark.gen_test
async def test_form_of_before_the_sign_in_or_of_another_one_is_refused(server, browser):
    yuliana, other = agent(), CookieClient(server.port)
    await browser.get("/login")
    anonymous, planted = browser.xsrf_token, browser.cookies["_xsrf"]
    await other.sign_in(agent(), PASSWORD)
    await browser.sign_in(yuliana, PASSWORD)
    assert "_xsrf" not in browser.cookies
    first = browser.xsrf_token
    for foreign in (anonymous, other.xsrf_token):
        browser.cookies["_xsrf"] = foreign  # as a neighbour of the host could set it
        assert (await browser.post("/sesion/token", _xsrf=foreign)).status == 403
    assert (await browser.post("/sesion/token", _xsrf=first)).status == 200
    del browser.cookies["_xsrf"]
    await browser.post("/logout")
    browser.cookies["_xsrf"] = planted
    refused = await browser.post("/login", email=yuliana.user.email, password=PASSWORD, _xsrf=first)
    assert (refused.status, 'data-code="forbidden"' in refused.text) == (200, True)
    await browser.sign_in(yuliana, PASSWORD)
    assert (await browser.post("/sesion/token", _xsrf=first)).status == 403
    assert (await browser.post("/sesion/token", _xsrf=browser.xsrf_token)).status == 200


async def open_login_tab(browser):
    """Open `/login` in a tab that knows no cookie yet; return the token of its form."""
    browser.cookies.pop("_xsrf", None)
    await browser.get("/login")
    return browser.xsrf_token


@pytest.mark.gen_test
async def test_each_of_two_tabs_that_opened_the_sign_in_at_once_works(browser):
    yuliana, browser.form_headers = agent(), {"Sec-Fetch-Site": "same-origin"}
    first, _second = await open_login_tab(browser), await open_login_tab(browser)
    answer = await browser.post(
        "/login", email=yuliana.user.email, password=PASSWORD, _xsrf=first, next="/agente/citas"
    )
    assert (answer.status, answer.headers["Location"]) == (303, "/agente/citas")
    assert (await browser.get("/agente/citas")).status == 200


@pytest.mark.gen_test
async def test_tab_whose_person_signed_in_elsewhere_goes_on_without_another_sign_in(browser):
    yuliana, first = agent(), await open_login_tab(browser)
    await browser.sign_in(yuliana, PASSWORD)
    cookie, form = browser.cookies[SESSION_COOKIE], browser.xsrf_token
    for next_path, path in (("/agente/citas", "/agente/citas"), ("", "/agente"), ("//evil.example", "/agente")):
        email = f" {yuliana.user.email.upper()}"
        answer = await browser.post("/login", email=email, password=PASSWORD, _xsrf=first, next=next_path)
        assert (answer.status, answer.headers["Location"]) == (303, path)
    assert browser.cookies[SESSION_COOKIE] == cookie
    assert SignIn.select().count() == 1
    # The forms of the tab that signed in still count.
    assert (await browser.post("/sesion/token", _xsrf=form)).status == 200


@pytest.mark.gen_test
async def test_tab_in_which_somebody_else_signs_in_ends_with_them(browser):
    yuliana, ana, first = agent(), member(), await open_login_tab(browser)
    await browser.sign_in(yuliana, PASSWORD)
    wanted = {"email": ana.user.email, "password": PASSWORD, "_xsrf": first, "next": "/mi"}
    for headers in ({}, {"Sec-Fetch-Site": "none"}):
        browser.form_headers = headers
        refused = await browser.post("/login", **wanted)
        assert (refused.status, 'data-code="forbidden"' in refused.text) == (200, True)
        assert "No pudimos comprobar que este formulario venía de esta página" in refused.text
        assert (await browser.get("/agente")).status == 200
    for headers in ({"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}):
        browser.form_headers = headers
        assert (await browser.post("/login", **wanted)).status == 403
    browser.form_headers = {"Origin": f"http://127.0.0.1:{browser.port}"}
    assert (await browser.post("/login", **(wanted | {"password": "otra clave"}))).status == 200
    assert (await browser.post("/login", **wanted)).headers["Location"] == "/mi"
    assert (await browser.get("/mi")).status == 200


@pytest.mark.gen_test
async def test_refused_sign_in_gives_no_reason(browser):
    gone = member(is_active=False)
    wrong = [(member(), "otra clave"), (agent(), "otra clave"), (gone, PASSWORD), (member(), "")]
    refused = [await browser.sign_in(who, password) for who, password in wrong]
    assert all(answer.status == 200 and 'data-code="wrong_credentials"' in answer.text for answer in refused)
    assert SESSION_COOKIE not in browser.cookies
    assert not SignIn.select().exists()


@pytest.mark.gen_test
async def test_member_returns_to_the_purchase_after_sign_in(browser):
    answer = await browser.get("/pagos/nuevo?plan=2")
    address = answer.headers["Location"]
    assert (answer.status, address) == (302, "/login?next=%2Fpagos%2Fnuevo%3Fplan%3D2")
    assert 'value="/pagos/nuevo?plan=2"' in (await browser.get(address)).text
    ana = member()
    assert (await browser.sign_in(ana, PASSWORD, next="/pagos/nuevo?plan=2")).headers[
        "Location"
    ] == "/pagos/nuevo?plan=2"
    assert (await browser.get("/agente")).status == 403
    assert (await browser.get("/supervisor/pagos")).status == 403


@pytest.mark.gen_test
async def test_page_shows_the_wait_after_wrong_passwords(start):
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
async def test_typed_values_are_escaped(browser):
    await browser.get("/login")
    answer = await browser.post("/login", email='"><script>x</script>', password="x", next="/agente?a=<b>")
    assert "<script>x" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert 'value="/agente?a=&lt;b&gt;"' in answer.text


@pytest.mark.gen_test
async def test_sign_in_redirects_to_own_paths_only(browser):
    yuliana = agent()
    assert (await browser.sign_in(yuliana, PASSWORD, next="/agente?chat=12")).headers["Location"] == "/agente?chat=12"
    for foreign in ("https://evil.example", "//evil.example", "/\\evil.example", "//["):
        assert (await browser.sign_in(yuliana, PASSWORD, next=foreign)).headers["Location"] == "/agente"
        assert "evil" not in (await CookieClient(browser.port).get(f"/login?next={foreign}")).text


@pytest.mark.gen_test
async def test_sign_out_ends_session_and_cookie(browser):
    await browser.sign_in(agent(), PASSWORD)
    stolen = browser.cookies[SESSION_COOKIE]
    await browser.get("/logout")
    answer = await browser.post("/logout")
    assert (answer.status, answer.headers["Location"], SESSION_COOKIE in browser.cookies) == (303, "/login", False)
    assert (await fetch(browser.port, "/agente", Cookie=f"{SESSION_COOKIE}={stolen}")).status == 302
    assert (await browser.post("/logout")).status == 303


@pytest.mark.gen_test
async def test_desk_lists_own_chats_and_shows_those_of_colleagues(browser):
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


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("contacts", "present", "absent"),
    [
        ({}, "la oficina con la que se afilió", ("llámenos", "escríbanos", "por el chat")),
        ({"contact_phone": "601 555 0100"}, 'href="tel:601-555-0100"', ("escríbanos", "afilió")),
        ({"contact_email": "ayuda@a.co"}, 'href="mailto:ayuda@a.co"', ("llámenos", "afilió")),
    ],
)
@pytest.mark.gen_test
async def test_help_names_the_contacts_that_there_are(start, contacts, present, absent):
    server = await start(**contacts)
    page = (await fetch(server.port, "/login")).text
    assert present in page
    assert [text for text in absent if text in page] == []
    assert 'id="help-hours"' in page
    assert 'href="/planes"' in page


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.gen_test
async def test_chat_is_for_visitors_and_members_and_knows_members(server):
    chat, knows = "dist/widget.js", "src/members/chat.js"
    for who, wanted in ((None, (True, False)), (member(), (True, True)), (agent(), (False, False))):
        browser = CookieClient(server.port)
        if who is not None:
            await browser.sign_in(who, PASSWORD)
        for path in ("/login", "/planes"):
            page = (await browser.get(path)).text
            assert (chat in page, knows in page) == wanted, (path, who)


@pytest.mark.gen_test
async def test_demo_accounts_are_shown_while_they_are_there(server, browser):
    assert "login-demo" not in (await browser.get("/login")).text
    agent(email=f"agente1@{DEMO_EMAIL_DOMAIN}")
    page = (await browser.get("/login")).text
    assert f"<b>agente1@{DEMO_EMAIL_DOMAIN}</b>: agente" in page
    assert f"<b>{DEMO_PASSWORD}</b>" in page


@pytest.mark.gen_test
async def test_production_shows_no_demo_account(start):
    server = await start(env="production", public_url="https://chat.beneficiate.co")
    agent(email=f"agente1@{DEMO_EMAIL_DOMAIN}")
    page = (await fetch(server.port, "/login")).text
    assert "login-form" in page
    assert DEMO_PASSWORD not in page
    assert DEMO_EMAIL_DOMAIN not in page


@pytest.mark.gen_test
async def test_sign_out_names_the_person_to_the_script_that_deletes_what_is_stored(server):
    ana, yuliana = member(), agent()
    named = {}
    for who in (ana, yuliana):
        browser = CookieClient(server.port)
        await browser.sign_in(who, PASSWORD)
        await browser.get("/logout")
        await browser.post("/logout")
        named[who.id] = browser.set_cookies.get("beneficiate_signed_out")
    for id_, cookie in named.items():
        assert (cookie.value, cookie["httponly"], cookie["path"]) == (str(id_), "", "/")


@pytest.mark.gen_test
async def test_sign_in_of_somebody_else_ends_the_one_that_it_replaces(browser):
    yuliana, marta = agent(), supervisor()
    await browser.sign_in(yuliana, PASSWORD)
    replaced = browser.cookies[SESSION_COOKIE]
    assert f"Aquí ya ingresó {yuliana.user.name}" in (await browser.get("/login?next=/agente/citas")).text
    await browser.sign_in(marta, PASSWORD)
    assert browser.set_cookies["beneficiate_signed_out"].value == str(yuliana.id)
    assert [row.ended_at is None for row in SignIn.select().order_by(SignIn.id)] == [False, True]
    browser.cookies[SESSION_COOKIE] = replaced
    assert (await browser.get("/agente")).status == 302


@pytest.mark.gen_test
async def test_sign_in_of_the_same_person_leaves_their_other_tab_alone(browser):
    yuliana = agent()
    for _ in range(2):
        await browser.sign_in(yuliana, PASSWORD)
    assert [row.ended_at is None for row in SignIn.select()] == [True, True]
    assert "beneficiate_signed_out" not in browser.set_cookies
