"""A database that goes away, restarts or takes no writes: nobody is told a lie, and nobody restarts anything by hand.

On a server of their own: the tests beside these go on.
"""

import asyncio

import pytest

from beneficiate.migrations import run_migrations
from beneficiate.models.base import database, open_database
from tests import servers
from tests.factories import agent, connect_socket, member, support_chat
from tests.flows.fault_steps import Writer, readiness, wait_for_readiness
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
