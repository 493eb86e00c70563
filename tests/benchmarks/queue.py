"""Figures of the queue: `python -m tests.benchmarks.queue [sqlite|postgresql]`.

A thousand members who are connected ask for an agent at the same moment, and 50 agents can have 20 chats each: how long
until the last of them has one, at the screens of both sides. Then the same with 20 agents: 600 wait, and each must hear
the right place, at most once a second. The server is a process of its own; `cpu` is what it worked.
"""

import asyncio
import json
import os
import platform
import time
from collections import Counter
from pathlib import Path

from beneficiate.models.base import transaction
from beneficiate.models.chats import ACTIVE, CLOSED, Chat, ChatEvent, Line
from beneficiate.models.people import AVAILABLE, Agent, Connection, User
from beneficiate.models.people import Process as ProcessRow
from beneficiate.queries.routing import places
from beneficiate.store import SYSTEM, Work
from tests.benchmarks.__main__ import allow_files
from tests.benchmarks.booking import cpu_s
from tests.benchmarks.ground import asked, ground
from tests.people import Somebody, agent, member
from tests.plugs import Plug, plug, until
from tests.processes import Process

MEMBERS, CAPACITY, AT_ONCE = 1000, 20, 50
WATCHED_S = 5
ASK = b'{"event":"request_agent","id":"1"}'


class Ear:
    """One connected person: what they heard of chats that began and of their place."""

    def __init__(self, who: Somebody) -> None:
        self.who = who
        self.begun = self.acks = 0
        self.begun_at = 0.0
        self.places: list[tuple[float, int]] = []
        self._plug: Plug

    async def connect(self, port: int) -> None:
        self._plug = await plug(port, self.who.token, self._hear)

    def ask(self) -> None:
        self._plug.say(ASK)

    def cut(self) -> None:
        self._plug.cut()

    def _hear(self, text: bytes) -> None:
        if text.startswith((b'{"event":"new_chat"', b'{"event":"chat_initiated"')) and b'"ACTIVE"' in text:
            self.begun += 1
            self.begun_at = time.perf_counter()
        elif text.startswith(b'{"event":"queue_position"'):
            self.places.append((time.perf_counter(), json.loads(text)["position"]))
        elif text.startswith(b'{"event":"ack"'):
            self.acks += 1


async def everybody_asks(folder: Path, database_url: str, agents: int) -> dict[str, float]:
    members, desks = [Ear(member()) for _ in range(MEMBERS)], [Ear(agent()) for _ in range(agents)]
    Agent.update(availability=AVAILABLE, capacity=CAPACITY).execute()
    fit = min(MEMBERS, agents * CAPACITY)
    server = Process(folder, database_url)
    try:
        await server.start()
        await _connect(server.port, [*desks, *members])
        begun, worked = time.perf_counter(), cpu_s(server.pid)
        for one in members:
            one.ask()
        await until(lambda: sum(one.begun > 0 for one in members) >= fit and _begun(desks) >= fit, 60)
        worked = cpu_s(server.pid) - worked
        took = max(one.begun_at for one in [*members, *desks]) - begun
        await until(lambda: sum(one.acks for one in members) == MEMBERS, 60)
        figures = {"seconds": took, "cpu_s": worked, "acks_s": time.perf_counter() - begun}
        if fit < MEMBERS:
            figures |= await _places_of_the_others(members, desks)
        _check(fit, agents)
    finally:
        server.kill()
    for one in [*members, *desks]:
        one.cut()
    return figures


async def _connect(port: int, people: list[Ear]) -> None:
    waiting = people[::-1]

    async def work() -> None:
        while waiting:
            await waiting.pop().connect(port)

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    await until(lambda: User.select().where(User.online_status).count() == len(people), 60)
    await asyncio.sleep(2)


async def _places_of_the_others(members: list[Ear], desks: list[Ear]) -> dict[str, float]:
    """Who waits hears the right place, also while one chat after another ends; and not more often than each second."""
    await asyncio.sleep(1.5)
    first_wrong = _wrong(members)
    for one in members:
        one.places.clear()
    begun = time.perf_counter()
    closing = list(Chat.select(Chat.id, Chat.agent).where(Chat.status == ACTIVE).limit(100).tuples())
    desk_of = {one.who.agent_id: one for one in desks}
    for chat_id, agent_id in closing:
        desk_of[agent_id]._plug.say(json.dumps({"event": "close_chat", "chat_id": chat_id}).encode())
        await asyncio.sleep(WATCHED_S / len(closing))
    await until(lambda: Chat.select().where(Chat.status == CLOSED).count() == len(closing), 60)
    await asyncio.sleep(2.5)
    took = time.perf_counter() - begun
    ids = {place.user_id for place in places(Work(SYSTEM, None))}  # type: ignore[arg-type]
    frames = [len(one.places) for one in members if one.who.id in ids]
    return {
        "waiting": len(ids),
        "first_wrong": first_wrong,
        "wrong": _wrong(members),
        "frames_per_s": sum(frames) / len(frames) / took,
        "most_per_s": max(frames) / took,
    }


def _wrong(members: list[Ear]) -> int:
    """How many of those who wait last heard another place than theirs."""
    true = {place.user_id: place.position for place in places(Work(SYSTEM, None))}  # type: ignore[arg-type]
    return sum(not one.places or one.places[-1][1] != true[one.who.id] for one in members if one.who.id in true)


def _begun(desks: list[Ear]) -> int:
    return sum(one.begun for one in desks)


def _check(fit: int, agents: int) -> None:
    """Nobody has more than they can have, and those who came first were first."""
    load = Counter(chat.agent_id for chat in Chat.select().where(Chat.status == ACTIVE))
    if load.total() != fit or max(load.values()) > CAPACITY or len(load) != agents:
        raise AssertionError(load)


def measure(backend: str) -> None:
    with ground(backend) as (folder, url):
        for agents in (50, 20):
            with transaction():
                for table in (Connection, ProcessRow, Line, ChatEvent, Chat, Agent, User):
                    table.delete().execute()
            figures = asyncio.run(everybody_asks(folder, url, agents))
            shown = "".join(f"  {name} {value:.2f}" for name, value in figures.items())
            print(f"{backend:<11}{agents} agents of {CAPACITY}, {MEMBERS} members{shown}", flush=True)


if __name__ == "__main__":
    allow_files()
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    for name in asked():
        measure(name)
