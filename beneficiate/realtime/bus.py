"""The bus carries what was said to every process. The database is the truth, the bus is a hint.

Two twins keep one promise: what is published reaches the listener of every started bus, in the order in which one
process published it, and the listener of the same process at once.
"""

from collections.abc import Callable
from typing import Protocol

import msgspec

from beneficiate.unit_of_work import MessageMark


class BusMessage(msgspec.Struct, frozen=True, array_like=True):
    """Text for topics: `text` is the JSON of a frame; `line` marks a stored line; a `close` code ends the sessions."""

    channels: tuple[str, ...]
    payload: bytes
    mark: MessageMark | None = None
    close_code: int = 0


BusListener = Callable[[BusMessage], None]


class Bus(Protocol):
    """What both twins do."""

    async def start(self, listener: BusListener, on_gap: Callable[[], None]) -> None:
        """Begin to listen. `on_gap` is called when parcels of other processes may have been missed."""

    async def stop(self) -> None:
        """Send what is waiting, then listen no more."""

    def publish(self, messages: list[BusMessage]) -> None:
        """Give parcels to every process. Never waits and never fails its caller."""

    async def ping(self) -> None:
        """Raises Unavailable when other processes cannot be reached."""


class MemoryBus:
    """One process talks to itself. Parcels are immutable text, so that nothing can be shared by mistake."""

    def __init__(self) -> None:
        self._listener: BusListener | None = None

    async def start(self, listener: BusListener, on_gap: Callable[[], None]) -> None:
        self._listener = listener

    async def stop(self) -> None:
        self._listener = None

    def publish(self, messages: list[BusMessage]) -> None:
        if self._listener is not None:
            for message in messages:
                self._listener(message)

    async def ping(self) -> None:
        return
