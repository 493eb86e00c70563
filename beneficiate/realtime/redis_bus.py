"""The bus over Redis Pub/Sub, for several processes.

One Redis channel carries all our channels: a process drops what none of its connections joined, which costs one
dictionary look-up and saves a subscription per user. Connections of the same process are served directly, so that
they keep working among themselves while Redis is down.
"""

import asyncio
import contextlib
import uuid
from collections.abc import Callable

import msgspec
import redis.asyncio
import structlog
from redis.exceptions import RedisError

from beneficiate.errors import Unavailable
from beneficiate.realtime.bus import BusListener, BusMessage

log = structlog.get_logger(__name__)

REDIS_CHANNEL = "beneficiate"
MAX_PENDING_BATCHES = 10_000
REDIS_RETRY_S = 0.5
SUBSCRIBE_TIMEOUT_S = 5.0

_encode_batch = msgspec.msgpack.Encoder().encode


class _RemoteBatch(msgspec.Struct, frozen=True, array_like=True):
    origin: str
    messages: list[BusMessage]


class RedisBus:
    """See `Bus`. At most 10,000 batches are kept while Redis is down; then the oldest are dropped.

    Clients notice a dropped message by a gap in `seq` or by the next full state that they receive.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._origin = uuid.uuid4().hex
        self._decode = msgspec.msgpack.Decoder(_RemoteBatch).decode
        self._gathered: list[BusMessage] = []
        self._pending: asyncio.Queue[bytes] = asyncio.Queue(MAX_PENDING_BATCHES)
        self._tasks: list[asyncio.Task[None]] = []
        self._listener: BusListener | None = None
        self._client = redis.asyncio.Redis.from_url(
            url, socket_timeout=5, socket_connect_timeout=5, health_check_interval=10
        )

    async def start(self, listener: BusListener, on_gap: Callable[[], None]) -> None:
        """Subscribe, and pass messages to `listener` from now on."""
        self._listener = listener
        ready = asyncio.Event()
        self._tasks = [asyncio.create_task(self._listen(ready.set)), asyncio.create_task(self._send_pending())]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ready.wait(), SUBSCRIBE_TIMEOUT_S)
        # From now on there may be connections, and each new subscription comes after a time without one.
        self._on_subscribed = on_gap

    async def stop(self) -> None:
        """Send what is pending, at most 2 s, and close the connections."""
        self._enqueue_gathered()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._pending.join(), 2)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._listener = None
        await self._client.aclose()

    def publish(self, messages: list[BusMessage]) -> None:
        """Pass the messages to this process at once, and queue them for the others."""
        if self._listener is not None:
            for message in messages:
                self._listener(message)
        if not messages:
            return
        if not self._gathered:
            asyncio.get_running_loop().call_soon(self._enqueue_gathered)
        self._gathered.extend(messages)

    def _enqueue_gathered(self) -> None:
        """Queue what was published in this iteration of the loop as one batch: each costs all processes the same."""
        messages, self._gathered = self._gathered, []
        if not messages:
            return
        if self._pending.full():
            self._pending.get_nowait()
            self._pending.task_done()
        self._pending.put_nowait(_encode_batch(_RemoteBatch(self._origin, messages)))

    async def ping(self) -> None:
        """Return once Redis has answered. Raises Unavailable."""
        try:
            await self._client.ping()
        except (RedisError, OSError) as problem:
            raise Unavailable from problem

    async def _send_pending(self) -> None:
        while True:
            batch = [await self._pending.get()]
            while not self._pending.empty():
                batch.append(self._pending.get_nowait())
            await self._publish_batch(batch)
            for _ in batch:
                self._pending.task_done()

    async def _publish_batch(self, batch: list[bytes]) -> None:
        while True:
            try:
                async with self._client.pipeline(transaction=False) as pipeline:
                    for text in batch:
                        pipeline.publish(REDIS_CHANNEL, text)
                    await pipeline.execute()
            except (RedisError, OSError):
                log.warning("bus_cannot_send", waiting=len(batch))
                await asyncio.sleep(REDIS_RETRY_S)
            else:
                return

    async def _listen(self, ready: Callable[[], None]) -> None:
        self._on_subscribed = ready
        while True:
            try:
                async with self._client.pubsub() as channel:
                    await channel.subscribe(REDIS_CHANNEL)
                    await self._read_messages(channel)
            except (RedisError, OSError) as problem:
                log.warning("bus_cannot_listen", problem=type(problem).__name__)
                await asyncio.sleep(REDIS_RETRY_S)

    async def _read_messages(self, channel: "redis.asyncio.client.PubSub") -> None:
        while True:
            message = await channel.get_message(timeout=10)
            if message is None:
                continue
            if message["type"] == "subscribe":
                self._on_subscribed()
            elif message["type"] == "message":
                self._deliver_remote(message["data"])

    def _deliver_remote(self, data: bytes) -> None:
        try:
            batch = self._decode(data)
        except msgspec.DecodeError:
            # An unknown publisher, or a process of another version, must not stop the listener.
            log.warning("bus_cannot_read")
            return
        if batch.origin != self._origin and self._listener is not None:
            for message in batch.messages:
                self._listener(message)
