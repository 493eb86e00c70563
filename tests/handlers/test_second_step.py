"""Signing in in two steps, on the pages and over the API."""

import asyncio
import re

import pytest

from beneficiate.models.accounts import Agent, SignIn, SignInThrottle
from beneficiate.models.second_factors import SecondFactor, SignInChallenge
from tests.factor_steps import Application, add_second_factor, forget_last_step
from tests.factories import PASSWORD, agent, member, supervisor
from tests.handlers.form_fields import read_form
from tests.http_client import CookieClient, call_api

CHALLENGE, SESSION = "beneficiate_challenge", "beneficiate"


@pytest.fixture
def browser(server):
    return CookieClient(server.port)


async def type_password(browser, who, **form):
    await browser.get("/login")
    return await browser.post("/login", email=who.user.email, password=PASSWORD, **form)


async def type_code(browser, code, path="/login/codigo", **form):
    page = await browser.get(path)
    assert page.status == 200
    return await browser.post("/login/codigo", **{**read_form(page.text, "code-form"), **form, "code": code})


async def log_in(server, who, **more):
    body = {"email": who.user.email, "password": PASSWORD, **more}
    return await call_api(server.port, "auth/login", None, body)


async def send_code(server, challenge, code, **more):
    return await call_api(server.port, "auth/second-factor", None, {"challenge": challenge, "code": code, **more})


@pytest.mark.gen_test
async def test_page_asks_for_the_code_and_then_goes_on(browser):
    yuliana = agent()
    application = add_second_factor(yuliana)
    led = await type_password(browser, yuliana, next="/agente/citas", remember="1")
    assert (led.status, led.headers["Location"]) == (303, "/login/codigo?next=%2Fagente%2Fcitas")
    cookie = browser.set_cookies[CHALLENGE]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Strict", "600")
    assert SESSION not in browser.cookies
    assert (await browser.get("/agente")).status == 302
    page = await browser.get(led.headers["Location"])
    assert f"Su código, {yuliana.user.first_name}" in page.text
    code = application.code()
    done = await browser.post(
        "/login/codigo", **{**read_form(page.text, "code-form"), "code": f"{code[:3]} {code[3:]}"}
    )
    assert (done.status, done.headers["Location"]) == (303, "/agente/citas")
    assert CHALLENGE not in browser.cookies
    assert browser.set_cookies[SESSION]["max-age"] == str(12 * 3600)
    assert (await browser.get("/agente")).status == 200


@pytest.mark.gen_test
async def test_wrong_and_used_codes_are_told_with_what_is_left(browser, server):
    yuliana = agent()
    application = add_second_factor(yuliana)
    await type_password(browser, yuliana)
    said = await type_code(browser, application.wrong_code())
    assert "Ese código no es." in said.text
    assert "Quedan 4 intentos." in said.text
    assert application.wrong_code() not in said.text
    code = application.code()
    assert (await type_code(browser, code)).status == 303
    other = CookieClient(server.port)
    await type_password(other, yuliana)
    assert "ya se usó" in (await type_code(other, code)).text


@pytest.mark.gen_test
async def test_wrong_codes_make_somebody_wait_and_a_right_password_forgives_none(browser, server):
    yuliana = agent()
    application = add_second_factor(yuliana)
    await type_password(browser, yuliana)
    for _ in range(5):
        await type_password(browser, yuliana)
        said = await type_code(browser, application.wrong_code())
    assert "intento" not in re.sub(r"<[^>]+>", "", said.text.split('id="code-error"')[1].split("</p>")[0])
    waiting = await type_code(browser, application.code())
    assert 'id="login-wait"' in waiting.text
    assert int(waiting.headers["Retry-After"]) > 20
    refused = await send_code(server, (await log_in(server, yuliana)).json["challenge"], application.code())
    assert (refused.status, refused.code) == (429, "rate_limited")
    assert SignInThrottle.select().where(SignInThrottle.kept_s == 86_400).count() == 2
    assert not SignIn.select().exists()


@pytest.mark.gen_test
async def test_device_that_signed_in_before_is_counted_by_itself(browser, server):
    yuliana = agent()
    application = add_second_factor(yuliana)
    await type_password(browser, yuliana)
    await type_code(browser, application.code())
    stranger = CookieClient(server.port)
    for _ in range(5):
        await type_password(stranger, yuliana)
        await type_code(stranger, application.wrong_code())
    forget_last_step(yuliana)
    await browser.post("/logout")
    await type_password(browser, yuliana)
    assert (await type_code(browser, application.code())).status == 303


@pytest.mark.gen_test
async def test_recovery_code_leads_to_another_application(browser):
    yuliana = agent()
    application = add_second_factor(yuliana)
    await type_password(browser, yuliana, next="/agente?chat=5")
    link = re.search(r'id="use-recovery" href="([^"]+)"', (await browser.get("/login/codigo?next=/agente")).text)[1]
    page = await browser.get(link.replace("&amp;", "&"))
    assert "Le quedan" in page.text
    said = await type_code(browser, "ZZZZ-ZZZZ", "/login/codigo?con=recuperacion&next=/agente?chat=5")
    assert "Ese código de recuperación no es" in said.text
    assert 'name="con"' in said.text
    typed = application.recovery_codes[0].lower()
    done = await type_code(browser, typed, "/login/codigo?con=recuperacion&next=/agente%3Fchat%3D5")
    assert done.headers["Location"] == "/mi/segundo-paso?listo=recuperado&next=%2Fagente%3Fchat%3D5"
    page = await browser.get(done.headers["Location"])
    assert "le quedan 9" in page.text
    assert 'href="/agente?chat=5"' in page.text


@pytest.mark.gen_test
async def test_second_step_without_a_password_leads_to_it(browser):
    for path in ("/login/codigo", "/login/activar"):
        answer = await browser.get(f"{path}?next=/agente/citas")
        assert (answer.status, answer.headers["Location"]) == (303, "/login?expirado=1&next=%2Fagente%2Fcitas")
        assert "Pasó mucho tiempo" in (await browser.get(answer.headers["Location"])).text
        sent = await browser.post(path, code="123456", setup="x")
        assert sent.headers["Location"].startswith("/login?expirado=1")
    yuliana = agent()
    application = add_second_factor(yuliana)
    await type_password(browser, yuliana)
    assert (await browser.get("/login/activar?next=/agente")).headers["Location"] == "/login/codigo?next=/agente"
    page = await browser.get("/login/codigo")
    SignInChallenge.delete().execute()
    sent = await browser.post("/login/codigo", **{**read_form(page.text, "code-form"), "code": application.code()})
    assert sent.headers["Location"].startswith("/login?expirado=1")
    assert CHALLENGE not in browser.cookies


@pytest.mark.gen_test
async def test_code_that_is_sent_twice_goes_on(browser):
    yuliana = agent()
    application = add_second_factor(yuliana)
    await type_password(browser, yuliana)
    await browser.get("/login/codigo")
    stale = browser.xsrf_token
    await type_code(browser, application.code())
    again = await browser.post("/login/codigo", code=application.code(), next="/agente/citas", _xsrf=stale)
    assert again.headers["Location"] == "/agente/citas"


@pytest.mark.gen_test
async def test_form_of_another_site_is_refused(browser):
    yuliana = agent()
    application = add_second_factor(yuliana)
    await type_password(browser, yuliana)
    assert (await browser.post("/login/codigo", code=application.code(), _xsrf="x")).status == 403
    assert not SignIn.select().exists()


@pytest.mark.gen_test
async def test_api_gives_a_challenge_and_for_its_answer_the_tokens(server):
    yuliana = agent()
    application = add_second_factor(yuliana)
    asked = await log_in(server, yuliana)
    assert (asked.status, asked.code, asked.json["expiresIn"]) == (401, "second_factor_required", 600)
    assert set(asked.json) == {"error", "code", "statusCode", "timestamp", "challenge", "expiresIn"}
    challenge = asked.json["challenge"]
    assert (await call_api(server.port, "auth/me", None, Authorization=f"Bearer {challenge}")).status == 401
    refresh = await call_api(server.port, "auth/refresh-token", None, {"refreshToken": challenge})
    assert refresh.status == 401
    wrong = await send_code(server, challenge, application.wrong_code())
    assert (wrong.status, wrong.code) == (401, "wrong_code")
    done = await send_code(server, challenge, application.code())
    assert set(done.data) == {"token", "refreshToken", "expiresIn", "user", "deviceToken"}
    assert (await call_api(server.port, "auth/me", None, Authorization=f"Bearer {done.data['token']}")).status == 200
    again = await send_code(server, challenge, application.code(1))
    assert (again.status, again.code) == (401, "challenge_expired")


@pytest.mark.gen_test
async def test_challenge_of_the_api_opens_no_page_and_that_of_a_page_no_token(server, browser):
    yuliana = agent()
    application = add_second_factor(yuliana)
    browser.cookies[CHALLENGE] = (await log_in(server, yuliana)).json["challenge"]
    assert (await browser.get("/login/codigo")).headers["Location"].startswith("/login?expirado=1")
    await type_password(browser, yuliana)
    answer = await send_code(server, browser.cookies[CHALLENGE], application.code())
    assert answer.code == "challenge_expired"
    assert not SignIn.select().exists()


@pytest.mark.gen_test
async def test_one_of_two_simultaneous_sign_ins_with_a_code_succeeds(server):
    yuliana = agent()
    application = add_second_factor(yuliana)
    challenges = [(await log_in(server, yuliana)).json["challenge"] for _ in range(2)]
    code = application.code()
    answers = await asyncio.gather(*(send_code(server, challenge, code) for challenge in challenges))
    assert sorted(answer.status for answer in answers) == [200, 401]
    assert SignIn.select().count() == 1


@pytest.mark.gen_test
async def test_who_has_a_factor_is_told_so_only_after_the_password(server, browser):
    yuliana, ana = agent(), member()
    add_second_factor(yuliana)
    said = set()
    for email in (yuliana.user.email, ana.user.email, "nadie@x.co"):
        answer = await call_api(server.port, "auth/login", None, {"email": email, "password": "otra clave larga"})
        said.add((answer.status, answer.code, frozenset(answer.json), frozenset(answer.headers)))
    assert len(said) == 1
    await browser.get("/login")
    page = await browser.post("/login", email=yuliana.user.email, password="otra clave larga")
    assert CHALLENGE not in browser.cookies
    assert "código" not in page.text


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        '{"challenge": "x"}',
        '{"challenge": "x", "code": ""}',
        '{"challenge": 5, "code": "1"}',
        '{"challenge": "x", "code": "\\u0000"}',
        '{"challenge": "x", "code": "' + "1" * 65 + '"}',
    ],
)
@pytest.mark.gen_test
async def test_invalid_answers_are_refused(server, body):
    assert (await call_api(server.port, "auth/second-factor", None, body)).status == 422


@pytest.mark.gen_test
async def test_required_square_that_is_too_old_begins_anew_though_one_has_to_wait(start):
    server = await start(second_factor="required")
    browser = CookieClient(server.port)
    led = await type_password(browser, agent())
    form = read_form((await browser.get(led.headers["Location"])).text, "setup-form")
    for _ in range(5):
        said = await browser.post("/login/activar", **{**form, "code": "000000"})
    said = await browser.post("/login/activar", **{**form, "code": "000000"})
    assert (said.status, "Puede volver a intentar en" in said.text) == (200, True)
    old = await browser.post("/login/activar", **{**form, "setup": "x", "code": "000000"})
    assert (old.status, "Empiece otra vez" in old.text) == (200, True)
    assert read_form(old.text, "setup-form")["setup"] not in ("x", form["setup"])


@pytest.mark.gen_test
async def test_required_factor_is_set_up_before_anything_else(start):
    server = await start(second_factor="required")
    browser, yuliana = CookieClient(server.port), agent()
    refused = await log_in(server, yuliana)
    assert (refused.status, refused.code) == (401, "enrolment_required")
    assert "challenge" not in refused.json
    led = await type_password(browser, yuliana, next="/agente?chat=5")
    assert led.headers["Location"] == "/login/activar?next=%2Fagente%3Fchat%3D5"
    for path in ("/agente", "/mi", "/mi/segundo-paso"):
        assert (await browser.get(path)).headers["Location"].startswith("/login")
    page = await browser.get(led.headers["Location"])
    form = read_form(page.text, "setup-form")
    secret = re.search(r'id="setup-key">([A-Z2-7 ]+)<', page.text)[1].replace(" ", "")
    application = Application(secret)
    said = await browser.post("/login/activar", **{**form, "code": application.wrong_code()})
    assert "Ese código no es." in said.text
    assert secret == re.search(r'id="setup-key">([A-Z2-7 ]+)<', said.text)[1].replace(" ", "")
    other = await browser.post("/login/activar", **{**form, "setup": "x", "code": application.code()})
    assert "Empiece otra vez" in other.text
    done = await browser.post("/login/activar", **{**form, "code": application.code()})
    codes = re.findall(r"<code>([0-9A-Z]{4}-[0-9A-Z]{4})</code>", done.text)
    assert len(codes) == 10
    assert '<input type="hidden" name="chat" value="5">' in done.text
    assert (await browser.get("/agente")).status == 200
    assert SecondFactor.select().count() == 1
    assert (await log_in(server, yuliana)).code == "second_factor_required"
    ana = member()
    assert (await log_in(server, ana)).status == 200


@pytest.mark.gen_test
async def test_supervisor_who_is_dismissed_still_needs_the_code_as_an_agent(browser):
    marta = supervisor()
    add_second_factor(marta)
    Agent.update(status="ACTIVE").execute()
    assert (await type_password(browser, marta)).headers["Location"] == "/login/codigo"


@pytest.mark.gen_test
async def test_logs_have_neither_codes_nor_challenges(server, capsys):
    yuliana = agent()
    application = add_second_factor(yuliana)
    capsys.readouterr()
    challenge = (await log_in(server, yuliana)).json["challenge"]
    wrong, code = application.wrong_code(), application.code()
    await send_code(server, challenge, wrong)
    await send_code(server, challenge, code)
    printed = "".join(capsys.readouterr())
    assert "second_factor_failed" in printed
    assert "signed_in" in printed
    assert not [text for text in (challenge, wrong, code, application.secret) if text in printed]
