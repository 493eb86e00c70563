"""A Redis that answers late: whoever writes does not wait for it, and what others missed reaches them afterwards."""

import asyncio

import pytest

from tests.factories import agent, connect_socket, member, support_chat
from tests.flows.fault_steps import readiness, wait_for_readiness
from tests.reconnecting_client import make_crowd
from tests.silent_proxy import SilentProxy
from tests.ws_client import wait_until

pytestmark = pytest.mark.slow
SLOW_S, TOO_SLOW_S = 0.2, 3.0
"""On the way there and on the way back. The service gives Redis 2 s."""


@pytest.fixture(params=["postgresql"])
def backend(request):
    return request.param


@pytest.fixture
def proxy(io_loop, redis_url):
    running = io_loop.run_sync(SilentProxy(redis_url).start)
    yield running
    io_loop.run_sync(running.stop)


@pytest.fixture
def two(new_process, proxy, io_loop):
    """Two running processes."""

    async def start():
        return await asyncio.gather(*(new_process(REDIS_URL=proxy.url).start() for _ in range(2)))

    return io_loop.run_sync(start)


@pytest.mark.gen_test(timeout=60)
async def test_slow_redis_delays_only_what_comes_from_another_process(two, proxy):
    here, there = two
    proxy.delay_s = SLOW_S
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    at_home, at_desk = await connect_socket(here.port, ana), await connect_socket(there.port, yuliana)
    for number in range(20):
        sent = await at_home.request("agent_chat_message", chat_id=chat.id, message=f"Mensaje {number}")
        assert sent["event"] == "ack"
    for number in range(20):
        assert (await at_desk.receive("user_message"))["message"]["message"] == f"Mensaje {number}"
    assert [await readiness(process) for process in two] == [200, 200]


@pytest.mark.gen_test(timeout=90)
async def test_redis_that_is_too_slow_is_told_and_nobody_misses_anything(two, proxy):
    here, there = two
    everybody = make_crowd(here.port, members=2, agents=1)
    for client in everybody.clients[1:]:
        client.port = there.port
    for client in everybody.clients:
        client.start()
    everybody.write_all(10)
    await everybody.wait_until_quiet(30)
    proxy.delay_s = TOO_SLOW_S
    await wait_for_readiness(here, 503)
    acked = everybody.acked
    everybody.write_all(10)
    # Acknowledged meanwhile: what is stored does not wait for those who are told of it.
    await wait_until(lambda: everybody.acked == acked + 10 * 2 * 2, 20)
    assert await readiness(here) == 503
    proxy.delay_s = 0.0
    for process in two:
        await wait_for_readiness(process, 200)
    await everybody.wait_until_quiet(30)
    await everybody.stop()
    assert everybody.check_all() == 20 * 2 * 2
    assert "Traceback" not in here.output + there.output
