"""A TCP proxy that cuts connections after a random number of bytes, in the middle of frames too."""

import asyncio
import contextlib
import random

from tests.ws_client import reset_on_close

HALF_OPEN_S = 0.15


class FlakyProxy:
    """Forwards a port of its own to a server. Every connection lives for a random number of bytes.

    How it ends is random too: both sides at once; the client first, while the server still writes into the void; the
    server first, while the client still hopes; or a silence, in which everything is swallowed before the end.
    """

    def __init__(self, target: int, least: int, most: int, seed: int) -> None:
        self.target = target
        self.cuts = 0
        self.port = 0
        self._random = random.Random(seed)
        self._least, self._most = least, most
        self._is_cutting = True
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def stop_cutting(self) -> None:
        """Stop cutting: later connections stay open."""
        self._is_cutting = False

    async def _accept(self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            from_server, to_server = await asyncio.open_connection("127.0.0.1", self.target)
        except (OSError, asyncio.CancelledError):
            to_client.transport.abort()
            return
        try:
            # Cancelled by `stop`; asyncio would print that as an unhandled exception.
            with contextlib.suppress(asyncio.CancelledError):
                await self._forward(_Pipe(from_client, to_server), _Pipe(from_server, to_client))
        finally:
            to_client.transport.abort()
            to_server.transport.abort()

    async def _forward(self, up: "_Pipe", down: "_Pipe") -> None:
        budget = _ByteBudget(self._random.randint(self._least, self._most) if self._is_cutting else 1 << 60)
        pumps = [asyncio.create_task(cable.pump(budget)) for cable in (up, down)]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            if budget.left <= 0:
                self.cuts += 1
                await self._cut(up, down, pumps)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)

    async def _cut(self, up: "_Pipe", down: "_Pipe", pumps: list["asyncio.Task[None]"]) -> None:
        how = self._random.choice(("both", "both", "client", "server", "silence"))
        if self._random.random() < 0.5:
            reset_on_close(up.writer.transport)  # type: ignore[arg-type]
            reset_on_close(down.writer.transport)  # type: ignore[arg-type]
        if how == "both":
            return
        if how == "silence":
            up.is_discarding = down.is_discarding = True
        else:
            (down if how == "client" else up).writer.transport.abort()
        await asyncio.wait(pumps, timeout=HALF_OPEN_S, return_when=asyncio.ALL_COMPLETED)


class _ByteBudget:
    """The bytes that a connection may still carry, in both directions together."""

    def __init__(self, left: int) -> None:
        self.left = left


class _Pipe:
    """One direction of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.is_discarding = False

    async def pump(self, budget: _ByteBudget) -> None:
        """Forward bytes until the end or until the budget is used up exactly; then drop them."""
        with contextlib.suppress(OSError):
            while data := await self.reader.read(16_384):
                if self.is_discarding:
                    continue
                self.writer.write(data[: max(0, budget.left)])
                budget.left -= len(data)
                await self.writer.drain()
                if budget.left <= 0:
                    return
