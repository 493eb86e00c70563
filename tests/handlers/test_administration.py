"""What the pages of the administration have in common: their frame, and filters that nobody can break."""

import asyncio

import pytest

from tests.actions.test_invitations import TYPED as INVITED
from tests.factories import agent, supervisor
from tests.handlers.form_fields import read_form

SECTIONS = {
    "/supervisor/ajustes": "personas",
    "/supervisor/ajustes/temas": "temas",
    "/supervisor/horario": "horario",
    "/supervisor/ajustes/importar": "importar",
    "/supervisor/ajustes/retencion": "retencion",
    "/supervisor/ajustes/bloqueos": "bloqueos",
    "/supervisor/ajustes/planes": "planes",
    "/supervisor/ajustes/especialidades": "especialidades",
    "/supervisor/ajustes/profesionales": "profesionales",
    "/supervisor/ajustes/respuestas": "respuestas",
}
NEW_ROWS = [
    ("/supervisor/ajustes/temas/nuevo", {"nombre": "Permisos"}, {"nombre": "Cirugías"}),
    ("/supervisor/ajustes/especialidades/nuevo", {"nombre": "Medicina deportiva"}, {"nombre": "Medicina del viajero"}),
    ("/supervisor/ajustes/planes/nuevo", {"nombre": "Plan joven", "precio": "99.000"}, {"nombre": "Plan mayor"}),
    (
        "/supervisor/ajustes/respuestas/nuevo",
        {"shortcut": "saludo", "title": "Saludo", "text": "Buenas"},
        {"shortcut": "adios"},
    ),
    (
        "/supervisor/ajustes/profesionales/nuevo",
        {"nombres": "Ana", "apellidos": "Ruiz", "licencia": "RM-900", "municipio": "Cali", "direccion": "Calle 1"},
        {"licencia": "RM-901"},
    ),
    (
        "/supervisor/ajustes/personas/nueva",
        INVITED,
        {"correo": "otra@beneficiate.co", "documento": "99887766", "codigo": "OTRA-1"},
    ),
]


@pytest.mark.gen_test
async def test_sections_lead_to_each_other_from_every_page(server, signed_in):
    browser = await signed_in(supervisor())
    for path, section in SECTIONS.items():
        shown = await browser.get(path)
        assert shown.text.count('class="nav-item"') > 1
        assert f'id="section-{section}" href="{path}" aria-current="page"' in shown.text
        assert 'id="rail-settings" href="/supervisor/ajustes" aria-current="page"' in shown.text


@pytest.mark.gen_test
@pytest.mark.parametrize(("path", "typed", "other"), NEW_ROWS)
async def test_form_that_is_sent_twice_creates_once(server, signed_in, path, typed, other):
    browser = await signed_in(supervisor())
    form = read_form((await browser.get(path)).text)
    sent = [browser.post(path, **{**form, **typed}) for _ in range(2)]
    done = [*await asyncio.gather(*sent), await browser.post(path, **{**form, **typed})]
    assert [one.status for one in done] == [303] * 3
    assert len({one.headers["Location"] for one in done}) == 1
    # Who goes back and types something else creates another one.
    another = await browser.post(path, **{**form, **typed, **other})
    assert (another.status, another.headers["Location"] != done[0].headers["Location"]) == (303, True)
    # Another form is no repetition.
    fresh = read_form((await browser.get(path)).text)
    assert fresh["formulario"] != form["formulario"]
    again = await browser.post(path, **{**fresh, **typed})
    assert again.status == 200
    assert read_form(again.text)["formulario"] == fresh["formulario"]


@pytest.mark.gen_test
async def test_filters_of_any_length_are_answered_and_kept(server, signed_in):
    browser = await signed_in(supervisor())
    shown = await browser.get(f"/supervisor/ajustes?q={'x' * 500}&despues={'9' * 40}&estado=%3Cb%3E")
    assert shown.status == 200
    assert f'value="{"x" * 100}"' in shown.text
    assert "<b>" not in shown.text.partition("admin-tabs")[2].partition("</nav>")[0]


@pytest.mark.gen_test
async def test_agents_have_no_link_to_it(server, signed_in):
    browser = await signed_in(agent())
    assert "rail-settings" not in (await browser.get("/agente/citas")).text
