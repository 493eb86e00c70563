"""The supervisors' pages of the staff."""

from datetime import UTC, datetime

import pytest

from beneficiate.models.accounts import Agent, User
from beneficiate.models.chats import WAITING, Chat
from tests.factories import agent, member, supervisor, support_chat
from tests.handlers.form_fields import read_form

PAGE = "/supervisor/ajustes"


@pytest.mark.gen_test
async def test_list_shows_the_staff_and_is_searched(server, signed_in):
    omar, iris = agent("Omar"), agent("Iris")
    browser = await signed_in(supervisor())
    shown = await browser.get(PAGE)
    assert 'id="section-personas" href="/supervisor/ajustes" aria-current="page"' in shown.text
    assert f'data-row-id="{omar.id}"' in shown.text
    found = await browser.get(f"{PAGE}?q=iris")
    assert (f'data-row-id="{iris.id}"' in found.text, f'data-row-id="{omar.id}"' in found.text) == (True, False)
    for query in ("?q=%22%3Cb%3E", "?estado=nada", "?despues=x"):
        assert (await browser.get(f"{PAGE}{query}")).status == 200


@pytest.mark.gen_test
async def test_only_supervisors_have_the_pages(server, signed_in):
    for who in (agent(), member()):
        assert (await (await signed_in(who)).get(PAGE)).status == 403


@pytest.mark.gen_test
async def test_who_has_open_chats_is_deactivated_once_it_was_confirmed(server, signed_in):
    omar, now = agent("Omar"), datetime.now(UTC)
    for awaiting_since in (now, None, None):
        support_chat(member(), omar, awaiting_since=awaiting_since)
    browser = await signed_in(supervisor())
    address = f"{PAGE}/personas/{omar.id}"
    asked = await browser.post(f"{address}/desactivar")
    for text in ('id="ask"', "3 chats abiertos?", "1 espera respuesta: va al frente", "En 2 nadie espera"):
        assert text in asked.text
    assert User.get_by_id(omar.id).is_active
    assert (await browser.post(f"{address}/desactivar", confirmado="1")).status == 303
    assert not User.get_by_id(omar.id).is_active
    assert not Chat.select().where(Chat.agent == omar.agent_id).exists()
    assert Chat.select().where(Chat.status == WAITING).count() == 3


@pytest.mark.gen_test
async def test_one_is_changed_deactivated_and_reactivated(server, signed_in):
    omar = agent("Omar")
    browser = await signed_in(supervisor())
    address = f"{PAGE}/personas/{omar.id}"
    form = read_form((await browser.get(f"{address}?q=omar")).text)
    done = await browser.post(f"{address}?q=omar", **{**form, "capacidad": "9"})
    assert (done.status, done.headers["Location"]) == (303, f"{address}?q=omar&listo=guardado")
    assert "guardamos los cambios" in (await browser.get(done.headers["Location"])).text
    assert Agent.get_by_id(omar.agent_id).capacity == 9
    done = await browser.post(f"{address}/desactivar")
    assert done.headers["Location"] == f"{address}?listo=desactivada"
    assert not User.get_by_id(omar.id).is_active
    assert 'id="reactivate"' in (await browser.get(address)).text
    assert (await browser.post(f"{address}/reactivar")).status == 303
    assert User.get_by_id(omar.id).is_active
    assert (await browser.get(f"{address}/desactivar")).status == 405
    assert (await browser.get(f"{PAGE}/personas/999999")).status == 404


@pytest.mark.gen_test
async def test_what_is_wrong_is_said_beside_what_was_typed(server, signed_in):
    omar = agent("Omar")
    browser = await signed_in(supervisor())
    address = f"{PAGE}/personas/{omar.id}"
    form = read_form((await browser.get(address)).text)
    said = await browser.post(address, **{**form, "capacidad": "25", "nombres": '"><script>'})
    assert said.status == 200
    assert 'id="capacidad-error"' in said.text
    assert 'value="25"' in said.text
    assert "&#34;&gt;&lt;script&gt;" in said.text
    assert "2 cambios sin guardar" in said.text
    assert "antes 5" in said.text


@pytest.mark.gen_test
async def test_second_supervisor_chooses_field_by_field(server, signed_in):
    omar, marta, gloria = agent("Omar"), supervisor("Marta"), supervisor("Gloria")
    address = f"{PAGE}/personas/{omar.id}"
    first, second = await signed_in(marta), await signed_in(gloria)
    forms = [read_form((await browser.get(address)).text) for browser in (first, second)]
    await first.post(address, **{**forms[0], "capacidad": "3", "nombres": "Omar José"})
    clash = await second.post(address, **{**forms[1], "capacidad": "4"})
    assert clash.status == 200
    assert 'id="clash"' in clash.text
    assert marta.user.name in clash.text
    chosen = read_form(clash.text, "clash-form")
    assert (chosen["capacidad"], chosen["nombres"], chosen["version"]) == ("4", "Omar José", "2")
    assert (await second.post(address, **chosen)).status == 303
    row = Agent.get_by_id(omar.agent_id)
    assert (row.capacity, row.user.first_name, row.version) == (4, "Omar José", 3)


@pytest.mark.gen_test
async def test_nobody_but_supervisors_changes_anybody(server, signed_in):
    omar = agent("Omar")
    browser = await signed_in(omar)
    for path in ("", "/desactivar", "/reactivar"):
        assert (await browser.post(f"{PAGE}/personas/{omar.id}{path}")).status == 403
