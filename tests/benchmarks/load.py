"""What is measured: five ways to lean on a server, with every line, frame and byte counted by the client."""

import asyncio
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.plugs import Plug, plug
from tests.processes import Process

AT_ONCE = 50
WORDS = "hola, necesito ayuda con mi cita de cardiología"
TYPING_NOTICES = 200
_number = re.compile(rb'"message":"bench-(\d+) ')
Pairs = list[dict[str, Any]]
Figures = dict[str, float]


async def chat(server: Process, pairs: Pairs, seconds: float) -> Figures:
    """Closed loop: each member sends their next line when the last one came back."""
    return await _Talk(server, pairs).run(seconds, 0)


async def rate(server: Process, pairs: Pairs, seconds: float, lines_per_s: int) -> Figures:
    """Open loop: so many lines a second in all, evenly spread; latency from sending to the echo."""
    return await _Talk(server, pairs).run(seconds, lines_per_s)


async def storm(server: Process, pairs: Pairs) -> Figures:
    """Everybody connects, 50 at a time, and gets their first pictures."""
    crowd = _Crowd(server.port)
    began = time.monotonic()
    await crowd.open(pair["member_token"] for pair in pairs)
    connected = time.monotonic() - began
    await crowd.quiet()
    figures = {
        "seconds": round(connected, 2),
        "connections_per_s": round(len(pairs) / connected),
        "frames_per_member": crowd.frames / len(pairs),
        "bytes_per_member": round(crowd.bytes / len(pairs)),
    }
    crowd.close()
    return figures


async def typing(server: Process, pairs: Pairs) -> Figures:
    """One member types while many are online: how many frames does one notice cost?"""
    crowd = _Crowd(server.port)
    await crowd.open([*(pair["member_token"] for pair in pairs), pairs[0]["agent_token"]])
    await crowd.quiet()
    before = crowd.frames
    for number in range(TYPING_NOTICES):
        word = "stop_typing" if number % 2 else "typing"
        crowd.plugs[0].say(b'{"event":"%b","chat_id":%d}' % (word.encode(), pairs[0]["chat_id"]))
        await asyncio.sleep(0.002)
    await crowd.quiet()
    frames = crowd.frames - before
    crowd.close()
    return {"notices": TYPING_NOTICES, "frames_per_notice": round(frames / TYPING_NOTICES, 2)}


async def idle(server: Process, pairs: Pairs) -> Figures:
    """Everybody connects and says nothing: what does an open connection keep of the server's memory?"""
    warm = _Crowd(server.port)
    await warm.open(pair["member_token"] for pair in pairs[:50])
    await warm.quiet()
    before, crowd = server.memory_kb(), _Crowd(server.port)
    await crowd.open(pair["member_token"] for pair in pairs[50:])
    await crowd.quiet()
    used = server.memory_kb() - before
    warm.close()
    crowd.close()
    return {"server_mb": round((before + used) / 1024, 1), "kb_per_connection": round(used / (len(pairs) - 50), 1)}


class _Crowd:
    """Many open sockets and what came over all of them."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.plugs: list[Plug] = []

    async def open(self, tokens: Iterable[str], on_text: Any = lambda text: None) -> None:
        """Connect with all these tokens, 50 at a time; the sockets keep the order of the tokens."""
        waiting = list(enumerate(tokens, start=len(self.plugs)))
        self.plugs += [None] * len(waiting)  # type: ignore[list-item]
        waiting.reverse()

        async def work() -> None:
            while waiting:
                index, token = waiting.pop()
                self.plugs[index] = await plug(self._port, token, on_text)

        await asyncio.gather(*(work() for _ in range(AT_ONCE)))

    async def quiet(self) -> None:
        """Wait until nothing has come for half a second."""
        last = -1
        while last != self.frames:
            last = self.frames
            await asyncio.sleep(0.5)

    @property
    def frames(self) -> int:
        return sum(one.frames for one in self.plugs)

    @property
    def bytes(self) -> int:
        return sum(one.bytes for one in self.plugs)

    def close(self) -> None:
        for one in self.plugs:
            one.cut()


@dataclass
class _Talk:
    """Members who write to their agents: what was sent, came back and reached the other side."""

    server: Process
    pairs: Pairs

    async def run(self, seconds: float, lines_per_s: int) -> Figures:
        self.sent_at: dict[int, float] = {}
        self.latencies: list[float] = []
        self.sent = self.reached = 0
        self.is_running, self.is_closed_loop = True, not lines_per_s
        self.members, agents = _Crowd(self.server.port), _Crowd(self.server.port)
        await self.members.open(pair["member_token"] for pair in self.pairs)
        await agents.open((pair["agent_token"] for pair in self.pairs), self._reach)
        await agents.quiet()
        for index, one in enumerate(self.members.plugs):
            one.on_text = lambda text, index=index: self._echo(index, text)
        began = time.monotonic()
        await (self._spread(seconds, lines_per_s) if lines_per_s else self._circulate(seconds))
        self.is_running = False
        elapsed, done = time.monotonic() - began, len(self.latencies)
        await self.members.quiet()
        self.members.close()
        agents.close()
        return self._figures(done / elapsed)

    async def _circulate(self, seconds: float) -> None:
        for index in range(len(self.pairs)):
            self._send(index)
        await asyncio.sleep(seconds)

    async def _spread(self, seconds: float, lines_per_s: int) -> None:
        began = time.monotonic()
        while (passed := time.monotonic() - began) < seconds:
            while self.sent < passed * lines_per_s:
                self._send(self.sent % len(self.pairs))
            await asyncio.sleep(0.001)

    def _send(self, index: int) -> None:
        number, self.sent = self.sent, self.sent + 1
        self.sent_at[number] = time.monotonic()
        chat_id = self.pairs[index]["chat_id"]
        text = f'{{"event":"agent_chat_message","chat_id":{chat_id},"message":"bench-{number} {WORDS}"}}'
        self.members.plugs[index].say(text.encode())

    def _echo(self, index: int, text: bytes) -> None:
        found = _number.search(text)
        if found is None:
            return
        self.latencies.append(time.monotonic() - self.sent_at.pop(int(found[1])))
        if self.is_closed_loop and self.is_running:
            self._send(index)

    def _reach(self, text: bytes) -> None:
        self.reached += _number.search(text) is not None

    def _figures(self, lines_per_s: float) -> Figures:
        ordered = sorted(self.latencies)
        return {
            "lines_per_s": round(lines_per_s),
            "p50_ms": round(1000 * ordered[len(ordered) // 2], 2),
            "p99_ms": round(1000 * ordered[len(ordered) * 99 // 100], 2),
            "lost": self.sent - len(ordered),
            "not_reached": self.sent - self.reached,
        }
