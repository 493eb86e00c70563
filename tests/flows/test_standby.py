"""The database moves to a standby, as a managed PostgreSQL does: first it takes no writes there, then it is promoted.

On servers of their own. A commit waits for the standby, so that what is acknowledged is there.
"""

import asyncio

import pytest

from beneficiate.migrations import run_migrations
from beneficiate.models.base import database, open_database
from tests import servers
from tests.factories import agent, connect_socket, member, support_chat
from tests.flows.fault_steps import Writer, readiness, wait_for_readiness
from tests.reconnecting_client import stored_messages
from tests.server_process import AppProcess
from tests.silent_proxy import SilentProxy
from tests.ws_client import wait_until

pytestmark = pytest.mark.slow


@pytest.fixture(params=["postgresql"])
def backend(request):
    return request.param


@pytest.fixture
def primary():
    with servers.restartable_postgresql_server() as server:
        database.initialize(open_database(server.url))
        run_migrations(database)
        yield server
        database.obj.close_all()


@pytest.fixture
def standby(primary):
    with primary.standby() as server:
        yield server


@pytest.fixture
def address(io_loop, primary):
    """The address of the database, which can lead to another server."""
    proxy = io_loop.run_sync(SilentProxy(primary.url).start)
    yield proxy
    io_loop.run_sync(proxy.stop)


@pytest.fixture
def service(io_loop, address, tmp_path):
    process = AppProcess(tmp_path, address.url)
    io_loop.run_sync(process.start)
    yield process
    process.kill()


@pytest.mark.gen_test(timeout=90)
async def test_the_service_follows_its_database_to_a_standby(primary, standby, address, service):
    ana = member()
    chat = support_chat(ana, agent())
    writing = Writer(await connect_socket(service.port, ana), chat.id)
    await wait_until(lambda: len(writing.stored) > 20)
    database.obj.close_all()

    await asyncio.to_thread(primary.crash)
    address.lead_to(standby.url)
    await wait_until(lambda: writing.refused > 5)
    # It answers whoever reads.
    await wait_until(lambda: "sqlstate=25006" in service.output)
    assert await readiness(service) == 503
    stored = len(writing.stored)

    await asyncio.to_thread(standby.promote)
    await wait_until(lambda: len(writing.stored) > stored + 20, 20)
    await writing.stop()
    await wait_for_readiness(service, 200)
    database.initialize(open_database(standby.url))
    assert [text for _, _, text in stored_messages(chat.id)] == writing.stored
    assert "Traceback" not in service.output
