"""A database that goes away, restarts or takes no writes: nobody is told a lie, and nobody restarts anything by hand.

On a server of their own: the tests beside these go on.
"""

import asyncio

import pytest
from tornado.httpclient import AsyncHTTPClient

from beneficiate.migrations import run_migrations
from beneficiate.models.base import database, open_database
from tests import servers
from tests.factories import agent, connect_socket, member, support_chat
from tests.reconnecting_client import stored_messages
from tests.ws_client import wait_until

pytestmark = pytest.mark.slow


@pytest.fixture(params=["postgresql"])
def backend(request):
    return request.param


@pytest.fixture(scope="module")
def postgresql():
    with servers.restartable_postgresql_server() as server:
        database.initialize(open_database(server.url))
        run_migrations(database)
        database.obj.close_all()
        yield server


@pytest.fixture
def database_url(postgresql):
    return postgresql.url


class Writer:
    """A device that sends one message after another, each until it is stored, as our clients do."""

    def __init__(self, socket, chat_id):
        self._socket, self._chat_id = socket, chat_id
        self.stored, self.refused = [], 0
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self):
        """Wait for the message that is on its way, and raise what went wrong."""
        self._socket = None
        await self._task

    async def _run(self):
        number = 0
        while socket := self._socket:
            fields = {"chat_id": self._chat_id, "message": f"Mensaje {number}", "client_id": f"c{number}"}
            answer = await socket.request("agent_chat_message", **fields)
            if answer["event"] == "ack":
                self.stored.append(fields["message"])
                number += 1
            else:
                assert (answer["code"], answer["message"]) == (
                    "unavailable",
                    "El servicio no está disponible en este momento. Intente de nuevo en unos segundos.",
                )
                self.refused += 1
                await asyncio.sleep(0.02)


async def readiness(server):
    answer = await AsyncHTTPClient().fetch(f"http://127.0.0.1:{server.port}/readyz", raise_error=False)
    return answer.code


async def wait_for_readiness(server, status):
    for _ in range(400):
        if await readiness(server) == status:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"never {status}")


@pytest.fixture
def writer(io_loop, server):
    """A member who writes to an agent over one connection."""

    async def begin():
        ana = member()
        chat = support_chat(ana, agent())
        return Writer(await connect_socket(server.port, ana), chat.id), chat

    return io_loop.run_sync(begin)


@pytest.mark.gen_test(timeout=60)
async def test_a_database_that_crashes_costs_nothing_that_was_acknowledged(server, postgresql, writer):
    writing, chat = writer
    await wait_until(lambda: len(writing.stored) > 20)
    await wait_for_readiness(server, 200)
    await asyncio.to_thread(postgresql.crash)
    await wait_until(lambda: writing.refused > 5)
    assert await readiness(server) == 503
    stored = len(writing.stored)

    await asyncio.to_thread(postgresql.start)
    await wait_until(lambda: len(writing.stored) > stored + 20, 20)
    await writing.stop()
    await wait_for_readiness(server, 200)
    database.obj.close_all()
    database.obj.connect(reuse_if_open=True)
    assert [text for _, _, text in stored_messages(chat.id)] == writing.stored


@pytest.mark.gen_test(timeout=60)
async def test_a_database_that_takes_no_writes_is_told_until_it_does(server, postgresql, writer):
    writing, chat = writer
    await wait_until(lambda: len(writing.stored) > 20)
    postgresql.set_read_only(is_read_only=True)
    try:
        await wait_until(lambda: writing.refused > 5)
        await wait_for_readiness(server, 503)
    finally:
        postgresql.set_read_only(is_read_only=False)
    stored = len(writing.stored)
    await wait_until(lambda: len(writing.stored) > stored + 20, 20)
    await writing.stop()
    await wait_for_readiness(server, 200)
    assert [text for _, _, text in stored_messages(chat.id)] == writing.stored
