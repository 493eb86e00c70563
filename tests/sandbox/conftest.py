"""A gateway of its own and a merchant for every test."""

from collections.abc import Iterator
from typing import Any

import pytest

from beneficiate.sandbox.server import Sandbox
from tests.sandbox.merchant import FakeMerchant


@pytest.fixture
def sandbox(io_loop: Any) -> Iterator[Sandbox]:
    running = Sandbox("", retry_s=(0.05, 0.05, 0.05), settle_s=0.02)
    io_loop.run_sync(running.start)
    yield running
    io_loop.run_sync(running.stop)


@pytest.fixture
def merchant(io_loop: Any, sandbox: Sandbox) -> Iterator[FakeMerchant]:
    one = FakeMerchant(sandbox)
    io_loop.run_sync(one.listen)
    yield one
    io_loop.run_sync(one.stop)
