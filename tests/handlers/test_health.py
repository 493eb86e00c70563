"""Alive and ready are two questions."""

import asyncio
import threading

import pytest

from beneficiate.context import MAX_HEARTBEAT_AGE_S
from beneficiate.errors import Unavailable
from beneficiate.jobs.presence import send_heartbeat
from beneficiate.models.base import database
from beneficiate.store import READER_THREADS
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
    answer = await fetch(server.port, "/readyz")
    assert (answer.code, answer.headers["Retry-After"]) == ("unavailable", "2")


@pytest.mark.gen_test
async def test_process_whose_heartbeat_is_too_old_is_not_ready(server):
    for job in server._jobs:
        job.stop()
    server.context.last_heartbeat_at -= MAX_HEARTBEAT_AGE_S
    assert await answers(server) == [200, 503]
    await send_heartbeat(server.context)
    assert await answers(server) == [200, 200]


@pytest.mark.gen_test
@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)  # a session of SQLite is not read-only by itself
async def test_process_whose_database_takes_no_writes_is_not_ready(server):
    for job in server._jobs:
        job.stop()
    (name,) = database.execute_sql("SELECT current_database()").fetchone()
    database.execute_sql(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    await server.context.store.run(lambda uow: database.execute_sql("SET default_transaction_read_only = on"))
    with pytest.raises(Unavailable):
        await send_heartbeat(server.context)
    assert await answers(server) == [200, 503]
    database.execute_sql(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
    await send_heartbeat(server.context)
    assert await answers(server) == [200, 200]


@pytest.mark.gen_test
async def test_process_whose_readers_are_stuck_says_so_in_time(server, monkeypatch):
    monkeypatch.setattr("beneficiate.context.READY_TIMEOUT_S", 0.05)
    may_end = threading.Event()
    stuck = [server.context.store.read(lambda uow: may_end.wait(20)) for _ in range(READER_THREADS)]
    assert await answers(server) == [200, 503]
    may_end.set()
    await asyncio.gather(*stuck)
    assert await answers(server) == [200, 200]
