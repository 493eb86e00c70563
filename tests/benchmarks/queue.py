"""Figures of the queue: `python -m tests.benchmarks.queue [sqlite|postgresql]`.

A thousand connected members request an agent at the same moment, and 50 agents can have 20 chats each: how long until
the last of them has one, on the screens of both sides. Then the same with 20 agents: 600 wait, and each must receive
the right position, at most once a second. The server is a process of its own; `cpu` is its processor time.
"""

import asyncio
import json
import os
import platform
import time
from collections import Counter
from pathlib import Path

from beneficiate.models.accounts import AVAILABLE, Agent, User, UserConnection
from beneficiate.models.accounts import ServerProcess as ProcessRow
from beneficiate.models.base import write_transaction
from beneficiate.models.chats import ACTIVE, CLOSED, Chat, ChatEvent, Message
from beneficiate.queries.assignment import list_queue_positions
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.benchmarks.__main__ import raise_file_limit
from tests.benchmarks.bench_env import bench_database, requested_backends
from tests.benchmarks.booking import process_cpu_s
from tests.factories import Person, agent, member
from tests.server_process import AppProcess
from tests.ws_client import RawWebSocket, open_raw_websocket, wait_until

MEMBERS, CAPACITY, CONCURRENT_CONNECTIONS = 1000, 20, 50
OBSERVED_S = 5
REQUEST_AGENT_FRAME = b'{"event":"request_agent","id":"1"}'


class QueueClient:
    """One connected user: the chats and queue positions that they received."""

    def __init__(self, who: Person) -> None:
        self.person = who
        self.started = self.acks = 0
        self.started_at = 0.0
        self.positions: list[tuple[float, int]] = []
        self._socket: RawWebSocket

    async def connect(self, port: int) -> None:
        self._socket = await open_raw_websocket(port, self.person.token, self._on_frame)

    def request_agent(self) -> None:
        self._socket.send_text(REQUEST_AGENT_FRAME)

    def cut(self) -> None:
        self._socket.cut()

    def _on_frame(self, text: bytes) -> None:
        if text.startswith((b'{"event":"new_chat"', b'{"event":"chat_initiated"')) and b'"ACTIVE"' in text:
            self.started += 1
            self.started_at = time.perf_counter()
        elif text.startswith(b'{"event":"queue_position"'):
            self.positions.append((time.perf_counter(), json.loads(text)["position"]))
        elif text.startswith(b'{"event":"ack"'):
            self.acks += 1


async def measure_queue(folder: Path, database_url: str, agents: int) -> dict[str, float]:
    members, desks = [QueueClient(member()) for _ in range(MEMBERS)], [QueueClient(agent()) for _ in range(agents)]
    Agent.update(availability=AVAILABLE, capacity=CAPACITY).execute()
    fit = min(MEMBERS, agents * CAPACITY)
    server = AppProcess(folder, database_url)
    try:
        await server.start()
        await _connect(server.port, [*desks, *members])
        begun, worked = time.perf_counter(), process_cpu_s(server.pid)
        for one in members:
            one.request_agent()
        await wait_until(lambda: sum(one.started > 0 for one in members) >= fit and _count_started(desks) >= fit, 60)
        worked = process_cpu_s(server.pid) - worked
        took = max(one.started_at for one in [*members, *desks]) - begun
        await wait_until(lambda: sum(one.acks for one in members) == MEMBERS, 60)
        figures = {"seconds": took, "cpu_s": worked, "acks_s": time.perf_counter() - begun}
        if fit < MEMBERS:
            figures |= await _measure_positions(members, desks)
        _check_assignments(fit, agents)
    finally:
        server.kill()
    for one in [*members, *desks]:
        one.cut()
    return figures


async def _connect(port: int, people: list[QueueClient]) -> None:
    waiting = people[::-1]

    async def uow() -> None:
        while waiting:
            await waiting.pop().connect(port)

    await asyncio.gather(*(uow() for _ in range(CONCURRENT_CONNECTIONS)))
    await wait_until(lambda: User.select().where(User.online_status).count() == len(people), 60)
    await asyncio.sleep(2)


async def _measure_positions(members: list[QueueClient], desks: list[QueueClient]) -> dict[str, float]:
    """Waiting members receive the right position while chats end one after another, at most once a second."""
    await asyncio.sleep(1.5)
    first_wrong = _count_wrong_positions(members)
    for one in members:
        one.positions.clear()
    begun = time.perf_counter()
    closing = list(Chat.select(Chat.id, Chat.agent).where(Chat.status == ACTIVE).limit(100).tuples())
    desk_of = {one.person.agent_id: one for one in desks}
    for chat_id, agent_id in closing:
        desk_of[agent_id]._socket.send_text(json.dumps({"event": "close_chat", "chat_id": chat_id}).encode())
        await asyncio.sleep(OBSERVED_S / len(closing))
    await wait_until(lambda: Chat.select().where(Chat.status == CLOSED).count() == len(closing), 60)
    await asyncio.sleep(2.5)
    took = time.perf_counter() - begun
    ids = {place.user_id for place in list_queue_positions(UnitOfWork(SYSTEM, None))}  # type: ignore[arg-type]
    frames = [len(one.positions) for one in members if one.person.id in ids]
    return {
        "waiting": len(ids),
        "first_wrong": first_wrong,
        "wrong": _count_wrong_positions(members),
        "frames_per_s": sum(frames) / len(frames) / took,
        "most_per_s": max(frames) / took,
    }


def _count_wrong_positions(members: list[QueueClient]) -> int:
    """Return how many waiting members last received a position other than theirs."""
    true = {place.user_id: place.position for place in list_queue_positions(UnitOfWork(SYSTEM, None))}  # type: ignore[arg-type]
    return sum(
        not one.positions or one.positions[-1][1] != true[one.person.id] for one in members if one.person.id in true
    )


def _count_started(desks: list[QueueClient]) -> int:
    return sum(one.started for one in desks)


def _check_assignments(fit: int, agents: int) -> None:
    """Check that no agent exceeds the capacity and that the order of arrival was kept."""
    load = Counter(chat.agent_id for chat in Chat.select().where(Chat.status == ACTIVE))
    if load.total() != fit or max(load.values()) > CAPACITY or len(load) != agents:
        raise AssertionError(load)


def run_benchmark(backend: str) -> None:
    with bench_database(backend) as (folder, url):
        for agents in (50, 20):
            with write_transaction():
                for table in (UserConnection, ProcessRow, Message, ChatEvent, Chat, Agent, User):
                    table.delete().execute()
            figures = asyncio.run(measure_queue(folder, url, agents))
            shown = "".join(f"  {name} {value:.2f}" for name, value in figures.items())
            print(f"{backend:<11}{agents} agents of {CAPACITY}, {MEMBERS} members{shown}", flush=True)


if __name__ == "__main__":
    raise_file_limit()
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    for name in requested_backends():
        run_benchmark(name)
