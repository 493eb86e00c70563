"""Alive and ready are two questions."""

import pytest

from tests import servers
from tests.http_client import fetch


async def answers(server):
    return [(await fetch(server.port, path)).status for path in ("/healthz", "/readyz")]


@pytest.mark.gen_test
async def test_working_process_is_alive_and_ready(server):
    assert await answers(server) == [200, 200]
    assert (await fetch(server.port, "/readyz")).json["data"] == {"status": "ready"}


@pytest.mark.gen_test
async def test_stopping_process_is_alive_but_not_ready(server):
    server.context.is_stopping = True
    assert await answers(server) == [200, 503]
    server.context.is_stopping = False


@pytest.mark.gen_test
async def test_without_the_bus_a_process_is_alive_but_not_ready(start):
    with servers.redis_server(servers.free_port()) as url:
        server = await start(redis_url=url)
        assert await answers(server) == [200, 200]
    assert await answers(server) == [200, 503]
    assert (await fetch(server.port, "/readyz")).code == "unavailable"
