"""The supervisors' pages of the topics."""

import pytest

from beneficiate.models.call_centre import Topic
from tests.factories import agent, supervisor
from tests.handlers.form_fields import read_form

PAGE = "/supervisor/ajustes/temas"


@pytest.mark.gen_test
async def test_topic_is_added_renamed_and_deactivated(server, signed_in):
    browser = await signed_in(supervisor())
    form = read_form((await browser.get(f"{PAGE}/nuevo")).text)
    done = await browser.post(f"{PAGE}/nuevo", **{**form, "nombre": "Autorizaciones"})
    topic = Topic.get(Topic.name == "Autorizaciones")
    assert done.headers["Location"] == f"{PAGE}/{topic.id}?listo=guardado"
    shown = await browser.get(done.headers["Location"])
    assert "guardamos el tema" in shown.text
    form = read_form(shown.text)
    await browser.post(f"{PAGE}/{topic.id}", **{**form, "estado": "inactivo"})
    assert f'data-row-id="{topic.id}"' in (await browser.get(f"{PAGE}?estado=inactivos")).text
    clash = await browser.post(f"{PAGE}/{topic.id}", **{**form, "nombre": "Permisos"})
    assert 'id="clash"' in clash.text
    assert read_form(clash.text, "clash-form")["estado"] == "inactivo"


@pytest.mark.gen_test
async def test_what_is_wrong_with_a_new_topic_is_said_beside_it(server, signed_in):
    browser = await signed_in(supervisor())
    form = read_form((await browser.get(f"{PAGE}/nuevo")).text)
    said = await browser.post(f"{PAGE}/nuevo", **{**form, "nombre": "x" * 41})
    assert ('id="nombre-error"' in said.text, f'value="{"x" * 41}"' in said.text) == (True, True)
    assert (await browser.get(f"{PAGE}/99999")).status == 404
    assert 'id="rows-none"' in (await browser.get(f"{PAGE}?q=nadanadanada")).text


@pytest.mark.gen_test
async def test_agents_have_no_part_in_it(server, signed_in):
    browser = await signed_in(agent())
    for path in ("", "/nuevo", "/1"):
        assert (await browser.get(f"{PAGE}{path}")).status == 403
    assert (await browser.post(f"{PAGE}/nuevo")).status == 403
