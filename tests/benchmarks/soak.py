"""`python -m tests.benchmarks.soak`: 10,000 messages over connections that are cut at random, on both databases.

Nothing lost, nothing doubled, nothing out of order, or it fails.
"""

import asyncio
import random
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from beneficiate.migrations import run_migrations
from beneficiate.models.base import database, open_database
from tests import servers
from tests.reconnecting_client import DeliveryFigures, chat_through_cuts
from tests.server_process import AppProcess

MESSAGES_EACH = 358
"""Messages of each user in each of 13 support chats and one between two agents: 10,024 in all."""
TIMEOUT_S = 240


def main(asked: list[str]) -> None:
    seed = int(asked[0]) if asked else random.randrange(1_000_000)
    for backend in ("sqlite", "postgresql"):
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="beneficiate-soak-")))
            url = (
                stack.enter_context(servers.postgresql_server())
                if backend == "postgresql"
                else f"sqlite:///{folder}/soak.db"
            )
            figures = asyncio.run(_run_soak(folder, url, seed))
        print(f"{backend:<11} seed {seed}  " + "  ".join(f"{name} {value}" for name, value in asdict(figures).items()))
        print(f"{backend:<11} 0 lost, 0 doubled, 0 out of order", flush=True)


async def _run_soak(folder: Path, database_url: str, seed: int) -> DeliveryFigures:
    database.initialize(open_database(database_url))
    run_migrations(database)
    server = AppProcess(folder, database_url)
    try:
        await server.start()
        return await chat_through_cuts(server.port, MESSAGES_EACH, seed, TIMEOUT_S, members=13, agents=4)
    finally:
        server.kill()
        database.obj.close_all()


if __name__ == "__main__":
    main(sys.argv[1:])
