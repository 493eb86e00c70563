"""The first page of each role."""

import pytest

from beneficiate.models.accounts import Agent
from tests.factories import PASSWORD, agent, member, supervisor
from tests.http_client import CookieClient, fetch


@pytest.mark.gen_test
async def test_each_role_is_sent_to_its_first_page(server):
    idle = agent()
    Agent.update(status="INACTIVE").where(Agent.id == idle.agent_id).execute()
    for who, home in (
        (member(), "/mi"),
        (supervisor(), "/supervisor"),
        (agent(), "/agente"),
        (idle, "/mi"),
    ):
        browser = CookieClient(server.port)
        answer = await browser.sign_in(who, PASSWORD)
        assert (answer.status, answer.headers["Location"]) == (303, home)
        assert (await browser.get(home)).status == 200


@pytest.mark.gen_test
async def test_visitor_is_sent_to_the_demo_in_development(server):
    assert (await fetch(server.port, "/")).headers["Location"] == "/demo"
