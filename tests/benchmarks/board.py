"""Figures of the supervisors' board: `python -m tests.benchmarks.board [sqlite|postgresql]`.

A day of 20,000 facts. First what a board takes to load, with roll-ups and from the facts alone. Then messages and
replies for some seconds while nobody, one and a hundred supervisors watch: how long from a fact until each of them has
a frame with it, how often frames come, what the server works for it, and how late messages arrive.
"""

import asyncio
import json
import platform
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from beneficiate.actions.rollups import FoldFacts, fold_facts
from beneficiate.domain import facts
from beneficiate.models.accounts import Agent
from beneficiate.models.base import database, is_postgresql, write_transaction
from beneficiate.models.call_centre import Topic
from beneficiate.models.facts import Fact
from beneficiate.queries.board import load_board
from beneficiate.queries.metrics import start_of_day
from beneficiate.queries.rollups import find_fold_bound
from beneficiate.unit_of_work import UnitOfWork
from tests.benchmarks import load
from tests.benchmarks.bench_env import bench_database, requested_backends
from tests.benchmarks.booking import process_cpu_s
from tests.benchmarks.desk import print_timing
from tests.factories import Person, supervisor
from tests.server_process import ROOT, AppProcess, process_environment
from tests.ws_client import RawWebSocket, open_raw_websocket

CHATS, PAIRS, WATCHERS = 2200, 50, (0, 1, 100)
SECONDS, LINES_PER_S, REPLIES_PER_S = 10, 100, 20
COLUMNS = (Fact.at, Fact.kind, Fact.detail, Fact.chat_id, Fact.span, Fact.agent_id, Fact.agent_name, Fact.actor_role,
           Fact.topic, Fact.duration_s, Fact.value)  # fmt: skip


def list_facts_of_chat(number: int, opened_at: datetime, agent_id: int, chance: random.Random) -> Iterator[Any]:
    """Yield the rows of a chat that was answered, and of one in four that was rated."""
    wait, topic = 8 + chance.randrange(200), chance.choice(("citas", "pagos", ""))
    steps: list[tuple[int, str, str, int | None, int | None]] = [
        (0, facts.OPENED, "", None, None),
        (0, facts.QUEUED, facts.NEW, None, None),
        (5, facts.ASSIGNED, "given", 5, None),
        (wait, facts.FIRST_REPLY, "", wait, None),
        (wait, facts.SERVICE_LEVEL, "first_met", wait, None),
        *((wait + 20 * step, facts.REPLY, "", 10 + chance.randrange(90), None) for step in range(3)),
        (900, facts.CLOSED, facts.ANSWERED, 120 + chance.randrange(900), None),
        *([(960, facts.RATED, "", None, chance.randrange(1, 6))] if number % 4 == 0 else []),
    ]
    for seconds, kind, detail, duration_s, value in steps:
        at = opened_at + timedelta(seconds=seconds)
        yield (at, kind, detail, 10**9 + number, 1, agent_id, "Agente", "agent", topic, duration_s, value)


def fill_day(now: datetime) -> int:
    """Write the facts of the day until now; return how many."""
    chance, start = random.Random(1), start_of_day(now)
    agent_ids = [agent_id for (agent_id,) in Agent.select(Agent.id).tuples()]
    step = (now - start - timedelta(minutes=20)) / CHATS
    rows = [
        row
        for number in range(CHATS)
        for row in list_facts_of_chat(number, start + number * step, chance.choice(agent_ids), chance)
    ]
    with write_transaction():
        for first in range(0, len(rows), 500):
            Fact.insert_many(rows[first : first + 500], COLUMNS).execute()
    return len(rows)


def measure_loading(now: datetime, boss: Person) -> None:
    uow = UnitOfWork(boss.actor, now)
    for topic in ("", "pagos"):
        print_timing(f"from facts {topic}", lambda topic=topic: load_board(uow, topic))
    command = FoldFacts(find_fold_bound(uow).fact_id)
    folded = command.limit
    while folded == command.limit:
        with write_transaction():
            folded = fold_facts(uow, command)
    database.execute_sql("ANALYZE")
    for topic in ("", "pagos"):
        print_timing(f"with roll-ups {topic}", lambda topic=topic: load_board(uow, topic))


class Watcher:
    """A supervisor's connection: when each board came, and as of when it is."""

    def __init__(self, who: Person) -> None:
        self.who = who
        self.boards: list[tuple[float, float]] = []
        self._socket: RawWebSocket

    async def watch(self, port: int) -> None:
        self._socket = await open_raw_websocket(port, self.who.token, self._on_text)
        self._socket.send_text(b'{"event":"watch_board","id":"1"}')

    def cut(self) -> None:
        self._socket.cut()

    def _on_text(self, text: bytes) -> None:
        if text.startswith(b'{"event":"board"'):
            now = time.time()
            at = text[text.index(b'"at":"') + 6 :].split(b'"', 1)[0].decode()
            self.boards.append((now, datetime.fromisoformat(at).timestamp()))

    def delays_ms(self, instants: list[float]) -> list[float]:
        """Return how long after each of these instants the first board came that is as of a later one."""
        found = (next((came for came, at in self.boards if at >= instant), None) for instant in instants)
        return [1000 * (came - instant) for came, instant in zip(found, instants, strict=True) if came is not None]


async def reply_often(server: AppProcess, pairs: load.Pairs, has_begun: asyncio.Event) -> float:
    """From the first message on, let the agents reply one after the other: a fact each, while the member waits.

    Return when that was.
    """
    sockets = [await open_raw_websocket(server.port, pair["agent_token"], lambda text: None) for pair in pairs]
    await has_begun.wait()
    began = time.time()
    for number in range(SECONDS * REPLIES_PER_S):
        index = number % len(pairs)
        text = f'{{"event":"agent_chat_message","chat_id":{pairs[index]["chat_id"]},"message":"Con gusto"}}'
        sockets[index].send_text(text.encode())
        await asyncio.sleep(1 / REPLIES_PER_S)
    for socket in sockets:
        socket.cut()
    return began


async def measure_live(server: AppProcess, pairs: load.Pairs, watchers: list[Watcher]) -> dict[str, float]:
    for one in watchers:
        await one.watch(server.port)
    await asyncio.sleep(2)
    has_begun, worked = asyncio.Event(), process_cpu_s(server.pid)
    figures, began = await asyncio.gather(
        load.measure_open_loop(server, pairs, SECONDS, LINES_PER_S, has_begun), reply_often(server, pairs, has_begun)
    )
    elapsed = time.time() - began
    shown = {"chat_p50_ms": figures["p50_ms"], "chat_p99_ms": figures["p99_ms"]}
    shown["server_cpu_s"] = round(process_cpu_s(server.pid) - worked, 2)
    await asyncio.sleep(1.5)
    for one in watchers:
        one.cut()
    since = datetime.fromtimestamp(began, UTC)
    instants = [at.timestamp() for (at,) in Fact.select(Fact.at).where(Fact.at > since).order_by(Fact.at).tuples()]
    return shown | ({"facts": len(instants)} | _describe_boards(watchers, instants, began, elapsed) if watchers else {})


def _describe_boards(watchers: list[Watcher], instants: list[float], began: float, elapsed: float) -> dict[str, float]:
    delays = sorted(delay for one in watchers for delay in one.delays_ms(instants))
    first = sorted(delay for one in watchers for delay in one.delays_ms(instants[:1]))
    came = [[time_ for time_, _ in one.boards if began <= time_ <= began + elapsed] for one in watchers]
    gaps = sorted(later - earlier for times in came for earlier, later in pairwise(times))
    return {
        "delay_p50_ms": round(delays[len(delays) // 2]),
        "delay_p99_ms": round(delays[len(delays) * 99 // 100]),
        "first_p99_ms": round(first[len(first) * 99 // 100]),
        "frames_per_s": round(max(len(times) for times in came) / elapsed, 2),
        "least_gap_ms": round(1000 * gaps[0]) if gaps else 0,
    }


async def measure_server(folder: Path, url: str, pairs: load.Pairs, people: list[Person]) -> None:
    server = AppProcess(folder, url)
    await server.start()
    backend = "postgresql" if is_postgresql() else "sqlite"
    try:
        for count in WATCHERS:
            figures = await measure_live(server, pairs, [Watcher(who) for who in people[:count]])
            shown = "  ".join(f"{name} {value:g}" for name, value in figures.items())
            print(f"{backend:<11}{count:>3} watch   {shown}", flush=True)
    finally:
        server.kill()


def benchmark(backend: str) -> None:
    with bench_database(backend) as (folder, url):
        command = [sys.executable, "run.py", "load-data", "--pairs", str(PAIRS)]
        made = subprocess.run(command, cwd=ROOT, env=process_environment(url), check=True, capture_output=True)
        with write_transaction():
            people = [supervisor() for _ in range(max(WATCHERS))]
            for code in ("citas", "pagos"):
                Topic.get_or_create(code=code, defaults={"name": code.capitalize()})
        now = datetime.now(UTC)
        print(f"{fill_day(now)} facts", flush=True)
        database.execute_sql("ANALYZE")
        measure_loading(now, people[0])
        asyncio.run(measure_server(folder, url, json.loads(made.stdout), people))


if __name__ == "__main__":
    print(
        f"Python {platform.python_version()}; {SECONDS} s, {LINES_PER_S} messages and {REPLIES_PER_S} replies a second"
    )
    for name in requested_backends():
        benchmark(name)
