"""A proxy in front of PostgreSQL or Redis whose connections can become slow, or half open: open, but nothing passes."""

import asyncio
from typing import Any
from urllib.parse import urlsplit

from psycopg2.extensions import parse_dsn


class SilentProxy:
    """Forwards a port of its own to the server of a URL."""

    def __init__(self, url: str) -> None:
        self._scheme = urlsplit(url).scheme
        self.lead_to(url)
        self._silent: set[asyncio.Task[None]] = set()
        self._pumps: set[asyncio.Task[None]] = set()
        self._writers: list[asyncio.StreamWriter] = []
        self._server: asyncio.Server | None = None
        self.is_silent_for_new = False
        self.delay_s = 0.0
        self.accepted = 0

    def lead_to(self, url: str) -> None:
        """Lead connections that are opened from now on to the server of another URL."""
        dsn = parse_dsn(url) if self._scheme.startswith("postgres") else {}
        self._host = str(dsn.get("host") or urlsplit(url).hostname or "127.0.0.1")
        self._port = int(dsn.get("port") or urlsplit(url).port or 5432)
        self._path = f"/{dsn['dbname']}" if dsn else urlsplit(url).path
        self._user = f"{dsn['user']}:{dsn.get('password', '')}@" if dsn else ""

    async def start(self) -> "SilentProxy":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"{self._scheme}://{self._user}127.0.0.1:{self._server.sockets[0].getsockname()[1]}{self._path}"

    def silence(self) -> None:
        """Swallow from now on what the open connections send in either direction; new ones pass."""
        self._silent |= self._pumps

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.gather(*(writer.wait_closed() for writer in self._writers), return_exceptions=True)

    async def _accept(self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        self.accepted += 1
        if self._host.startswith("/"):
            opening = asyncio.open_unix_connection(f"{self._host}/.s.PGSQL.{self._port}")
        else:
            opening = asyncio.open_connection(self._host, self._port)
        try:
            from_server, to_server = await opening
        except OSError:
            to_client.transport.abort()
            self._writers.append(to_client)
            return
        self._writers += to_client, to_server
        for reader, writer in ((from_client, to_server), (from_server, to_client)):
            pump = asyncio.create_task(self._pump(reader, writer))
            self._pumps.add(pump)
            if self.is_silent_for_new:
                self._silent.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(self, reader: asyncio.StreamReader, writer: Any) -> None:
        try:
            while data := await reader.read(65_536):
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                if asyncio.current_task() not in self._silent:
                    writer.write(data)
                    await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()
