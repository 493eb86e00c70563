"""The bus over Redis Pub/Sub, for several processes: each receives only what one of its connections listens to.

Which channels a process joined is stored in Redis (`redis_directory.py`), where a script sends each message to the
inboxes of the processes concerned. Connections of the same process are served directly, so that they keep working among
themselves while Redis is down.
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
from beneficiate.protocol.channels import bus_channel
from beneficiate.realtime.bus import BusListener, BusMessage, deliver_each
from beneficiate.realtime.joined_channels import JoinedChannels
from beneficiate.realtime.redis_directory import ChannelDirectory, RoutedMessage
from beneficiate.telemetry import LagObserver

MAX_PENDING_BATCHES = 10_000
MAX_BATCHES_PER_SEND = 500
MAX_REDIS_CONNECTIONS = 4
"""One subscribes, one publishes and one registers channels; another one replaces one that is being closed."""
REDIS_RETRY_S = 0.5
REDIS_TIMEOUT_S = 2.0
SUBSCRIBE_TIMEOUT_S = 5.0
HEARTBEAT_S = 1.0
MAX_SILENCE_S = 3.0
"""Own heartbeats pass the same inbox as everything else: without any for so long, the subscription is dead."""
DRAIN_S = 0.05
"""A process that was stopped for long reads what has arrived meanwhile before it judges."""
FLUSH_TIMEOUT_S = 1.0
UNREGISTER_TIMEOUT_S = 0.2
CANCEL_AGAIN_S = 0.2

_encode_message = msgspec.msgpack.Encoder().encode


class _RemoteBatch(msgspec.Struct, frozen=True, array_like=True):
    origin: str
    messages: list[BusMessage]


_Batch = list[RoutedMessage]
"""What was published in one iteration of the loop. An empty one is a heartbeat."""


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
        self._beat_queued_at: float | None = None
        self._beat_sent_at: float | None = None
        self._on_subscribed: Callable[[], None] = lambda: None
        self._origin = uuid.uuid4().hex
        self._decode = msgspec.msgpack.Decoder(_RemoteBatch).decode
        self._gathered: list[BusMessage] = []
        self._pending: asyncio.Queue[_Batch] = asyncio.Queue(MAX_PENDING_BATCHES)
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
        self._directory = ChannelDirectory(self._client, self._origin)
        self._channels = JoinedChannels(self._directory, heartbeat_s)

    @property
    def inbox(self) -> str:
        """Return the channel of Redis that this process subscribes to."""
        return self._directory.inbox

    async def start(self, listener: BusListener, on_gap: Callable[[], None]) -> None:
        """Subscribe, and pass messages to `listener` from now on."""
        self._listener = listener
        self._tasks = [
            asyncio.create_task(_keep_running(work))
            for work in (self._listen, self._send_pending, self._send_heartbeats, self._channels.keep_registered)
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
        # If this fails, the lease of its channels ends.
        with contextlib.suppress(RedisError, OSError, TimeoutError):
            await asyncio.wait_for(self._directory.unregister(), UNREGISTER_TIMEOUT_S)
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
        """Raise Unavailable when no heartbeat of this process has come back lately."""
        if asyncio.get_running_loop().time() - self._received_at > self._max_silence_s:
            raise Unavailable

    def join(self, channel: str) -> None:
        """Receive what other processes publish to a channel, from when `wait_joined` returns at the latest."""
        self._channels.join(bus_channel(channel))

    def leave(self, channel: str) -> None:
        """Receive no more of what other processes publish to a channel, after a second or so."""
        self._channels.leave(bus_channel(channel))

    @property
    def is_joining(self) -> bool:
        """Return whether `wait_joined` would wait."""
        return self._channels.is_registering

    async def wait_joined(self) -> None:
        """Wait until the channels that were joined so far are received; return at once while nothing is."""
        await self._channels.wait_registered()

    def _enqueue_gathered(self) -> None:
        """Queue what was published in this iteration of the loop as one batch: each costs all processes the same."""
        messages, self._gathered = self._gathered, []
        if messages:
            self._enqueue([_route(message) for message in messages])

    def _enqueue(self, batch: _Batch) -> None:
        if self._pending.full():
            dropped = self._pending.get_nowait()
            self._pending.task_done()
            if not dropped:
                self._beat_queued_at = None
        self._pending.put_nowait(batch)

    def _enqueue_heartbeat(self) -> None:
        """Queue a heartbeat, unless one is on its way."""
        if self._beat_queued_at is None:
            self._beat_queued_at = asyncio.get_running_loop().time()
            self._enqueue([])

    async def _send_heartbeats(self) -> None:
        while True:
            self._enqueue_heartbeat()
            await asyncio.sleep(self._heartbeat_s)

    async def _send_pending(self) -> None:
        while True:
            batches = [await self._pending.get()]
            while not self._pending.empty() and len(batches) < MAX_BATCHES_PER_SEND:
                batches.append(self._pending.get_nowait())
            try:
                await self._publish_batches(batches)
            except Exception:
                # A heartbeat among them will not come back.
                self._beat_queued_at = None
                raise
            finally:
                for _ in batches:
                    self._pending.task_done()

    async def _publish_batches(self, batches: list[_Batch]) -> None:
        messages, has_heartbeat = [message for batch in batches for message in batch], not all(batches)
        while True:
            try:
                await self._directory.send(messages, with_echo=has_heartbeat)
            except (RedisError, OSError) as problem:
                log_repeated_warning("bus_cannot_send", problem=type(problem).__name__)
                await asyncio.sleep(REDIS_RETRY_S)
            else:
                # Unless it is back already.
                if has_heartbeat and self._beat_queued_at is not None:
                    self._beat_sent_at = asyncio.get_running_loop().time()
                return

    async def _listen(self) -> None:
        """Listen until the subscription is lost; then it takes another run."""
        try:
            async with self._client.pubsub() as inbox:
                await inbox.subscribe(self.inbox)
                await self._read_messages(inbox)
        except (RedisError, OSError) as problem:
            log_repeated_warning("bus_cannot_listen", problem=type(problem).__name__)
        finally:
            self._channels.stop_registering()
            self._received_at = float("-inf")
            self._forget_lost_heartbeat()

    async def _read_messages(self, inbox: "redis.asyncio.client.PubSub") -> None:
        """Deliver messages until no heartbeat comes back for too long, or Redis has lost what this process joined."""
        while True:
            was_silent = self._is_silent()
            message = await inbox.get_message(timeout=DRAIN_S if was_silent else self._heartbeat_s)
            if message is None:
                if was_silent:
                    log_repeated_warning("bus_silent", after_s=self._max_silence_s)
                    return
            elif message["type"] == "subscribe":
                await self._channels.register_all()
                self._on_subscribed()
                self._forget_lost_heartbeat()
                self._enqueue_heartbeat()
            elif message["type"] == "message":
                self._deliver_remote(message["data"])
            if self._channels.is_lost:
                log_repeated_warning("bus_channels_lost")
                return

    def _is_silent(self) -> bool:
        # Counted from a publication that succeeded: while none does, a new subscription would receive nothing either.
        sent_at = self._beat_sent_at
        return sent_at is not None and asyncio.get_running_loop().time() - sent_at > (
            self._max_silence_s - self._heartbeat_s
        )

    def _forget_lost_heartbeat(self) -> None:
        """Let there be another heartbeat, when the last one was sent while nobody listened."""
        if self._beat_sent_at is not None:
            self._beat_queued_at = self._beat_sent_at = None

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
            if self._beat_queued_at is not None:
                self._observe_lag(self._received_at - self._beat_queued_at)
            self._beat_queued_at = self._beat_sent_at = None
        elif self._listener is not None:
            deliver_each(self._listener, batch.messages)


def _route(message: BusMessage) -> RoutedMessage:
    return RoutedMessage(tuple(map(bus_channel, message.channels)), _encode_message(message))


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
