"""Several processes behind one port: what ends is replaced, and a restart loses nothing."""

import asyncio
import os
import signal
import socket
import sys
import time

import pytest

from beneficiate.models.base import database
from beneficiate.settings import Settings
from beneficiate.supervisor import MAX_SHORT_LIVES, SHORT_LIFE_S, WorkersFailed, WorkerSupervisor, _Worker
from tests import factories, servers
from tests.factories import agent, connect_socket, member, support_chat
from tests.http_client import fetch
from tests.reconnecting_client import make_crowd
from tests.server_process import AppProcess, is_running
from tests.ws_client import wait_until

pytestmark = pytest.mark.slow
START_S = 60
"""On a busy machine two processes take some seconds to start."""


@pytest.fixture(params=["postgresql"])
def backend(request):
    return request.param


@pytest.fixture
def serve(io_loop, db, database_url, redis_url, tmp_path):
    """Start a supervisor with two workers: `await serve(**environment)`."""
    started = []

    async def serve_with(**environment):
        process = AppProcess(tmp_path, database_url, **{"REDIS_URL": redis_url, **environment})
        started.append(process)
        return await process.start(workers=2)

    yield serve_with
    io_loop.run_sync(factories.close_all_sockets)
    for process in started:
        process.kill()


async def wait_for_log(process, event, count=1):
    await wait_until(lambda: process.output.count(event) >= count, START_S)


@pytest.mark.gen_test(timeout=120)
async def test_killed_worker_is_replaced_and_the_others_go_on(serve):
    process = await serve()
    await wait_for_log(process, "workers_ready")
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    before = process.worker_pids
    assert len(before) == 2

    os.kill(before[0], signal.SIGKILL)

    await wait_until(lambda: len(set(process.worker_pids) - set(before)) == 1, START_S)
    await wait_for_log(process, "worker_started", 3)
    assert before[1] in process.worker_pids
    at_home, at_desk = await connect_socket(process.port, ana), await connect_socket(process.port, yuliana)
    await at_home.request("agent_chat_message", chat_id=chat.id, message="Sigo aquí")
    assert (await at_desk.receive("user_message"))["message"]["message"] == "Sigo aquí"
    assert (await fetch(process.port, "/healthz")).status == 200


@pytest.mark.gen_test(timeout=180)
async def test_reload_replaces_all_workers_while_people_write_and_nothing_is_lost_or_doubled(serve):
    process = await serve()
    await wait_for_log(process, "workers_ready")
    before = set(process.worker_pids)
    everybody = make_crowd(process.port, members=6, agents=3)
    for client in everybody.clients:
        client.start()
    everybody.write_all(40)
    await wait_until(lambda: everybody.acked > 20, 30)

    process.send_signal(signal.SIGHUP)
    while "reloaded" not in process.output:
        everybody.write_all(2)
        await asyncio.sleep(0.2)
    everybody.write_all(20)

    await everybody.wait_until_quiet(60)
    await everybody.stop()
    assert everybody.check_all() > 0
    assert len(process.worker_pids) == 2
    assert not before & set(process.worker_pids)
    assert "Traceback" not in process.output


@pytest.mark.gen_test(timeout=120)
async def test_workers_go_on_when_new_ones_do_not_start(serve):
    process = await serve()
    await wait_for_log(process, "workers_ready")
    before = process.worker_pids
    database.obj.execute_sql("INSERT INTO schema_migration (name, applied) VALUES ('9999_contract_newer', now())")
    try:
        process.send_signal(signal.SIGHUP)
        await wait_for_log(process, "reload_failed")
    finally:
        database.obj.execute_sql("DELETE FROM schema_migration WHERE name = '9999_contract_newer'")
    await wait_until(lambda: process.worker_pids == before)
    assert (await fetch(process.port, "/healthz")).status == 200


@pytest.mark.gen_test(timeout=120)
async def test_sigterm_ends_all_and_tells_clients_when_to_come_back(serve):
    process = await serve()
    await wait_for_log(process, "workers_ready")
    at_home, workers = await connect_socket(process.port, member()), process.worker_pids

    process.send_signal(signal.SIGTERM)

    assert await at_home.wait_closed() == 1012
    assert await process.exit_code(15) == 0
    assert not any(map(is_running, workers))


@pytest.mark.gen_test(timeout=120)
async def test_workers_end_with_their_supervisor(serve):
    process = await serve()
    await wait_for_log(process, "workers_ready")
    workers = process.worker_pids
    process.send_signal(signal.SIGKILL)
    await wait_until(lambda: not any(map(is_running, workers)), 20)


@pytest.mark.gen_test(timeout=180)
async def test_workers_that_end_at_once_again_and_again_end_the_service(serve):
    process = await serve(DATABASE_URL=f"postgresql://nobody@127.0.0.1:{servers.free_port()}/none")
    assert await process.exit_code(150) == 1
    assert "Worker 0 ended 5 times in a row" in process.output


@pytest.mark.gen_test(timeout=120)
async def test_each_worker_has_metrics_at_a_port_of_its_own(serve):
    ports = servers.free_ports(2)
    process = await serve(BENEFICIATE_METRICS_ADDRESS=f"127.0.0.1:{ports}")
    await wait_for_log(process, "workers_ready")
    for port in (ports, ports + 1):
        assert "beneficiate_connections" in (await fetch(port, "/metrics")).text


async def supervise_until_it_fails(monkeypatch):
    """Run a supervisor in this process, which waits for a worker for a second."""
    monkeypatch.setattr("beneficiate.supervisor.FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr("beneficiate.supervisor.READY_S", 1.0)
    supervisor = WorkerSupervisor(Settings(secret=factories.SECRET, port=servers.free_port()), 2)
    try:
        with pytest.raises(WorkersFailed, match="Worker 0 ended 5 times"):
            await supervisor.run(lambda: None)
    finally:
        for one in supervisor._sockets:
            one.close()


@pytest.mark.gen_test(timeout=60)
async def test_worker_that_never_serves_is_stopped_and_tried_again_before_the_service_ends(monkeypatch, tmp_path):
    started, program = tmp_path / "started", tmp_path / "hangs.py"
    program.write_text(
        "import os, time\n"
        f"with open({str(started)!r}, 'a') as file:\n"
        "    print(os.getpid(), file=file)\n"
        "time.sleep(600)\n"
    )
    monkeypatch.setattr("beneficiate.supervisor.RUN_PY", program)
    await supervise_until_it_fails(monkeypatch)
    pids = [int(line) for line in started.read_text().split()]
    assert (len(pids), [pid for pid in pids if is_running(pid)]) == (5, [])


@pytest.mark.gen_test(timeout=30)
async def test_program_that_cannot_be_started_is_tried_again_before_the_service_ends(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    await supervise_until_it_fails(monkeypatch)


@pytest.mark.gen_test(timeout=30)
async def test_worker_that_cannot_be_replaced_ends_the_service_only_when_no_other_one_serves(monkeypatch):
    monkeypatch.setattr("beneficiate.supervisor.FIRST_PAUSE_S", 0.0)
    supervisor = WorkerSupervisor(Settings(secret=factories.SECRET, port=servers.free_port()), 2)
    serving = await asyncio.create_subprocess_exec("sleep", "60")
    ours, theirs = socket.socketpair()
    with ours, theirs:
        supervisor._current[1] = worker = _Worker(1, serving, ours)
        try:
            for _ in range(MAX_SHORT_LIVES - 1):
                await supervisor._pause(0, None)
            with pytest.raises(WorkersFailed):
                await supervisor._pause(0, None)
            worker.ready_at = time.monotonic()
            await supervisor._pause(0, None)
            supervisor._short_lives[1] = 1  # it ended soon after its start, and may do so again
            with pytest.raises(WorkersFailed):
                await supervisor._pause(0, None)
            worker.ready_at -= SHORT_LIFE_S
            await supervisor._pause(0, None)
        finally:
            serving.kill()
            await serving.wait()
        with pytest.raises(WorkersFailed):
            await supervisor._pause(0, None)
