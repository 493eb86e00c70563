"""The page of retention says what the jobs of the process enforce."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.models.accounts import SignIn
from beneficiate.models.retention import Retention
from beneficiate.settings import Settings
from tests.factories import PASSWORD, agent, member, supervisor
from tests.handlers.form_fields import read_form
from tests.http_client import CookieClient

PAGE = "/supervisor/ajustes/retencion"


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.gen_test
async def test_values_are_those_of_the_settings_and_variables_exist(start):
    server = await start(staff_session_hours=7)
    browser = CookieClient(server.port)
    await browser.sign_in(supervisor(), PASSWORD)
    shown = (await browser.get(PAGE)).text
    assert "7 horas como máximo" in shown
    assert read_form(shown)["ingresos"] == "30"
    variables = {one.metadata["env"] for one in fields(Settings)}
    named = {word for word in shown.replace("<", " ").replace(">", " ").split() if word.startswith("BENEFICIATE_")}
    assert named
    assert named <= variables


@pytest.mark.gen_test
async def test_agents_do_not_see_it(server, signed_in):
    assert (await (await signed_in(agent())).get(PAGE)).status == 403


@pytest.mark.gen_test
async def test_effect_is_shown_before_it_is_saved(server, signed_in):
    long_ago = datetime.now(UTC) - timedelta(days=20)
    row = {"kind": "page", "secret_hash": "x", "created_at": long_ago, "expires_at": long_ago}
    SignIn.create(family="f", user=member().id, **row)
    browser = await signed_in(supervisor())
    form = read_form((await browser.get(PAGE)).text)
    typed = {**form, "ingresos": "10"}
    tried = await browser.post(PAGE, **typed, hacer="probar")
    assert 'data-kind="ingresos">1 ingreso de antes del' in tried.text
    assert 'data-kind="eventos"' not in tried.text
    assert "confirmado" not in read_form(tried.text)
    asked = await browser.post(PAGE, **typed)
    assert read_form(asked.text)["confirmado"] == "ingresos-1"
    assert not Retention.select().where(Retention.sign_in_days == 10).exists()
    done = await browser.post(PAGE, **read_form(asked.text))
    assert (done.status, done.headers["Location"]) == (303, f"{PAGE}?listo=guardado")
    assert Retention.get().sign_in_days == 10
    assert 'id="clash"' in (await browser.post(PAGE, **{**form, "ingresos": "90"})).text
    form = read_form((await browser.get(PAGE)).text)
    assert 'id="ingresos-error"' in (await browser.post(PAGE, **{**form, "ingresos": "1", "hacer": "probar"})).text
