"""What a process joined, and how Redis is told: of what is new at once, of what nobody needs any more in a second."""

import asyncio
import contextlib

from redis.exceptions import RedisError

from beneficiate.logs import log_repeated_warning
from beneficiate.protocol.channels import EVERY_PROCESS
from beneficiate.realtime.redis_directory import ChannelDirectory


class JoinedChannels:
    """The channels of a process. Between `register_all` and `stop_registering` Redis has them.

    When it cannot be told of one, or has lost some, `is_lost` is set: then all of them have to be registered again,
    and messages were missed.
    """

    def __init__(self, directory: ChannelDirectory, renew_s: float) -> None:
        self._directory = directory
        self._renew_s = renew_s
        self._joined = {EVERY_PROCESS}
        self._new: set[str] = set()
        self._left: set[str] = set()
        self._registered_count = 0
        self._is_registering = False
        self._is_adding = False
        self.is_lost = False
        self._waiting: list[asyncio.Future[None]] = []
        self._changed = asyncio.Event()
        # One change at a time: the number of channels that Redis has is known.
        self._turn = asyncio.Lock()

    def join(self, channel: str) -> None:
        """Add a channel; Redis is told in the next iteration of the loop."""
        if channel in self._joined:
            return
        self._joined.add(channel)
        if channel in self._left:
            self._left.discard(channel)
        else:
            self._new.add(channel)
            self._changed.set()

    def leave(self, channel: str) -> None:
        """Remove a channel; Redis is told within a second."""
        if channel == EVERY_PROCESS or channel not in self._joined:
            return
        self._joined.discard(channel)
        if channel in self._new:
            self._new.discard(channel)
        else:
            self._left.add(channel)

    @property
    def is_registering(self) -> bool:
        """Return whether `wait_registered` would wait."""
        return self._is_registering and (bool(self._new) or self._is_adding)

    async def wait_registered(self) -> None:
        """Wait until Redis has all that was joined so far. Returns at once while nothing is registered."""
        if not self.is_registering:
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        self._changed.set()
        await waiter

    async def register_all(self) -> None:
        """Register all channels afresh. Raises RedisError, OSError."""
        async with self._turn:
            channels = set(self._joined)
            self._new.clear()
            self._left.clear()
            self.is_lost = False
            await self._directory.register(channels)
            self._registered_count = len(channels)
            self._is_registering = True
            self._changed.set()

    def stop_registering(self) -> None:
        """Let nobody wait: what is joined from now on comes with the next `register_all`."""
        self._is_registering = False
        self._release(self._waiting)
        self._waiting = []

    async def keep_registered(self) -> None:
        """Tell Redis of changes, and renew the lease every second."""
        loop = asyncio.get_running_loop()
        renew_at = loop.time()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(renew_at):
                    await self._changed.wait()
            self._changed.clear()
            async with self._turn:
                if not self._is_registering or self.is_lost:
                    renew_at = loop.time() + self._renew_s
                    continue
                try:
                    await self._add_new()
                    if loop.time() >= renew_at:
                        renew_at = loop.time() + self._renew_s
                        await self._renew()
                except (RedisError, OSError) as problem:
                    log_repeated_warning("bus_cannot_register", problem=type(problem).__name__)
                    self._lose()
                except Exception:
                    self._lose()
                    raise

    async def _add_new(self) -> None:
        new, self._new = self._new, set()
        waiting, self._waiting = self._waiting, []
        self._is_adding = True
        try:
            if new:
                await self._directory.add(new)
                self._registered_count += len(new)
        finally:
            self._is_adding = False
            # When it failed, all connections are closed after the next registration.
            self._release(waiting)

    async def _renew(self) -> None:
        left, self._left = self._left, set()
        if left:
            await self._directory.remove(left)
            self._registered_count -= len(left)
        if await self._directory.renew() != self._registered_count:
            self._lose()

    def _lose(self) -> None:
        self.is_lost = True
        self.stop_registering()

    def _release(self, waiting: list[asyncio.Future[None]]) -> None:
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)
