"""The bus carries published events to every process. The database is the truth, the bus is a hint.

Both implementations keep one promise: what is published reaches the listener of every started bus that joined one of
its channels, in the order in which one process published it, and the listener of the same process at once.
"""

from collections.abc import Callable
from typing import Protocol

import msgspec

from beneficiate.logs import log_failure
from beneficiate.unit_of_work import MessageMark


class BusMessage(msgspec.Struct, frozen=True, array_like=True):
    """An encoded event for some channels.

    `payload` is the JSON text of the event. `mark` identifies a stored message that the event carries. A `close_code`
    closes the connections of the channels instead, with `payload` as the reason.
    """

    channels: tuple[str, ...]
    payload: bytes
    mark: MessageMark | None = None
    close_code: int = 0


BusListener = Callable[[BusMessage], None]


def deliver_each(listener: BusListener, messages: list[BusMessage]) -> None:
    """Pass messages to the listener; one that it cannot handle, perhaps of a newer version, holds up no other."""
    for message in messages:
        try:
            listener(message)
        except Exception as problem:  # noqa: BLE001  logged, without the content
            log_failure("bus_message_failed", problem)


class Bus(Protocol):
    """What both implementations do."""

    async def start(self, listener: BusListener, on_gap: Callable[[], None]) -> None:
        """Begin to listen. `on_gap` is called when messages of other processes may have been missed."""

    async def stop(self) -> None:
        """Send what is pending, then stop listening."""

    def publish(self, messages: list[BusMessage]) -> None:
        """Send messages to this process and to those that joined their channels. Never waits and never raises."""

    async def ping(self) -> None:
        """Raise Unavailable when messages of other processes would not arrive. Waits for nothing."""

    def join(self, channel: str) -> None:
        """Receive what other processes publish to a channel, from when `wait_joined` returns at the latest."""

    def leave(self, channel: str) -> None:
        """Receive no more of what other processes publish to a channel, after a second or so."""

    @property
    def is_joining(self) -> bool:
        """Return whether `wait_joined` would wait."""

    async def wait_joined(self) -> None:
        """Wait until the channels that were joined so far are received.

        Returns at once while nothing of other processes arrives: `on_gap` will be called.
        """


class MemoryBus:
    """The bus of a single process. Messages are immutable, so that no state can be shared by mistake."""

    def __init__(self) -> None:
        self._listener: BusListener | None = None

    async def start(self, listener: BusListener, on_gap: Callable[[], None]) -> None:
        """Pass messages to `listener` from now on. There are no gaps."""
        self._listener = listener

    async def stop(self) -> None:
        """Pass on no further message."""
        self._listener = None

    def publish(self, messages: list[BusMessage]) -> None:
        """Pass the messages to the listener of this process at once."""
        if self._listener is not None:
            deliver_each(self._listener, messages)

    async def ping(self) -> None:
        """Return at once: a bus in memory is always ready."""
        return

    def join(self, channel: str) -> None:
        """Do nothing: there are no other processes."""

    def leave(self, channel: str) -> None:
        """Do nothing: there are no other processes."""

    @property
    def is_joining(self) -> bool:
        """Return False: there is nothing to wait for."""
        return False

    async def wait_joined(self) -> None:
        """Return at once."""
        return
