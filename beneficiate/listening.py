"""The sockets that a process listens on, bound by itself or by the supervisor of several processes."""

import asyncio
import socket
from collections.abc import Callable
from typing import NamedTuple

from tornado.netutil import bind_sockets

from beneficiate.settings import InvalidSettings, Settings
from beneficiate.settings_checks import parse_metrics_address

MAX_PORT = 65_535


class ListeningSockets(NamedTuple):
    """The sockets of the pages, and those of the metrics, if any."""

    pages: list[socket.socket]
    metrics: list[socket.socket]


class WorkerSockets(NamedTuple):
    """What a worker gets from its supervisor. `control` takes the word that the worker serves, and ends with either."""

    listening: ListeningSockets
    control: socket.socket

    def call_at_end(self, callback: Callable[[], None]) -> None:
        """Call `callback` on the running loop when the supervisor is gone."""
        loop = asyncio.get_running_loop()

        def on_end() -> None:
            loop.remove_reader(self.control)
            callback()

        # The supervisor sends nothing: the socket becomes readable with its end.
        loop.add_reader(self.control, on_end)


def bind_listening_sockets(settings: Settings) -> ListeningSockets:
    """Return the sockets of one process. Raises InvalidSettings when an address or a port cannot be had."""
    return ListeningSockets(bind_pages(settings), bind_metrics(settings))


def bind_pages(settings: Settings) -> list[socket.socket]:
    """Return the sockets of the pages. Raises InvalidSettings."""
    return _bind("BENEFICIATE_ADDRESS", settings.address, settings.listen_address, settings.port)


def bind_metrics(settings: Settings, worker: int = 0) -> list[socket.socket]:
    """Return the sockets of the metrics of a worker: its number is added to the port. Raises InvalidSettings."""
    if not settings.metrics_address:
        return []
    host, port = parse_metrics_address(settings.metrics_address)
    port += worker if port else 0
    if port > MAX_PORT:
        raise InvalidSettings(f"Cannot listen on port {port}: BENEFICIATE_METRICS_ADDRESS leaves no ports for workers.")
    return _bind("BENEFICIATE_METRICS_ADDRESS", settings.metrics_address, host, port)


def _bind(variable: str, given: str, host: str | None, port: int) -> list[socket.socket]:
    try:
        return bind_sockets(port, host)
    except (OSError, UnicodeError) as problem:
        address = f" of {variable}={given}" if given else ""
        reason = getattr(problem, "strerror", None) or problem
        raise InvalidSettings(f"Cannot listen on port {port}{address}: {reason}.") from problem
