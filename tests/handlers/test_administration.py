"""What the pages of the administration have in common: their frame, and filters that nobody can break."""

import pytest

from tests.factories import agent, supervisor

SECTIONS = {
    "/supervisor/ajustes": "personas",
    "/supervisor/ajustes/temas": "temas",
    "/supervisor/horario": "horario",
    "/supervisor/ajustes/retencion": "retencion",
    "/supervisor/ajustes/planes": "planes",
    "/supervisor/ajustes/especialidades": "especialidades",
    "/supervisor/ajustes/profesionales": "profesionales",
    "/supervisor/ajustes/respuestas": "respuestas",
}


@pytest.mark.gen_test
async def test_sections_lead_to_each_other_from_every_page(server, signed_in):
    browser = await signed_in(supervisor())
    for path, section in SECTIONS.items():
        shown = await browser.get(path)
        assert shown.text.count('class="nav-item"') > 1
        assert f'id="section-{section}" href="{path}" aria-current="page"' in shown.text
        assert 'id="rail-settings" href="/supervisor/ajustes" aria-current="page"' in shown.text


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
