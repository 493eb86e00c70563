"""Started buses."""

import pytest

from tests.ws_client import wait_until


class BusClient:
    """A started bus and what its listener received."""

    def __init__(self, bus):
        self.bus = bus
        self.received = []
        self.gaps = 0

    async def start(self):
        await self.bus.start(self.received.append, self._on_gap)
        return self

    def _on_gap(self):
        self.gaps += 1

    async def receive(self, count, timeout_s=10):
        await wait_until(lambda: len(self.received) >= count, timeout_s)
        return self.received


@pytest.fixture
def listen(io_loop):
    """Start a bus with an ear to it; it stops when the test is over."""
    bus_clients = []

    async def listen_to(bus):
        bus_clients.append(BusClient(bus))
        return await bus_clients[-1].start()

    yield listen_to
    for bus_client in bus_clients:
        io_loop.run_sync(bus_client.bus.stop)
