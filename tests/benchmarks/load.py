"""Five kinds of load on a server, with every message, frame and byte counted by the client."""

import asyncio
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.booking import process_cpu_s
from tests.server_process import AppProcess
from tests.ws_client import RawWebSocket, open_raw_websocket

CONCURRENT_CONNECTIONS = 50
MESSAGE_TEXT = "hola, necesito ayuda con mi cita de cardiología"
TYPING_NOTICES = 200
_number = re.compile(rb'"message":"bench-(\d+) ')
Pairs = list[dict[str, Any]]
Figures = dict[str, float]


async def measure_closed_loop(server: AppProcess, pairs: Pairs, seconds: float) -> Figures:
    """Closed loop: each member sends the next message when the last one came back."""
    return await _ChatLoad(server, pairs, asyncio.Event()).run(seconds, 0)


async def measure_open_loop(
    server: AppProcess, pairs: Pairs, seconds: float, lines_per_s: int, has_begun: asyncio.Event | None = None
) -> Figures:
    """Open loop: a fixed number of messages a second in all, evenly spread; latency from sending to the echo.

    The event is set when all are connected and the first message is sent.
    """
    return await _ChatLoad(server, pairs, has_begun or asyncio.Event()).run(seconds, lines_per_s)


async def measure_connection_storm(server: AppProcess, pairs: Pairs) -> Figures:
    """Connect all clients, 50 at a time, and wait for their initial states."""
    crowd = ConnectionPool(server.port)
    began, worked = time.monotonic(), process_cpu_s(server.pid)
    await crowd.open(pair["member_token"] for pair in pairs)
    connected = time.monotonic() - began
    await crowd.wait_quiet()
    figures = {
        "seconds": round(connected, 2),
        "connections_per_s": round(len(pairs) / connected),
        "cpu_us_each": round(1e6 * (process_cpu_s(server.pid) - worked) / len(pairs)),
        "frames_per_member": crowd.frames / len(pairs),
        "bytes_per_member": round(crowd.bytes / len(pairs)),
    }
    crowd.close()
    return figures


async def measure_typing(server: AppProcess, pairs: Pairs) -> Figures:
    """Let one member type while many are online: the number of frames that one notice costs."""
    crowd = ConnectionPool(server.port)
    await crowd.open([*(pair["member_token"] for pair in pairs), pairs[0]["agent_token"]])
    await crowd.wait_quiet()
    before = crowd.frames
    for number in range(TYPING_NOTICES):
        command = "stop_typing" if number % 2 else "typing"
        crowd.sockets[0].send_text(b'{"event":"%b","chat_id":%d}' % (command.encode(), pairs[0]["chat_id"]))
        await asyncio.sleep(0.002)
    await crowd.wait_quiet()
    frames = crowd.frames - before
    crowd.close()
    return {"notices": TYPING_NOTICES, "frames_per_notice": round(frames / TYPING_NOTICES, 2)}


async def measure_idle(server: AppProcess, pairs: Pairs) -> Figures:
    """Connect all clients without traffic: the server memory that an open connection takes."""
    warm = ConnectionPool(server.port)
    await warm.open(pair["member_token"] for pair in pairs[:50])
    await warm.wait_quiet()
    before, crowd = server.memory_kb(), ConnectionPool(server.port)
    await crowd.open(pair["member_token"] for pair in pairs[50:])
    await crowd.wait_quiet()
    used = server.memory_kb() - before
    warm.close()
    crowd.close()
    return {"server_mb": round((before + used) / 1024, 1), "kb_per_connection": round(used / (len(pairs) - 50), 1)}


class ConnectionPool:
    """Many open connections, and the totals of what they received."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.sockets: list[RawWebSocket] = []

    async def open(self, tokens: Iterable[str], on_text: Any = lambda text: None) -> None:
        """Connect with all these tokens, 50 at a time; the connections keep the order of the tokens."""
        waiting = list(enumerate(tokens, start=len(self.sockets)))
        self.sockets += [None] * len(waiting)  # type: ignore[list-item]
        waiting.reverse()

        async def uow() -> None:
            while waiting:
                index, token = waiting.pop()
                self.sockets[index] = await open_raw_websocket(self._port, token, on_text)

        await asyncio.gather(*(uow() for _ in range(CONCURRENT_CONNECTIONS)))

    async def wait_quiet(self) -> None:
        """Wait until nothing was received for half a second."""
        last = -1
        while last != self.frames:
            last = self.frames
            await asyncio.sleep(0.5)

    @property
    def frames(self) -> int:
        return sum(one.frames for one in self.sockets)

    @property
    def bytes(self) -> int:
        return sum(one.bytes for one in self.sockets)

    def close(self) -> None:
        for one in self.sockets:
            one.cut()


@dataclass
class _ChatLoad:
    """Members who write to their agents: what was sent, echoed and received by the other side."""

    server: AppProcess
    pairs: Pairs
    has_begun: asyncio.Event

    async def run(self, seconds: float, lines_per_s: int) -> Figures:
        self.sent_at: dict[int, float] = {}
        self.latencies: list[float] = []
        self.sent = self.delivered = 0
        self.is_running, self.is_closed_loop = True, not lines_per_s
        self.members, agents = ConnectionPool(self.server.port), ConnectionPool(self.server.port)
        await self.members.open(pair["member_token"] for pair in self.pairs)
        await agents.open((pair["agent_token"] for pair in self.pairs), self._on_delivery)
        await agents.wait_quiet()
        for index, one in enumerate(self.members.sockets):
            one.on_text = lambda text, index=index: self._on_echo(index, text)
        self.has_begun.set()
        began, worked = time.monotonic(), process_cpu_s(self.server.pid)
        await (self._run_open_loop(seconds, lines_per_s) if lines_per_s else self._run_closed_loop(seconds))
        self.is_running = False
        elapsed, done = time.monotonic() - began, len(self.latencies)
        await self.members.wait_quiet()
        worked = process_cpu_s(self.server.pid) - worked
        self.members.close()
        agents.close()
        return self._figures(done / elapsed, worked)

    async def _run_closed_loop(self, seconds: float) -> None:
        for index in range(len(self.pairs)):
            self._send(index)
        await asyncio.sleep(seconds)

    async def _run_open_loop(self, seconds: float, lines_per_s: int) -> None:
        began = time.monotonic()
        while (passed := time.monotonic() - began) < seconds:
            while self.sent < passed * lines_per_s:
                self._send(self.sent % len(self.pairs))
            await asyncio.sleep(0.001)

    def _send(self, index: int) -> None:
        number, self.sent = self.sent, self.sent + 1
        self.sent_at[number] = time.monotonic()
        chat_id = self.pairs[index]["chat_id"]
        text = f'{{"event":"agent_chat_message","chat_id":{chat_id},"message":"bench-{number} {MESSAGE_TEXT}"}}'
        self.members.sockets[index].send_text(text.encode())

    def _on_echo(self, index: int, text: bytes) -> None:
        found = _number.search(text)
        if found is None:
            return
        self.latencies.append(time.monotonic() - self.sent_at.pop(int(found[1])))
        if self.is_closed_loop and self.is_running:
            self._send(index)

    def _on_delivery(self, text: bytes) -> None:
        self.delivered += _number.search(text) is not None

    def _figures(self, lines_per_s: float, worked_s: float) -> Figures:
        ordered = sorted(self.latencies)
        return {
            "lines_per_s": round(lines_per_s),
            "p50_ms": round(1000 * ordered[len(ordered) // 2], 2),
            "p99_ms": round(1000 * ordered[len(ordered) * 99 // 100], 2),
            "cpu_us_each": round(1e6 * worked_s / len(ordered)),
            "delivered": self.delivered,
            "lost": self.sent - len(ordered),
            "not_reached": self.sent - self.delivered,
        }
