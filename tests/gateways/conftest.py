"""Clients of Wompi: over the local one, and over one that answers strangely."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from beneficiate.gateways.wompi import Wompi
from beneficiate.sandbox.server import Sandbox
from beneficiate.settings import Settings
from tests.flows.payments import KEYS, settings_over
from tests.people import SECRET


@pytest.fixture
def sandbox(io_loop: Any) -> Iterator[Sandbox]:
    running = Sandbox("", keys=KEYS, retry_s=(), settle_s=0.02)
    running.behaviour.lose_events = True
    io_loop.run_sync(running.start)
    yield running
    io_loop.run_sync(running.stop)


@pytest.fixture
def client(io_loop: Any) -> Iterator[Callable[..., Wompi]]:
    """Clients of a Wompi: `client(sandbox, **settings)`."""
    made: list[Wompi] = []

    def make(wompi: Any, **changes: Any) -> Wompi:
        made.append(Wompi(Settings(secret=SECRET, **settings_over(wompi, **changes))))
        return made[-1]

    yield make
    for one in made:
        one.close()
