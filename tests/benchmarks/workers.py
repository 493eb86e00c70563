"""What a message costs with one worker and with two, in processor time: `python -m tests.benchmarks.workers [connect]`.

50 pairs write 200 lines a second, evenly spread, so that hardly two are stored together; then 200 pairs as fast as they
can, and 1,000 members connect. With two workers, half of the messages go to an agent of the other one. PostgreSQL and
Redis. Each line has the processor time for a message or a connection of the workers, of PostgreSQL and of Redis, in µs,
which hardly depends on what else the machine has to do. `capacity` is how much two processors would do, against one.
"""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path

from tests import servers
from tests.benchmarks import load
from tests.benchmarks.__main__ import create_pairs, raise_file_limit
from tests.benchmarks.booking import process_cpu_s
from tests.server_process import AppProcess, children_of

PAIRS, SECONDS, LINES_PER_S = 1000, 10, 200
Run = Callable[[AppProcess, load.Pairs], Awaitable[load.Figures]]
LOADS: dict[str, Run] = {
    "one at a time": lambda server, pairs: load.measure_open_loop(server, pairs[:50], SECONDS, LINES_PER_S),
    "as fast as they can": lambda server, pairs: load.measure_closed_loop(server, pairs[:200], SECONDS),
    "connect": load.measure_connection_storm,
}


class Costs:
    """Processor time of the application, the database and the bus, in seconds."""

    def __init__(self, server: AppProcess, postgresql: servers.PostgresqlServer, redis: servers.RedisServer) -> None:
        self._server, self._postgresql, self._redis = server, postgresql, redis
        self._before = self._read()

    def _read(self) -> dict[str, float]:
        application = children_of(self._server.pid) or [self._server.pid]
        return {
            "application": sum(map(process_cpu_s, application)),
            "postgresql": sum(map(process_cpu_s, children_of(self._postgresql.pid))),
            "redis": process_cpu_s(self._redis.pid),
        }

    def per(self, count: float) -> dict[str, float]:
        """Return the time since the beginning for each of `count`, in µs."""
        return {name: 1e6 * (after - self._before[name]) / count for name, after in self._read().items()}


async def measure_costs(
    folder: Path,
    postgresql: servers.PostgresqlServer,
    redis: servers.RedisServer,
    pairs: load.Pairs,
    workers: int,
    run: Run,
) -> tuple[load.Figures, dict[str, float]]:
    """Return the figures of a load, and the processor time of a message in µs."""
    server = AppProcess(folder, postgresql.url, REDIS_URL=redis.url)
    try:
        await server.start(workers=workers)
        await asyncio.sleep(5)  # until all workers serve, and have done what they do at their start
        costs = Costs(server, postgresql, redis)
        figures = await run(server, pairs)
        return figures, costs.per(figures.get("delivered", len(pairs)))
    finally:
        server.kill()


def main() -> None:
    raise_file_limit()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="beneficiate-bench-")))
        postgresql = stack.enter_context(servers.restartable_postgresql_server())
        redis = stack.enter_context(servers.restartable_redis_server())
        pairs = create_pairs(postgresql.url, PAIRS)
        asked = [name for name in LOADS if name in sys.argv[1:]] or list(LOADS)
        for name, run in ((name, LOADS[name]) for name in asked):
            costs = {}
            for workers in (1, 2):
                figures, costs[workers] = asyncio.run(measure_costs(folder, postgresql, redis, pairs, workers, run))
                shown = "".join(f"  {what} {value:.0f} µs" for what, value in costs[workers].items())
                print(f"{name}, {workers} workers: {figures.get('lines_per_s', 0):.0f}/s{shown}", flush=True)
            print(f"{name}: capacity {2 * costs[1]['application'] / costs[2]['application']:.2f}", flush=True)


if __name__ == "__main__":
    main()
