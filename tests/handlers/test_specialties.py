"""The supervisors' pages of the specialties."""

import pytest

from beneficiate.models.professionals import Specialty
from tests.factories import agent, supervisor
from tests.handlers.form_fields import read_form

PAGE = "/supervisor/ajustes/especialidades"


@pytest.mark.gen_test
async def test_specialty_is_added_renamed_and_deactivated(server, signed_in):
    browser = await signed_in(supervisor())
    form = read_form((await browser.get(f"{PAGE}/nuevo")).text)
    await browser.post(f"{PAGE}/nuevo", **{**form, "nombre": "Medicina deportiva"})
    row = Specialty.get(Specialty.name == "Medicina deportiva")
    form = read_form((await browser.get(f"{PAGE}/{row.id}")).text)
    assert (await browser.post(f"{PAGE}/{row.id}", **{**form, "estado": "inactivo"})).status == 303
    assert f'data-row-id="{row.id}"' in (await browser.get(f"{PAGE}?estado=inactivas")).text
    assert 'id="clash"' in (await browser.post(f"{PAGE}/{row.id}", **{**form, "nombre": "Deporte"})).text
    said = await browser.post(f"{PAGE}/nuevo", **{**form, "nombre": "Cardiología"})
    assert 'id="nombre-error"' in said.text


@pytest.mark.gen_test
async def test_agents_have_no_part_in_it(server, signed_in):
    browser = await signed_in(agent())
    for path in ("", "/nuevo", "/1"):
        assert (await browser.get(f"{PAGE}{path}")).status == 403
    assert (await browser.post(f"{PAGE}/nuevo")).status == 403
