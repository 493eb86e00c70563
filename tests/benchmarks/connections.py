"""What open connections cost, and how they come back: `python -m tests.benchmarks.connections [members]`.

First so many members (10,000 by default) are connected to one process and do nothing: its memory and its processor time
for each of them. Then they are connected to one of two processes, which is stopped with SIGTERM: how long until all are
back at the other one with their initial state, each when it was told to come back, and how long messages take meanwhile
that 50 pairs write there. PostgreSQL and Redis; the processes that serve have one core, the clients another one.
"""

import asyncio
import json
import re
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests import servers
from tests.benchmarks import load
from tests.benchmarks.__main__ import create_pairs, raise_file_limit, split_cores
from tests.benchmarks.booking import process_cpu_s
from tests.server_process import AppProcess
from tests.ws_client import HandshakeRefused, RawWebSocket, open_raw_websocket, wait_until

MEMBERS, WRITING_PAIRS, LINES_PER_S = 10_000, 50, 100
IDLE_S = 30.0
SETTINGS = {"BENEFICIATE_CONNECTIONS": 60_000, "BENEFICIATE_CONNECTIONS_PER_ADDRESS": 60_000}
STATE_END = b'{"event":"online_users"'
_delay = re.compile(r"\d+")


async def measure_idle(folder: Path, database_url: str, redis_url: str, tokens: list[str]) -> load.Figures:
    """Return the memory and the processor time of a connection over which nothing happens."""
    server = AppProcess(folder, database_url, REDIS_URL=redis_url, **SETTINGS)
    try:
        await server.start(preexec=split_cores())
        warm, crowd = load.ConnectionPool(server.port), load.ConnectionPool(server.port)
        await warm.open(tokens[:50])
        await warm.wait_quiet()
        await asyncio.sleep(5)
        kb, worked = server.memory_kb(), await _measure_cpu(server)
        await crowd.open(tokens[50:])
        await crowd.wait_quiet()
        await asyncio.sleep(15)
        used, idle = server.memory_kb() - kb, await _measure_cpu(server)
        warm.close()
        crowd.close()
    finally:
        server.kill()
    count = len(tokens) - 50
    return {
        "kib_per_connection": round(used / count, 1),
        "us_per_s_each": round(1e6 * (idle - worked) / count, 2),
        "percent_of_a_core": round(100 * idle, 1),
        "with_50_percent": round(100 * worked, 1),
    }


async def _measure_cpu(server: AppProcess) -> float:
    """Return the processor time of a second in which nothing happens."""
    began = process_cpu_s(server.pid)
    await asyncio.sleep(IDLE_S)
    return (process_cpu_s(server.pid) - began) / IDLE_S


class _ReturningMember:
    """A member who comes back when the server said so, and the moments."""

    def __init__(self, token: str) -> None:
        self._token = token
        self.back_at = 0.0
        self.socket: RawWebSocket

    async def connect(self, port: int) -> None:
        self.socket = await open_raw_websocket(port, self._token, lambda text: None)

    async def come_back(self, port: int) -> None:
        await self.socket.closed
        told = _delay.search(self.socket.close_reason)
        await asyncio.sleep(int(told[0]) / 1000 if told else 1.0)
        while True:
            if await self._receive_state(port):
                self.back_at = time.monotonic()
                return
            await asyncio.sleep(1)

    async def _receive_state(self, port: int) -> bool:
        """Connect; return whether the whole initial state came."""
        received = asyncio.Event()
        try:
            self.socket = await open_raw_websocket(
                port,
                self._token,
                lambda text: received.set() if text.startswith(STATE_END) else None,
                lambda code: received.set(),
            )
        except (OSError, HandshakeRefused):
            return False
        await received.wait()
        return self.socket.is_open


async def measure_return(folder: Path, database_url: str, redis_url: str, pairs: load.Pairs) -> load.Figures:
    """Return how long all take to come back from a process that stops, and the latencies at the other one meanwhile."""
    stopping, staying = (AppProcess(folder, database_url, REDIS_URL=redis_url, **SETTINGS) for _ in range(2))
    writers = pairs[:WRITING_PAIRS]
    try:
        pin = split_cores()
        await stopping.start(preexec=pin)
        await staying.start(preexec=pin)
        members = [_ReturningMember(pair["member_token"]) for pair in pairs[WRITING_PAIRS:]]
        await _connect_all(members, stopping.port)
        returns = [asyncio.create_task(member.come_back(staying.port)) for member in members]
        calm = await load.measure_open_loop(staying, writers, 5, LINES_PER_S)
        stopping.send_signal(signal.SIGTERM)
        began = time.monotonic()
        chat = asyncio.create_task(load.measure_open_loop(staying, writers, 20, LINES_PER_S))
        await asyncio.gather(*returns)
        seconds = max(member.back_at for member in members) - began
        meanwhile = await chat
        for member in members:
            member.socket.cut()
    finally:
        stopping.kill()
        staying.kill()
    return {
        "back_s": round(seconds, 1),
        "p50_ms": meanwhile["p50_ms"],
        "p99_ms": meanwhile["p99_ms"],
        "calm_p99_ms": calm["p99_ms"],
        "lost": meanwhile["lost"],
    }


async def _connect_all(members: list[_ReturningMember], port: int) -> None:
    waiting = members[::-1]

    async def connect_some() -> None:
        while waiting:
            await waiting.pop().connect(port)

    await asyncio.gather(*(connect_some() for _ in range(load.CONCURRENT_CONNECTIONS)))
    await wait_until(lambda: all(member.socket.frames for member in members), 60)
    await asyncio.sleep(5)


def main(count: int) -> None:
    raise_file_limit()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="beneficiate-bench-")))
        database_url = stack.enter_context(servers.postgresql_server())
        redis_url = stack.enter_context(servers.redis_server())
        pairs = create_pairs(database_url, count)
        tokens = [pair["member_token"] for pair in pairs]
        idle = asyncio.run(measure_idle(folder, database_url, redis_url, tokens))
        print(f"{count} idle connections  {json.dumps(idle)}", flush=True)
        back = asyncio.run(measure_return(folder, database_url, redis_url, pairs))
        print(f"{count} come back after SIGTERM  {json.dumps(back)}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else MEMBERS)
