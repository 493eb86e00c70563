"""What peers that never finish their request cost: `python -m tests.benchmarks.held_connections`.

600 connections send a login of 1 MB without its end, then 600 of the largest body that is accepted, also without its
end, from one address and from as many as are needed to have all of them admitted. Printed are the memory of the process
before, while they are held and after, how many are held, and whether a good request is answered meanwhile.
"""

import asyncio
import contextlib

from beneficiate.handlers.base import MAX_BODY_BYTES
from tests.benchmarks.bench_env import bench_database
from tests.http_client import fetch
from tests.server_process import AppProcess

PEERS = 600
HELD_S = 32.0
"""Longer than a body may take."""
Peer = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def hold(port: int, announced: int, sent: int, addresses: int) -> list[Peer]:
    """Connect and send requests whose end is missing."""
    head = f"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: {announced}\r\n\r\n".encode()
    peers = []
    for number in range(PEERS):
        address = (f"127.0.0.{2 + number % addresses}", 0)
        with contextlib.suppress(ConnectionError):
            peer = await asyncio.open_connection("127.0.0.1", port, local_addr=address)
            peer[1].write(head + b"x" * sent)
            peers.append(peer)
    return peers


def is_held(peer: Peer) -> bool:
    reader, writer = peer
    return not reader.at_eof() and not writer.transport.is_closing()


async def measure(server: AppProcess, name: str, announced: int, sent: int, addresses: int = 3) -> None:
    """Print one row of the table."""
    before = server.memory_kb()
    peers = await hold(server.port, announced, sent, addresses)
    readers = [asyncio.ensure_future(_drain(reader)) for reader, _ in peers]
    await asyncio.sleep(2)
    during, held = server.memory_kb(), sum(map(is_held, peers))
    status = (await fetch(server.port, "/healthz")).status
    await asyncio.sleep(HELD_S)
    left = sum(map(is_held, peers))
    print(
        f"| {name} | {before / 1024:.0f} | {during / 1024:.0f} | {server.memory_kb() / 1024:.0f} | {held} | {left} "
        f"| {status} |"
    )
    for _, writer in peers:
        writer.transport.abort()
    await asyncio.gather(*readers)


async def _drain(reader: asyncio.StreamReader) -> None:
    with contextlib.suppress(ConnectionError):
        await reader.read()


async def main() -> None:
    with bench_database("sqlite") as (folder, url):
        server = await AppProcess(folder, url).start()
        print("| 600 peers send | MB before | MB held | MB after | held after 2 s | after 34 s | /healthz |")
        print("| --- | --- | --- | --- | --- | --- | --- |")
        await measure(server, "all but 64 kB of 1 MB", 1024 * 1024, 1024 * 1024 - MAX_BODY_BYTES)
        await measure(server, "all but a byte of 64 kB, one address", MAX_BODY_BYTES, MAX_BODY_BYTES - 1, 1)
        await measure(server, "all but a byte of 64 kB", MAX_BODY_BYTES, MAX_BODY_BYTES - 1)
        server.kill()


if __name__ == "__main__":
    asyncio.run(main())
