"""A disk without room: what cannot be stored is told, what was acknowledged stays, and nothing is restarted by hand.

The limit for the files of one process (RLIMIT_FSIZE) stands for the disk: the system refuses to write, for real, in the
middle of whatever the process does, until there is room again.
"""

import resource
from pathlib import Path

import pytest

from beneficiate.models.base import database
from tests.benchmarks.chaos.faults import NO_ROOM, ROOM
from tests.factories import agent, connect_socket, member, support_chat
from tests.flows.fault_steps import Writer, readiness, wait_for_readiness
from tests.http_client import fetch
from tests.reconnecting_client import stored_messages
from tests.sample_files import make_pdf
from tests.ws_client import wait_until

pytestmark = pytest.mark.slow


def limit_files(process, size):
    """Let no file of a process grow beyond a size; None for as large as it likes."""
    _, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (hard if size is None else size, hard))


def size_of(path):
    return Path(path).stat().st_size


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.gen_test(timeout=60)
async def test_full_disk_of_sqlite_is_told_until_there_is_room(backend, new_process):
    server = await new_process().start()
    ana = member()
    chat = support_chat(ana, agent())
    writing = Writer(await connect_socket(server.port, ana), chat.id)
    await wait_until(lambda: len(writing.stored) > 20)
    limit_files(server, size_of(f"{database.obj.database}-wal") + 4096)
    await wait_until(lambda: writing.refused > 5)
    assert await readiness(server) == 503
    stored = len(writing.stored)

    limit_files(server, None)
    await wait_until(lambda: len(writing.stored) > stored + 20, 20)
    await writing.stop()
    await wait_for_readiness(server, 200)
    assert [text for _, _, text in stored_messages(chat.id)] == writing.stored
    assert database.execute_sql("PRAGMA integrity_check").fetchone() == ("ok",)
    assert "Traceback" not in server.output


async def upload(server, chat, who, size):
    """Upload a PDF of so many bytes; return the status and the code of the answer."""
    path = f"/api/v1/agent-chat/{chat.id}/attachments"
    content = make_pdf().ljust(size, b"\n")
    answer = await fetch(server.port, f"{path}?name=orden.pdf", "POST", content, Authorization=f"Bearer {who.token}")
    return (answer.status, *([answer.code, answer.headers["Retry-After"]] if answer.status != 201 else []))


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
@pytest.mark.gen_test(timeout=60)
async def test_full_disk_for_files_is_told_and_everything_else_goes_on(backend, new_process, tmp_path):
    server = await new_process(BENEFICIATE_FILES=tmp_path / "files").start()
    ana = member()
    chat = support_chat(ana, agent())
    socket = await connect_socket(server.port, ana)
    assert await upload(server, chat, ana, 3_000_000) == (201,)
    # What waits in memory until it is written to the folder, and what is spooled to the disk before.
    for size in (250_000, 3_000_000):
        limit_files(server, 200_000)
        assert await upload(server, chat, ana, size) == (503, "unavailable", "60"), size
        assert (await socket.request("agent_chat_message", chat_id=chat.id, message="¿Llegó?"))["event"] == "ack"
        assert await readiness(server) == 200
        limit_files(server, None)
        assert await upload(server, chat, ana, size) == (201,)
    assert "Traceback" not in server.output


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
@pytest.mark.gen_test(timeout=60)
async def test_full_disk_of_postgresql_is_told_until_there_is_room(backend, new_process):
    """As PostgreSQL says it (53100) when a table needs another page; what fits into the pages that it has goes on."""
    server = await new_process(BENEFICIATE_PROCESS_EXPIRY_S=1).start()
    ana = member()
    chat = support_chat(ana, agent())
    writing = Writer(await connect_socket(server.port, ana), chat.id)
    await wait_until(lambda: len(writing.stored) > 20)
    database.execute_sql(NO_ROOM)
    await wait_until(lambda: writing.refused > 5)
    # A heartbeat that fits into the pages says ready, until the next message is refused.
    await wait_for_readiness(server, 503)
    stored = len(writing.stored)

    database.execute_sql(ROOM)
    await wait_until(lambda: len(writing.stored) > stored + 20, 20)
    await writing.stop()
    await wait_for_readiness(server, 200)
    assert [text for _, _, text in stored_messages(chat.id)] == writing.stored
    assert "Traceback" not in server.output
