"""What a process measures of itself, for Prometheus: one registry for each process.

The figures of the call centre are something else: `domain/metrics` counts them over facts, the same for all processes.
"""

from collections import Counter as Counts
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from math import nan
from time import perf_counter

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    gc_collector,
    generate_latest,
    platform_collector,
    process_collector,
)

from beneficiate.errors import Internal, Problem

CONTENT_TYPE = CONTENT_TYPE_LATEST
# Otherwise each counter and histogram has a second series, which says when it began.
disable_created_metrics()  # type: ignore[no-untyped-call]
UNIT_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
LAG_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)
BATCH_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
OK, PROBLEM = "ok", "problem"
"""How a unit of work ended: as asked, or refused with a Problem, whosever fault."""


class Telemetry:
    """The measures of one process. Any thread may add to them; each is safe by itself."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        process_collector.ProcessCollector(registry=registry)
        platform_collector.PlatformCollector(registry=registry)
        gc_collector.GCCollector(registry=registry)
        self._connections = Gauge(
            "beneficiate_connections", "Open WebSockets of this process.", ["role"], registry=registry
        )
        self._connection_closes = Counter(
            "beneficiate_connection_closes",
            "WebSockets that we closed; 1013 is a full outbox.",
            ["code"],
            registry=registry,
        )
        self._messages = Counter(
            "beneficiate_messages", "Messages stored by this process.", ["sender"], registry=registry
        )
        self._batch_size = Histogram(
            "beneficiate_batch_size",
            "Commands written in one transaction.",
            ["action"],
            registry=registry,
            buckets=BATCH_BUCKETS,
        )
        self._units = Histogram(
            "beneficiate_unit_seconds",
            "How long actions and queries took on their thread.",
            ["name", "outcome"],
            registry=registry,
            buckets=UNIT_BUCKETS_S,
        )
        self._queued_commands = Gauge(
            "beneficiate_queued_commands", "Actions and queries that wait for a result.", registry=registry
        )
        self._requests = Histogram(
            "beneficiate_http_request_seconds",
            "How long HTTP requests took, without WebSockets.",
            ["handler", "method", "status"],
            registry=registry,
            buckets=UNIT_BUCKETS_S,
        )
        self._webhook_events = Counter(
            "beneficiate_webhook_events", "Events of Wompi that were processed.", ["outcome"], registry=registry
        )
        self.loop_lag = Histogram(
            "beneficiate_loop_lag_seconds",
            "By how much the event loop was late.",
            registry=registry,
            buckets=LAG_BUCKETS_S,
        )
        self.bus_lag = Histogram(
            "beneficiate_bus_lag_seconds",
            "From the queueing of a heartbeat to its return over Redis, each second.",
            registry=registry,
            buckets=LAG_BUCKETS_S,
        )
        self._waiting_chats = Gauge(
            "beneficiate_waiting_chats", "Chats that wait in the queue, of all processes.", registry=registry
        )
        self._longest_wait = Gauge(
            "beneficiate_longest_wait_seconds", "The longest wait of them, of all processes.", registry=registry
        )

    @contextmanager
    def measure_unit(self, name: str) -> Iterator[None]:
        """Measure a unit of work on its thread."""
        started = perf_counter()
        outcome = PROBLEM
        try:
            yield
            outcome = OK
        finally:
            self._units.labels(name, outcome).observe(perf_counter() - started)

    def count_batch(self, action: str, size: int) -> None:
        """Count a batch of commands that are written together."""
        self._batch_size.labels(action).observe(size)

    def count_message(self, sender: str) -> None:
        """Count a message that was stored; `sender` is the type of its author."""
        self._messages.labels(sender.lower()).inc()

    def count_connection_close(self, code: int) -> None:
        """Count a WebSocket that we closed with this code."""
        self._connection_closes.labels(str(code)).inc()

    async def count_webhook_event(self, processing: Awaitable[str]) -> str:
        """Return the outcome of an event of Wompi; count it, or the code of the Problem that it raises."""
        outcome = Internal.code
        try:
            outcome = await processing
        except Problem as problem:
            outcome = problem.code
            raise
        finally:
            self._webhook_events.labels(outcome.lower()).inc()
        return outcome

    def record_request(self, handler: str, method: str, status: int, seconds: float) -> None:
        """Record an HTTP request by the class of its handler."""
        self._requests.labels(handler, method, str(status)).observe(seconds)

    def set_load(self, connections_by_role: Counts[str], queued_commands: int) -> None:
        """Set what this process has open at this moment."""
        self._connections.clear()
        for role, count in connections_by_role.items():
            self._connections.labels(role).set(count)
        self._queued_commands.set(queued_commands)

    def set_queue(self, waiting: float | None, longest_wait_s: float | None) -> None:
        """Set the queue of all processes; None when the database does not say."""
        self._waiting_chats.set(nan if waiting is None else waiting)
        self._longest_wait.set(nan if longest_wait_s is None else longest_wait_s)

    def render(self) -> bytes:
        """Return all measures in the text format of Prometheus."""
        return generate_latest(self.registry)


LagObserver = Callable[[float], None]
"""Takes a lag in seconds."""
