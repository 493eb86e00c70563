"""The supervisors' pages of the staff."""

import pytest

from tests.factories import agent, member, supervisor

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
