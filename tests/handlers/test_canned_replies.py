"""The supervisors' pages of the canned replies."""

import pytest

from beneficiate.models.call_centre import CannedReply
from tests.factories import agent, supervisor
from tests.handlers.form_fields import read_form

PAGE = "/supervisor/ajustes/respuestas"
REPLY = {"title": "Saludo", "shortcut": "/saludo", "text": "Hola, {{member.first_name}}.\n¿En qué le ayudo?"}


@pytest.mark.gen_test
async def test_reply_is_written_found_and_deactivated(server, signed_in):
    browser = await signed_in(supervisor())
    form = read_form((await browser.get(f"{PAGE}/nuevo")).text)
    done = await browser.post(f"{PAGE}/nuevo", **{**form, **REPLY, "text": REPLY["text"].replace("\n", "\r\n")})
    row = CannedReply.get()
    assert (row.shortcut, row.text, row.version) == ("saludo", REPLY["text"], 1)
    assert done.headers["Location"] == f"{PAGE}/{row.id}?listo=guardado"
    shown = await browser.get(f"{PAGE}/{row.id}?q=ayudo")
    assert "Hola, Ana." in shown.text
    form = read_form(shown.text)
    await browser.post(f"{PAGE}/{row.id}", **{**form, "estado": "inactivo"})
    assert "rows-none" in (await browser.get(f"{PAGE}?estado=activas&q=saludo")).text
    clash = await browser.post(f"{PAGE}/{row.id}", **{**form, "title": "Otro"})
    assert 'id="clash"' in clash.text


@pytest.mark.gen_test
async def test_preview_saves_nothing_and_names_unknown_variables(server, signed_in):
    browser = await signed_in(supervisor())
    form = read_form((await browser.get(f"{PAGE}/nuevo")).text)
    typed = {**form, **REPLY, "text": "Con {{plan.name}} y {{plan.nada}}"}
    shown = await browser.post(f"{PAGE}/nuevo", vista="1", **typed)
    assert 'id="preview">Con Plan Familiar y {{plan.nada}}' in shown.text
    assert "plan.nada: se queda" in shown.text
    assert read_form(shown.text)["title"] == "Saludo"
    assert not CannedReply.select().exists()


@pytest.mark.gen_test
async def test_what_is_wrong_is_said_beside_what_was_typed(server, signed_in):
    browser = await signed_in(supervisor())
    form = read_form((await browser.get(f"{PAGE}/nuevo")).text)
    await browser.post(f"{PAGE}/nuevo", **{**form, **REPLY})
    form = read_form((await browser.get(f"{PAGE}/nuevo")).text)
    said = await browser.post(f"{PAGE}/nuevo", **{**form, **REPLY})
    assert "Ya hay otra respuesta con ese atajo." in said.text
    said = await browser.post(f"{PAGE}/nuevo", **{**form, **REPLY, "shortcut": "Á"})
    assert 'id="shortcut-error"' in said.text
    row = CannedReply.get()
    form = read_form((await browser.get(f"{PAGE}/{row.id}")).text)
    said = await browser.post(f"{PAGE}/{row.id}", **{**form, "estado": "quizá"})
    assert "Elija si está activa." in said.text
    assert CannedReply.get().is_active
    assert (await browser.get(f"{PAGE}/9999")).status == 404


@pytest.mark.gen_test
async def test_longest_reply_can_be_changed(server, signed_in):
    browser = await signed_in(supervisor())
    form = read_form((await browser.get(f"{PAGE}/nuevo")).text)
    longest = {**REPLY, "text": "🚑" * 4000}
    done = await browser.post(f"{PAGE}/nuevo", **{**form, **longest})
    shown = read_form((await browser.get(done.headers["Location"])).text)
    assert (await browser.post(done.headers["Location"], **{**shown, "title": "Otro"})).status == 303


@pytest.mark.gen_test
async def test_agents_have_no_part_in_it(server, signed_in):
    browser = await signed_in(agent())
    for path in ("", "/nuevo", "/1"):
        assert (await browser.get(f"{PAGE}{path}")).status == 403
    assert (await browser.post(f"{PAGE}/nuevo")).status == 403
