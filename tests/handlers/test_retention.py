"""The page of retention says what the jobs of the process enforce."""

from dataclasses import fields

import pytest

from beneficiate.actions.sign_ins import SIGN_INS_KEPT_DAYS
from beneficiate.settings import Settings
from tests.factories import PASSWORD, agent, supervisor
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
    assert f"<td>{SIGN_INS_KEPT_DAYS} días</td>" in shown
    variables = {one.metadata["env"] for one in fields(Settings)}
    named = {word for word in shown.replace("<", " ").replace(">", " ").split() if word.startswith("BENEFICIATE_")}
    assert named
    assert named <= variables


@pytest.mark.gen_test
async def test_agents_do_not_see_it(server, signed_in):
    assert (await (await signed_in(agent())).get(PAGE)).status == 403
