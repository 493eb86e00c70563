"""Server processes of their own, and servers that take payments at a local Wompi."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from beneficiate.app import Server
from beneficiate.clients.mail import FolderMailClient
from beneficiate.sandbox.server import Sandbox
from beneficiate.settings import Settings
from tests import factories
from tests.factories import member
from tests.flows.payment_steps import OWN_URL, SHOP_KEYS, Shop, create_plan
from tests.server_process import AppProcess


@pytest.fixture
def new_process(io_loop: Any, db: Any, database_url: str, tmp_path: Path) -> Iterator[Callable[..., AppProcess]]:
    """Make server processes on the test's database, not started yet; they are killed when the test is over."""
    made: list[AppProcess] = []

    def make(**environment: Any) -> AppProcess:
        made.append(AppProcess(tmp_path, database_url, **environment))
        return made[-1]

    yield make
    for process in made:
        process.kill()
    io_loop.run_sync(factories.close_all_sockets)


@pytest.fixture
def open_shop(io_loop: Any, settings: Settings, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Start servers with a Wompi of their own: `await open_shop(**settings)`; they stop when the test is over."""
    opened: list[Server] = []

    async def open_one(**changes: Any) -> Shop:
        values = {name: getattr(settings, name) for name in Settings.__slots__}
        given = {**values, "public_url": OWN_URL, "reconcile_s": 3600.0, **changes}
        sandbox = Sandbox("", keys=SHOP_KEYS, retry_s=(0.05, 0.1, 0.2), settle_s=0.02)
        server = Server(Settings(**given), sandbox)
        server.context.mail = FolderMailClient(tmp_path / "outbox")
        await server.start()
        opened.append(server)
        return Shop(server, sandbox, member(), create_plan())

    yield open_one
    io_loop.run_sync(factories.close_all_sockets)
    for server in opened:
        io_loop.run_sync(server.stop)


@pytest.fixture
def shop(io_loop: Any, open_shop: Callable[..., Any]) -> Shop:
    running: Shop = io_loop.run_sync(open_shop)
    return running


@pytest.fixture
def sandbox(io_loop: Any) -> Iterator[Sandbox]:
    """A Wompi without a merchant, for servers that are started by the test."""
    running = Sandbox("", keys=SHOP_KEYS, retry_s=(0.05, 0.1, 0.2), settle_s=0.02)
    io_loop.run_sync(running.start)
    yield running
    io_loop.run_sync(running.stop)


@pytest.fixture
def printed(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], str]]:
    """Everything that was logged or printed since the test began."""
    with capture_logs() as logged:
        yield lambda: "\n".join([repr(logged), caplog.text, *capfd.readouterr()])
