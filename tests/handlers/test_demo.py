"""The demo page exists in development only."""

import pytest

from beneficiate.queries.demo import DEMO_EMAIL_DOMAIN
from beneficiate.settings import DEMO_PASSWORD
from tests.factories import member
from tests.http_client import fetch


@pytest.mark.gen_test
async def test_demo_offers_its_members(server):
    ana = member(email=f"ana@{DEMO_EMAIL_DOMAIN}")
    page = (await fetch(server.port, "/demo")).text
    assert f'<option value="{ana.user.email}">{ana.user.name} · Sin plan</option>' in page
    assert f'value="{DEMO_PASSWORD}"' in page


@pytest.mark.gen_test
async def test_production_has_no_demo(start):
    server = await start(env="production", public_url="https://chat.beneficiate.co")
    assert (await fetch(server.port, "/demo")).status == 404
    assert (await fetch(server.port, "/")).headers["Location"] == "/login"
