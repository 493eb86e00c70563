"""Started buses, a hub without connections, a scheduler whose time is moved by hand."""

import pytest

from beneficiate.realtime.bus import BusMessage
from beneficiate.realtime.hub import Hub
from tests.realtime.fakes import FakeScheduler
from tests.ws_client import wait_until

UNREADABLE = BusMessage(("presence",), b'{"secret": "a field of a newer version"}')
CHANNELS = ("user:31", "agent:7", "presence")
"""What every bus of these tests joins."""


@pytest.fixture
def hub():
    return Hub()


@pytest.fixture
def scheduler():
    return FakeScheduler()


class BusClient:
    """A started bus and what its listener received; it raises for a message that it cannot read."""

    def __init__(self, bus):
        self.bus = bus
        self.received = []
        self.gaps = 0
        self.is_gap_failing = False

    async def start(self):
        await self.bus.start(self._on_message, self._on_gap)
        await self.join(*CHANNELS)
        return self

    async def join(self, *channels):
        for channel in channels:
            self.bus.join(channel)
        await self.bus.wait_joined()

    def _on_message(self, message):
        if message == UNREADABLE:
            raise ValueError(message.payload)
        self.received.append(message)

    def _on_gap(self):
        self.gaps += 1
        if self.is_gap_failing:
            raise ValueError

    async def receive(self, count, timeout_s=10):
        await wait_until(lambda: len(self.received) >= count, timeout_s)
        return self.received


@pytest.fixture
def listen(io_loop):
    """Start a bus with a subscriber; it stops when the test is over."""
    bus_clients = []

    async def listen_to(bus):
        bus_clients.append(BusClient(bus))
        return await bus_clients[-1].start()

    yield listen_to
    for bus_client in bus_clients:
        io_loop.run_sync(bus_client.bus.stop)
