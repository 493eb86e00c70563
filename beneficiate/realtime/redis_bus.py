"""The bus over Redis Pub/Sub, for several processes.

One Redis channel carries all our channels: a process drops what none of its connections joined, which costs one
dictionary look-up and saves a subscription per user. Connections of the same process are served directly, so that
they keep working among themselves while Redis is down.
"""

import asyncio
import contextlib
import uuid
from collections.abc import Awaitable, Callable, Iterable

import msgspec
import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from beneficiate.errors import Unavailable
from beneficiate.logs import log_failure, log_repeated_warning
from beneficiate.realtime.bus import BusListener, BusMessage, deliver_each
from beneficiate.telemetry import LagObserver

REDIS_CHANNEL = "beneficiate"
MAX_PENDING_BATCHES = 10_000
MAX_BATCHES_PER_SEND = 500
MAX_REDIS_CONNECTIONS = 4
"""One subscribes and one publishes; the others replace one that is being closed."""
REDIS_RETRY_S = 0.5
REDIS_TIMEOUT_S = 2.0
SUBSCRIBE_TIMEOUT_S = 5.0
HEARTBEAT_S = 3.0
MAX_SILENCE_S = 10.0
"""Own heartbeats pass the same channel as everything else: without any for so long, the subscription is dead."""
FLUSH_TIMEOUT_S = 1.0
CANCEL_AGAIN_S = 0.2

_encode_batch = msgspec.msgpack.Encoder().encode


class _RemoteBatch(msgspec.Struct, frozen=True, array_like=True):
    origin: str
    messages: list[BusMessage]


class RedisBus:
    """See `Bus`. At most 10,000 batches are kept while Redis is down; then the oldest are dropped.

    Clients notice a dropped message by a gap in `seq` or by the next full state that they receive.
    """

    def __init__(
        self,
        url: str,
        heartbeat_s: float = HEARTBEAT_S,
        max_silence_s: float = MAX_SILENCE_S,
        observe_lag: LagObserver = lambda seconds: None,
    ) -> None:
        self._observe_lag = observe_lag
        self._heartbeat_s = heartbeat_s
        self._max_silence_s = max_silence_s
        self._has_received = asyncio.Event()
        self._received_at = float("-inf")
        self._unreceived_since: float | None = None
        self._on_subscribed: Callable[[], None] = lambda: None
        self._origin = uuid.uuid4().hex
        self._decode = msgspec.msgpack.Decoder(_RemoteBatch).decode
        self._gathered: list[BusMessage] = []
        self._pending: asyncio.Queue[bytes] = asyncio.Queue(MAX_PENDING_BATCHES)
        self._tasks: list[asyncio.Task[None]] = []
        self._listener: BusListener | None = None
        self._client = redis.asyncio.Redis.from_url(
            url,
            socket_timeout=REDIS_TIMEOUT_S,
            socket_connect_timeout=REDIS_TIMEOUT_S,
            max_connections=MAX_REDIS_CONNECTIONS,
            # The loops below try again themselves; tries within tries would take four times as long.
            retry=Retry(NoBackoff(), 0),
        )

    async def start(self, listener: BusListener, on_gap: Callable[[], None]) -> None:
        """Subscribe, and pass messages to `listener` from now on."""
        self._listener = listener
        self._tasks = [
            asyncio.create_task(_keep_running(work))
            for work in (self._listen, self._send_pending, self._send_heartbeats)
        ]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._has_received.wait(), SUBSCRIBE_TIMEOUT_S)
        # From now on there may be connections, and each new subscription comes after a time without one.
        self._on_subscribed = on_gap

    async def stop(self) -> None:
        """Send what is pending, at most 1 s, and close the connections."""
        self._enqueue_gathered()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._pending.join(), FLUSH_TIMEOUT_S)
        await cancel_until_done(self._tasks)
        self._listener = None
        await self._client.aclose()

    def publish(self, messages: list[BusMessage]) -> None:
        """Pass the messages to this process at once, and queue them for the others."""
        if not messages:
            return
        if self._listener is not None:
            deliver_each(self._listener, messages)
        if not self._gathered:
            asyncio.get_running_loop().call_soon(self._enqueue_gathered)
        self._gathered.extend(messages)

    async def ping(self) -> None:
        """Raise Unavailable when nothing that this process published has come back lately."""
        if asyncio.get_running_loop().time() - self._received_at > self._max_silence_s:
            raise Unavailable

    def _enqueue_gathered(self) -> None:
        """Queue what was published in this iteration of the loop as one batch: each costs all processes the same."""
        messages, self._gathered = self._gathered, []
        if messages:
            self._enqueue(messages)

    def _enqueue(self, messages: list[BusMessage]) -> None:
        if self._pending.full():
            self._pending.get_nowait()
            self._pending.task_done()
        self._pending.put_nowait(_encode_batch(_RemoteBatch(self._origin, messages)))

    async def _send_heartbeats(self) -> None:
        while True:
            # What is pending will tell as well.
            if self._pending.empty():
                self._enqueue([])
            await asyncio.sleep(self._heartbeat_s)

    async def _send_pending(self) -> None:
        while True:
            batch = [await self._pending.get()]
            while not self._pending.empty() and len(batch) < MAX_BATCHES_PER_SEND:
                batch.append(self._pending.get_nowait())
            try:
                await self._publish_batch(batch)
            finally:
                for _ in batch:
                    self._pending.task_done()

    async def _publish_batch(self, batch: list[bytes]) -> None:
        while True:
            try:
                async with self._client.pipeline(transaction=False) as pipeline:
                    for text in batch:
                        pipeline.publish(REDIS_CHANNEL, text)
                    await pipeline.execute()
            except (RedisError, OSError) as problem:
                log_repeated_warning("bus_cannot_send", problem=type(problem).__name__)
                await asyncio.sleep(REDIS_RETRY_S)
            else:
                if self._unreceived_since is None:
                    self._unreceived_since = asyncio.get_running_loop().time()
                return

    async def _listen(self) -> None:
        """Listen until the subscription is lost; then it takes another run."""
        try:
            async with self._client.pubsub() as channel:
                await channel.subscribe(REDIS_CHANNEL)
                await self._read_messages(channel)
            log_repeated_warning("bus_silent", after_s=self._max_silence_s)
        except (RedisError, OSError) as problem:
            log_repeated_warning("bus_cannot_listen", problem=type(problem).__name__)
        finally:
            self._received_at = float("-inf")
            self._unreceived_since = None

    async def _read_messages(self, channel: "redis.asyncio.client.PubSub") -> None:
        """Deliver messages until the channel is silent for too long, though this process has published."""
        while not self._is_silent():
            message = await channel.get_message(timeout=self._heartbeat_s)
            if message is None:
                continue
            if message["type"] == "subscribe":
                self._on_subscribed()
                self._enqueue([])
            elif message["type"] == "message":
                self._deliver_remote(message["data"])

    def _is_silent(self) -> bool:
        # Counted from a publication that succeeded: while none does, a new subscription would receive nothing either.
        since = self._unreceived_since
        return since is not None and asyncio.get_running_loop().time() - since > self._max_silence_s - self._heartbeat_s

    def _deliver_remote(self, data: bytes) -> None:
        try:
            batch = self._decode(data)
        except msgspec.DecodeError:
            # An unknown publisher, or a process of another version, must not stop the listener.
            log_repeated_warning("bus_cannot_read")
            return
        if batch.origin == self._origin:
            self._has_received.set()
            self._received_at = asyncio.get_running_loop().time()
            if self._unreceived_since is not None:
                self._observe_lag(self._received_at - self._unreceived_since)
            self._unreceived_since = None
        elif self._listener is not None:
            deliver_each(self._listener, batch.messages)


async def cancel_until_done(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait for them.

    A client of Redis may take a cancellation for the timeout that ends at the same moment, and the loop around it goes
    on: then it is cancelled again.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=CANCEL_AGAIN_S)


async def _keep_running(work: Callable[[], Awaitable[None]]) -> None:
    """Run one of the loops of a bus, and again after it ended, whatever ended it: without it the process is deaf."""
    while True:
        try:
            await work()
        except Exception as problem:  # noqa: BLE001  logged
            log_failure("bus_loop_failed", problem, loop=getattr(work, "__name__", ""))
        await asyncio.sleep(REDIS_RETRY_S)
