"""Doubles of what real time needs: a clock that the test moves, and a socket that records what is written."""

import json
from itertools import count

from beneficiate.realtime.bus import BusMessage
from beneficiate.realtime.connection import Connection
from beneficiate.unit_of_work import Actor


class FakeScheduler:
    """A scheduler whose time passes only in `advance`."""

    def __init__(self):
        self.now = 100.0
        self._calls = []
        self._serial = count()

    def time(self):
        return self.now

    def call_later(self, delay_s, callback):
        self._calls.append((self.now + delay_s, next(self._serial), callback))

    def advance(self, seconds):
        end = self.now + seconds
        while due := [call for call in self._calls if call[0] <= end]:
            call = min(due)
            self._calls.remove(call)
            self.now, _, callback = call
            callback()
        self.now = end

    @property
    def is_idle(self):
        return not self._calls


def received_events(connection, transport):
    """Flush a connection and return the events that were written to it since the last call."""
    connection.flush()
    text, transport.written = b"".join(transport.written), []
    events = []
    while text:
        size, start = (text[1], 2) if text[1] < 126 else (int.from_bytes(text[2:4], "big"), 4)
        events.append(json.loads(text[start : start + size]))
        text = text[start + size :]
    return events


class RecordingTransport:
    """Writes everything at once, or keeps it pending while `is_stuck`."""

    def __init__(self):
        self.written = []
        self.is_stuck = False

    def send(self, data):
        self.written.append(data)

    def pending_bytes(self):
        return sum(map(len, self.written)) if self.is_stuck else 0

    async def drain(self):
        return

    def close(self, code, reason):
        self.written.append((code, reason))


def connect(hub, user_id, *channels, on_delivery_pending=lambda connection: None):
    """Return a connection that is flushed by the test, and its transport."""
    transport = RecordingTransport()
    actor = Actor(user_id, "member")
    connection = Connection(
        actor, transport, (f"user:{user_id}", *channels), 10_000, lambda one: None, on_delivery_pending
    )
    connection.connection_id = user_id
    hub.add_connection(connection)
    return connection, transport


def make_bus_message(number=1):
    return BusMessage(("user:31", "agent:7"), f'{{"event":"typing","chat_id":{number}}}'.encode())
