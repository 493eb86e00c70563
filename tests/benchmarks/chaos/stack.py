"""The service, its database, its bus and a local Wompi, with proxies in between."""

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from beneficiate.app import WEBHOOK_PATH
from beneficiate.migrations import run_migrations
from beneficiate.models.base import database, open_database
from beneficiate.sandbox.behaviour import Behaviour
from beneficiate.sandbox.server import Sandbox
from tests import servers
from tests.benchmarks.chaos.plan import ChaosPlan
from tests.flaky_proxy import FlakyProxy
from tests.flows.payment_steps import SHOP_KEYS
from tests.server_process import AppProcess, is_running
from tests.silent_proxy import SilentProxy
from tests.ws_client import wait_until

CUT_AFTER_BYTES = (20_000, 200_000)
"""The initial state of an agent beside 200 people online is 20 kB."""
RECONCILE_S = 5
START_S = 120


@dataclass(frozen=True, slots=True)
class ChaosStack:
    """All that can be disturbed. Clients connect to `clients`, the service to the two proxies."""

    postgresql: servers.PostgresqlServer
    redis: servers.RedisServer
    to_postgresql: SilentProxy
    to_redis: SilentProxy
    sandbox: Sandbox
    service: AppProcess
    clients: FlakyProxy


@asynccontextmanager
async def open_stack(plan: ChaosPlan, folder: Path) -> AsyncIterator[ChaosStack]:
    """Start everything; stop everything at the end, also of a run that failed."""
    async with AsyncExitStack() as stack:
        postgresql = stack.enter_context(servers.restartable_postgresql_server())
        # Where other programs use the disk too, to sync all files before recovery takes 10 s.
        postgresql.stop_syncing()
        redis = stack.enter_context(servers.restartable_redis_server())
        database.initialize(open_database(postgresql.url))
        stack.callback(database.obj.close_all)
        run_migrations(database)
        to_postgresql = await SilentProxy(postgresql.url).start()
        stack.push_async_callback(to_postgresql.stop)
        to_redis = await SilentProxy(redis.url).start()
        stack.push_async_callback(to_redis.stop)
        sandbox = Sandbox("", keys=SHOP_KEYS, retry_s=(0.5, 2.0, 10.0, 30.0), settle_s=0.1)
        sandbox.behaviour = Behaviour(repeat_events=2)
        await sandbox.start()
        stack.push_async_callback(sandbox.stop)
        service = AppProcess(
            folder,
            to_postgresql.url,
            REDIS_URL=to_redis.url,
            WOMPI_BASE_URL=sandbox.api_url,
            WOMPI_CHECKOUT_URL=sandbox.url,
            WOMPI_PUBLIC_KEY=SHOP_KEYS.public_key,
            WOMPI_PRIVATE_KEY=SHOP_KEYS.private_key,
            WOMPI_EVENTS_SECRET=SHOP_KEYS.events_secret,
            WOMPI_INTEGRITY_SECRET=SHOP_KEYS.integrity_secret,
            BENEFICIATE_RECONCILE_S=RECONCILE_S,
            **plan.environment,
        )
        stack.callback(service.kill)
        await service.start(workers=plan.workers)
        await wait_until(lambda: "workers_ready" in service.output, START_S)
        sandbox.events_url = f"http://127.0.0.1:{service.port}{WEBHOOK_PATH}"
        clients = FlakyProxy(service.port, *CUT_AFTER_BYTES, plan.seed)
        await clients.start()
        stack.push_async_callback(clients.stop)
        yield ChaosStack(postgresql, redis, to_postgresql, to_redis, sandbox, service, clients)


async def stop_service(service: AppProcess) -> list[str]:
    """Stop the service as its manager would; return what was wrong with how it ended."""
    workers = service.worker_pids
    service.send_signal(signal.SIGTERM)
    try:
        code = await service.exit_code(20)
    except subprocess.TimeoutExpired:
        return ["the service did not stop within 20 s"]
    found = [] if code == 0 else [f"the service ended with exit code {code}"]
    await asyncio.sleep(0)
    left = [pid for pid in workers if is_running(pid)]
    return [*found, *([f"processes {left} are left"] if left else [])]
