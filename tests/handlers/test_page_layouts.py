"""The frames of pages: who sees them, and the notice of test payments."""

import pytest

from tests.factories import PASSWORD, member, supervisor
from tests.http_client import CookieClient, fetch


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.gen_test
async def test_frame_of_the_site_names_who_is_signed_in(server):
    anonymous = await fetch(server.port, "/planes")
    assert 'id="site-login"' in anonymous.text
    browser = CookieClient(server.port)
    await browser.sign_in(member("Ana"), PASSWORD)
    page = await browser.get("/planes")
    assert ('id="site-me"' in page.text, 'id="site-login"' in page.text) == (True, False)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.gen_test
async def test_pages_tell_of_test_payments_only_with_test_keys(start):
    for keys, is_test in (({}, False), ({"wompi_public_key": "pub_test_x", "wompi_private_key": "prv_test_x"}, True)):
        server = await start(**keys)
        browser = CookieClient(server.port)
        await browser.sign_in(supervisor(), PASSWORD)
        assert ('id="test-bar"' in (await browser.get("/supervisor/pagos")).text) is is_test
