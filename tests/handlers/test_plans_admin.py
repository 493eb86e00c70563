"""The supervisors' pages of the plans."""

import pytest

from beneficiate.models.payments import Plan
from tests.factories import agent, supervisor
from tests.handlers.form_fields import read_form
from tests.http_client import fetch

PAGE = "/supervisor/ajustes/planes"


@pytest.mark.gen_test
async def test_plan_is_put_on_sale_and_taken_off(server, signed_in):
    browser = await signed_in(supervisor())
    form = read_form((await browser.get(f"{PAGE}/nuevo")).text)
    await browser.post(f"{PAGE}/nuevo", **{**form, "nombre": "Plan joven", "precio": "99.000"})
    row = Plan.get(Plan.name == "Plan joven")
    assert "joven" in (await fetch(server.port, "/planes")).text
    shown = await browser.get(f"{PAGE}/{row.id}")
    assert 'value="99.000"' in shown.text
    assert (await browser.post(f"{PAGE}/{row.id}", **{**read_form(shown.text), "estado": "inactivo"})).status == 303
    assert "Plan joven" not in (await fetch(server.port, "/planes")).text
    said = await browser.post(f"{PAGE}/nuevo", **{**form, "nombre": "Otro", "precio": "gratis"})
    assert ('id="precio-error"' in said.text, 'value="gratis"' in said.text) == (True, True)
    assert 'id="clash"' in (await browser.post(f"{PAGE}/{row.id}", **read_form(shown.text))).text


@pytest.mark.gen_test
async def test_agents_have_no_part_in_it(server, signed_in):
    browser = await signed_in(agent())
    for path in ("", "/nuevo", "/1"):
        assert (await browser.get(f"{PAGE}{path}")).status == 403
    assert (await browser.post(f"{PAGE}/nuevo")).status == 403
