"""What the staff do with their own second factor on `/mi/segundo-paso`, and a supervisor with that of others."""

import re

import pytest

from beneficiate.models.accounts import SignIn
from beneficiate.models.audit import AuditEntry
from beneficiate.models.second_factors import RecoveryCode, SecondFactor
from tests.audit import reason_of
from tests.factor_steps import Application, add_second_factor, forget_last_step
from tests.factories import PASSWORD, agent, member, supervisor
from tests.handlers.form_fields import read_form
from tests.http_client import CookieClient

PAGE = "/mi/segundo-paso"
FORMS = ("activar", "confirmar", "codigos", "quitar")
CODE = re.compile(r"<code>([0-9A-Z]{4}-[0-9A-Z]{4})</code>")
REASON = "Perdió el celular; la llamé a su extensión."


def read_secret(page):
    return re.search(r'id="setup-key">([A-Z2-7 ]+)<', page.text)[1].replace(" ", "")


async def sign_in_twice(server, who, application):
    """A browser that has signed in with a code."""
    browser = CookieClient(server.port)
    await browser.sign_in(who, PASSWORD)
    page = await browser.get("/login/codigo")
    await browser.post("/login/codigo", **{**read_form(page.text, "code-form"), "code": application.code()})
    await browser.get(PAGE)
    forget_last_step(who)
    return browser


@pytest.mark.gen_test
async def test_factor_is_set_up_with_the_password_and_a_first_code(server, signed_in):
    yuliana = agent()
    browser, elsewhere = await signed_in(yuliana), await signed_in(yuliana)
    assert "Sin activar" in (await browser.get("/mi")).text
    await browser.get(PAGE)
    said = await browser.post(f"{PAGE}/activar", password="otra clave larga")
    assert "La contraseña no coincide" in said.text
    assert "otra clave" not in said.text
    shown = await browser.post(f"{PAGE}/activar", password=PASSWORD)
    application, form = Application(read_secret(shown)), read_form(shown.text, "setup-form")
    assert "<svg" in shown.text
    assert "style=" not in shown.text.split('id="qr"')[1].split("</svg>")[0]
    again = await browser.post(f"{PAGE}/confirmar", **{**form, "code": application.wrong_code()})
    assert "Quedan 4 intentos" in again.text
    assert read_secret(again) == application.secret
    done = await browser.post(f"{PAGE}/confirmar", **{**form, "code": application.code()})
    codes = CODE.findall(done.text)
    assert len(codes) == 10
    assert done.headers["Cache-Control"] == "no-store"
    page = (await browser.get(PAGE)).text
    assert "Está activo" in page
    assert not [code for code in codes if code in page]
    assert (await elsewhere.get("/agente")).status == 302
    twice = await browser.post(f"{PAGE}/confirmar", **{**form, "code": application.code(1)})
    assert "ya quedó activo" in twice.text


@pytest.mark.gen_test
async def test_square_that_is_too_old_begins_anew_though_one_has_to_wait(server, signed_in):
    browser = await signed_in(agent())
    await browser.get(PAGE)
    shown = await browser.post(f"{PAGE}/activar", password=PASSWORD)
    application, form = Application(read_secret(shown)), read_form(shown.text, "setup-form")
    for _ in range(5):
        await browser.post(f"{PAGE}/confirmar", **{**form, "code": application.wrong_code()})
    waiting = await browser.post(f"{PAGE}/confirmar", **{**form, "code": application.code()})
    assert (waiting.status, read_secret(waiting)) == (200, application.secret)
    assert "Puede volver a intentar en" in waiting.text
    old = await browser.post(f"{PAGE}/confirmar", **{**form, "setup": "x", "code": application.code()})
    assert (old.status, "Empiece otra vez" in old.text) == (200, True)


@pytest.mark.gen_test
async def test_every_act_on_a_factor_needs_password_and_code(server):
    yuliana = agent()
    application = add_second_factor(yuliana)
    browser = await sign_in_twice(server, yuliana, application)
    for form in ("activar", "codigos", "quitar"):
        for password, code in (
            ("otra clave larga", application.code()),
            (PASSWORD, application.wrong_code()),
            (PASSWORD, ""),
        ):
            said = await browser.post(f"{PAGE}/{form}", password=password, code=code)
            assert (said.status, 'id="factor-problem"' in said.text) == (200, True), form
        assert SecondFactor.select().exists()
        SecondFactor.update(last_step=0).execute()
        await browser.get(PAGE)
        # What is right is forgiven, so that the next form begins anew.
        assert "<svg" in (await browser.post(f"{PAGE}/activar", password=PASSWORD, code=application.code())).text
        forget_last_step(yuliana)


@pytest.mark.gen_test
async def test_recovery_codes_are_renewed_and_the_factor_is_turned_off(server):
    yuliana = agent()
    application = add_second_factor(yuliana)
    browser = await sign_in_twice(server, yuliana, application)
    RecoveryCode.delete().where(RecoveryCode.id.not_in(RecoveryCode.select(RecoveryCode.id).limit(1))).execute()
    page = (await browser.get(PAGE)).text
    assert "Pida otros" in page
    fresh = await browser.post(f"{PAGE}/codigos", password=PASSWORD, code=application.code())
    codes = CODE.findall(fresh.text)
    assert len(codes) == 10
    forget_last_step(yuliana)
    done = await browser.post(f"{PAGE}/quitar", password=PASSWORD, code=codes[0])
    assert done.headers["Location"] == f"{PAGE}?listo=quitado"
    assert "solo con su contraseña" in (await browser.get(done.headers["Location"])).text
    assert not SecondFactor.select().exists()


@pytest.mark.gen_test
async def test_required_factor_has_no_form_to_turn_it_off(start):
    server = await start(second_factor="required")
    yuliana = agent()
    application = add_second_factor(yuliana)
    browser = await sign_in_twice(server, yuliana, application)
    assert "off-form" not in (await browser.get(PAGE)).text
    said = await browser.post(f"{PAGE}/quitar", password=PASSWORD, code=application.code())
    assert "obligatorio" in said.text
    assert SecondFactor.select().exists()


@pytest.mark.gen_test
async def test_wrong_codes_of_a_stolen_session_make_it_wait(server):
    yuliana = agent()
    application = add_second_factor(yuliana)
    browser = await sign_in_twice(server, yuliana, application)
    for _ in range(6):
        said = await browser.post(f"{PAGE}/quitar", password=PASSWORD, code=application.wrong_code())
    assert 'data-code="rate_limited"' in said.text
    assert "Retry-After" in said.headers


@pytest.mark.gen_test
async def test_pages_are_for_the_staff_and_forms_have_no_address_of_their_own(signed_in, server):
    ana, yuliana = await signed_in(member()), await signed_in(agent())
    nobody = CookieClient(server.port)
    assert "segundo-paso" not in (await ana.get("/mi")).text
    assert (await ana.get(PAGE)).status == 403
    assert (await nobody.get(PAGE)).headers["Location"].startswith("/login")
    for form in FORMS:
        assert (await ana.post(f"{PAGE}/{form}", password=PASSWORD)).status == 403
        assert (await nobody.post(f"{PAGE}/{form}", password=PASSWORD)).status in (401, 403)
        assert (await yuliana.get(f"{PAGE}/{form}")).status == 405
        assert (await yuliana.post(f"{PAGE}/{form}", password=PASSWORD, _xsrf="x")).status == 403
    assert not SecondFactor.select().exists()


@pytest.mark.gen_test
async def test_supervisor_resets_a_factor_with_a_reason(signed_in, server):
    yuliana, marta = agent(), supervisor()
    application = add_second_factor(yuliana)
    own = await sign_in_twice(server, yuliana, application)
    browser = await signed_in(marta)
    path = f"/supervisor/ajustes/personas/{yuliana.id}"
    assert 'id="reset-form"' in (await browser.get(path)).text
    said = await browser.post(f"{path}/segundo-paso", motivo="porque sí")
    assert "Escriba entre 10 y 500 letras" in said.text
    assert f'value="{yuliana.user.first_name}"' in said.text
    assert SecondFactor.select().exists()
    done = await browser.post(f"{path}/segundo-paso", motivo=REASON)
    assert done.headers["Location"] == f"{path}?listo=restablecida"
    assert "sus sesiones terminaron" in (await browser.get(done.headers["Location"])).text
    assert 'id="reset-form"' not in (await browser.get(path)).text
    assert (await own.get("/agente")).status == 302
    assert SignIn.select().where(SignIn.user == yuliana.id, SignIn.ended_at.is_null()).count() == 0
    assert reason_of(AuditEntry.get(AuditEntry.what == "factor.reset")) == REASON
    again = await browser.post(f"{path}/segundo-paso", motivo=REASON)
    assert (again.status, again.headers["Location"]) == (303, done.headers["Location"])
    assert AuditEntry.select().where(AuditEntry.what == "factor.reset").count() == 1
    add_second_factor(yuliana)
    omar = await signed_in(agent("Omar"))
    assert (await omar.post(f"{path}/segundo-paso", motivo=REASON)).status == 403
