"""Two server processes and one Redis: a limit holds over both, and a Redis that is away locks nobody out."""

import asyncio

import pytest

from beneficiate.rate_limiters import LINKS_PER_MINUTE
from tests import servers
from tests.factories import agent, connect_socket, member, support_chat
from tests.http_client import CookieClient

pytestmark = pytest.mark.slow
BURST, PER_S = 60, 1


@pytest.fixture(params=["postgresql"])
def backend(request):
    return request.param


async def write_many(socket, chat_id, prefix):
    """Send 100 messages; return the answers that say no, and how many were stored."""
    answers = [
        await socket.request("agent_chat_message", chat_id=chat_id, message="Hola", client_id=f"{prefix}{number}")
        for number in range(100)
    ]
    refused = [answer for answer in answers if answer["event"] != "ack"]
    return refused, len(answers) - len(refused)


@pytest.mark.gen_test(timeout=60)
async def test_person_has_one_budget_of_messages_in_all_processes(new_process, redis_url):
    limits = {"BENEFICIATE_LINES_PER_S": PER_S, "BENEFICIATE_LINES_BURST": BURST, "REDIS_URL": redis_url}
    two = await asyncio.gather(*(new_process(**limits).start() for _ in range(2)))
    ana = member()
    chat = support_chat(ana, agent())
    sockets = [await connect_socket(process.port, ana) for process in two]
    stored = 0
    for number, socket in enumerate(sockets * 2):
        refused, acknowledged = await write_many(socket, chat.id, f"{number}-")
        stored += acknowledged
        assert {answer["code"] for answer in refused} == {"rate_limited"}
        assert all(answer["retry_after_s"] >= 1 for answer in refused)
        # What was used is told every 100 ms.
        await asyncio.sleep(0.3)
    # The second may begin before it knows: at most its own burst more, never one for each time.
    assert BURST <= stored <= 2 * BURST + 10 * PER_S


@pytest.mark.gen_test(timeout=60)
async def test_network_has_one_budget_of_links_and_its_own_while_redis_is_away(new_process):
    port = servers.free_port()
    with servers.redis_server(port) as url:
        two = await asyncio.gather(*(new_process(REDIS_URL=url).start() for _ in range(2)))
        pages = [CookieClient(process.port) for process in two]
        statuses = [(await pages[n % 2].get(f"/recuperar/{'x' * 43}")).status for n in range(LINKS_PER_MINUTE + 6)]
        assert statuses[:LINKS_PER_MINUTE] == [404] * LINKS_PER_MINUTE
        assert statuses[-1] == 429
        answer = await pages[1].get(f"/recuperar/{'x' * 43}")
        assert (answer.status, int(answer.headers["Retry-After"]) >= 1) == (429, True)
    # Each has seen half of it: its own limiter goes on from there.
    for page in pages:
        statuses = [(await page.get(f"/recuperar/{'x' * 43}")).status for _ in range(LINKS_PER_MINUTE + 6)]
        assert (statuses[0], statuses[-1]) == (404, 429)
