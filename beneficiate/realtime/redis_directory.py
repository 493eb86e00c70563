"""In Redis: which channels each process joined, and the scripts that send a message to the processes concerned.

Each process has a set of channels, which expires when the process does not renew it, and an inbox: a channel of Redis
Pub/Sub of its own. Redis 6.2 or newer, for SMISMEMBER. Raises RedisError and OSError as the client does.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import msgspec
import redis.asyncio

from beneficiate.protocol.channels import EVERY_PROCESS

PREFIX = "beneficiate"
PROCESSES = f"{PREFIX}:processes"
LEASE_S = 30
"""A process that does not renew its channels for so long receives nothing until it has registered them again."""
MAX_NAMES_PER_COMMAND = 5_000

# \146 and \221 are the heads of an array of two and of an array with a length of 32 bits (MessagePack): the messages
# are put together as they are. `unpack` passes a thousand names at a time; Lua's limit is 8,000.
_ROUTE = f"""
local origin, has_echo, batch = ARGV[1], ARGV[2], cmsgpack.unpack(ARGV[3])
local names, channels_of_messages = batch[1], batch[2]
local function send(process, encoded)
    local head = '\\146' .. cmsgpack.pack(origin) .. '\\221' .. struct.pack('>I4', #encoded)
    redis.call('PUBLISH', '{PREFIX}:inbox:' .. process, head .. table.concat(encoded))
end
if has_echo == '1' then send(origin, {{}}) end
if #names == 0 then return end
for _, process in ipairs(redis.call('SMEMBERS', '{PROCESSES}')) do
    if process ~= origin then
        local is_joined = {{}}
        for first = 1, #names, 1000 do
            local part = {{unpack(names, first, math.min(first + 999, #names))}}
            for offset, found in ipairs(redis.call('SMISMEMBER', '{PREFIX}:channels:' .. process, unpack(part))) do
                is_joined[first + offset - 1] = found == 1
            end
        end
        local encoded = {{}}
        for number, channels in ipairs(channels_of_messages) do
            for _, index in ipairs(channels) do
                if is_joined[index] then
                    encoded[#encoded + 1] = ARGV[3 + number]
                    break
                end
            end
        end
        if #encoded > 0 then send(process, encoded) end
    end
end
"""
# Who did not renew its lease is forgotten by the others.
_RENEW = f"""
local key = '{PREFIX}:channels:' .. ARGV[1]
if redis.call('EXPIRE', key, ARGV[2]) == 0 then return 0 end
redis.call('SADD', '{PROCESSES}', ARGV[1])
for _, process in ipairs(redis.call('SMEMBERS', '{PROCESSES}')) do
    if redis.call('EXISTS', '{PREFIX}:channels:' .. process) == 0 then
        redis.call('SREM', '{PROCESSES}', process)
    end
end
return redis.call('SCARD', key)
"""

_encode = msgspec.msgpack.Encoder().encode


class RoutedMessage(NamedTuple):
    """A message as it travels, and the channels that decide which processes receive it."""

    channels: tuple[str, ...]
    encoded: bytes


class ChannelDirectory:
    """The channels of one process, and the way to those of the others. `process` is a name that no other one has."""

    def __init__(self, client: "redis.asyncio.Redis", process: str) -> None:
        self._client = client
        self._process = process
        self._key = f"{PREFIX}:channels:{process}"
        self._route = client.register_script(_ROUTE)
        self._renew = client.register_script(_RENEW)
        self.inbox = f"{PREFIX}:inbox:{process}"

    async def register(self, channels: Collection[str]) -> None:
        """Store these channels and no others for this process, in one transaction."""
        async with self._client.pipeline(transaction=True) as pipeline:
            pipeline.delete(self._key)
            for names in _in_parts(channels):
                pipeline.sadd(self._key, *names)
            pipeline.expire(self._key, LEASE_S)
            pipeline.sadd(PROCESSES, self._process)
            # What the script needs: an older Redis is known by it before anything is lost.
            pipeline.smismember(self._key, [EVERY_PROCESS])
            await pipeline.execute()

    async def add(self, channels: Collection[str]) -> None:
        """Add channels to those of this process."""
        async with self._client.pipeline(transaction=False) as pipeline:
            for names in _in_parts(channels):
                pipeline.sadd(self._key, *names)
            # A set that has expired meanwhile would come back without an end.
            pipeline.expire(self._key, LEASE_S)
            await pipeline.execute()

    async def remove(self, channels: Collection[str]) -> None:
        """Remove channels from those of this process."""
        for names in _in_parts(channels):
            await self._client.srem(self._key, *names)

    async def renew(self) -> int:
        """Renew the lease of this process; return how many channels it has, 0 when Redis has lost them."""
        return int(await self._renew(args=[self._process, LEASE_S]))

    async def unregister(self) -> None:
        """Remove this process."""
        async with self._client.pipeline(transaction=True) as pipeline:
            pipeline.delete(self._key)
            pipeline.srem(PROCESSES, self._process)
            await pipeline.execute()

    async def send(self, messages: Sequence[RoutedMessage], *, with_echo: bool) -> None:
        """Send each message to the other processes that joined one of its channels.

        A process gets all of them at once, in their order. `with_echo` also sends this process an empty batch.
        """
        numbers: dict[str, int] = {}
        channels = [[numbers.setdefault(name, len(numbers) + 1) for name in one.channels] for one in messages]
        batch = _encode((list(numbers), channels))
        await self._route(args=[self._process, int(with_echo), batch, *(one.encoded for one in messages)])


def _in_parts(channels: Collection[str]) -> Iterator[list[str]]:
    names = list(channels)
    for first in range(0, len(names), MAX_NAMES_PER_COMMAND):
        yield names[first : first + MAX_NAMES_PER_COMMAND]
