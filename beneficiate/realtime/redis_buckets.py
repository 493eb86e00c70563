"""Token buckets in Redis, for limits over all processes: one script for all uses of an iteration of the loop.

A bucket is one number, the instant at which it will be full again (GCRA, the cell rate algorithm of ATM), by the clock
of Redis, and expires then. https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
"""

import asyncio
from collections.abc import Callable
from functools import partial

import msgspec
import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from beneficiate.errors import Unavailable
from beneficiate.limits import MAX_REFUSALS, REFUSALS_KEPT_S
from beneficiate.logs import log_failure, log_repeated_warning
from beneficiate.rate_limiters import BucketLevel, BucketUse, OnSettled, RefusedBucket
from beneficiate.realtime.redis_directory import PREFIX

BUCKET_TIMEOUT_S = 0.5
"""Somebody waits for the answer, and the limiter of the process is as good for a moment."""
PAUSE_S = 2.0
"""For so long after a failure nobody waits for Redis."""
SETTLE_INTERVAL_S = 0.1
MAX_USES_PER_CALL = 500
MICROSECONDS = 1_000_000
LIMIT_PREFIX = f"{PREFIX}:limit:"
REFUSALS_KEY = f"{PREFIX}:refusals"

# A debt is at most as large as the burst: who was counted by many processes at once waits no longer than that.
_USE = f"""
local now_parts = redis.call('TIME')
local now = now_parts[1] * {MICROSECONDS} + now_parts[2]
local answers = {{}}
local has_refused = false
for _, use in ipairs(cmsgpack.unpack(ARGV[1])) do
    local name, interval, room, amount, is_settled, is_refused = unpack(use)
    local key = '{LIMIT_PREFIX}' .. name
    local used = math.max(0, tonumber(redis.call('GET', key) or '0') - now)
    local wanted = used + amount * interval
    local is_granted = is_settled or wanted <= room
    if is_granted and amount > 0 then
        used = math.min(wanted, 2 * room)
        redis.call('SET', key, string.format('%.0f', now + used), 'PX', math.ceil(used / 1000))
    end
    if not is_granted or (is_refused and used + interval > room) then
        redis.call('ZADD', '{REFUSALS_KEY}', now, name)
        has_refused = true
    end
    answers[#answers + 1] = is_granted and 1 or 0
    answers[#answers + 1] = string.format('%.0f', used)
end
if has_refused then
    redis.call('ZREMRANGEBYRANK', '{REFUSALS_KEY}', 0, -{MAX_REFUSALS + 1})
    redis.call('EXPIRE', '{REFUSALS_KEY}', {REFUSALS_KEPT_S:.0f})
end
return answers
"""
_LIST = f"""
local now_parts = redis.call('TIME')
local since = (now_parts[1] - {REFUSALS_KEPT_S:.0f}) * {MICROSECONDS} + now_parts[2]
local found = {{}}
for _, name in ipairs(redis.call('ZREVRANGEBYSCORE', '{REFUSALS_KEY}', '+inf', string.format('%.0f', since))) do
    found[#found + 1] = name
    local full_at = tonumber(redis.call('GET', '{LIMIT_PREFIX}' .. name) or '0')
    found[#found + 1] = string.format('%.0f', math.max(0, full_at - now_parts[1] * {MICROSECONDS} - now_parts[2]))
end
return found
"""

_encode = msgspec.msgpack.Encoder().encode
_OnLevel = Callable[[BucketLevel | None], None]


class RedisBuckets:
    """See `SharedBuckets`. After a failure nobody waits for 2 s, and the limiters of this process decide alone."""

    def __init__(self, url: str) -> None:
        self._client = redis.asyncio.Redis.from_url(
            url,
            socket_timeout=BUCKET_TIMEOUT_S,
            socket_connect_timeout=BUCKET_TIMEOUT_S,
            max_connections=3,
            retry=Retry(NoBackoff(), 0),
        )
        self._use_script = self._client.register_script(_USE)
        self._list_script = self._client.register_script(_LIST)
        self._asked: list[tuple[BucketUse, _OnLevel]] = []
        self._settled: list[tuple[Callable[[], BucketUse], OnSettled]] = []
        self._sending: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._away_until = 0.0

    async def use(self, use: BucketUse) -> BucketLevel | None:
        """Take tokens, in the next round trip; None when Redis does not answer."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._away_until:
            return None
        future: asyncio.Future[BucketLevel | None] = loop.create_future()
        self._asked.append((use, lambda level: None if future.done() else future.set_result(level)))
        self._send_soon()
        return await future

    def settle(self, take: Callable[[], BucketUse], done: OnSettled) -> None:
        """Tell what was used, within 100 ms; while Redis does not answer, later."""
        self._settled.append((take, done))
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(SETTLE_INTERVAL_S, self._send_settled)

    async def list_refused(self) -> list[RefusedBucket] | None:
        """Return what was refused in the last minute, the latest first; None when Redis does not answer."""
        try:
            found = await self._list_script()
        except (RedisError, OSError) as problem:
            self._on_failure(problem)
            return None
        names = [name.decode().partition(":") for name in found[::2]]
        return [
            RefusedBucket(limit, key, int(full_in) / MICROSECONDS)
            for (limit, _, key), full_in in zip(names, found[1::2], strict=True)
        ]

    async def fill(self, name: str, key: str) -> None:
        """Give a key all its tokens. Raises Unavailable."""
        try:
            async with self._client.pipeline(transaction=True) as pipeline:
                pipeline.delete(f"{LIMIT_PREFIX}{name}:{key}")
                pipeline.zrem(REFUSALS_KEY, f"{name}:{key}")
                await pipeline.execute()
        except (RedisError, OSError) as problem:
            self._on_failure(problem)
            raise Unavailable from problem

    async def close(self) -> None:
        """Close the connections."""
        if self._timer is not None:
            self._timer.cancel()
        await self._client.aclose()

    def _send_settled(self) -> None:
        self._timer = None
        loop = asyncio.get_running_loop()
        if loop.time() < self._away_until:
            self._timer = loop.call_later(self._away_until - loop.time(), self._send_settled)
            return
        settled, self._settled = self._settled, []
        for take, done in settled:
            use = take()
            self._asked.append((use, partial(done, use)))
        self._send_soon()

    def _send_soon(self) -> None:
        if self._sending is None:
            self._sending = asyncio.get_running_loop().create_task(self._send())

    async def _send(self) -> None:
        batch: list[tuple[BucketUse, _OnLevel]] = []
        try:
            while self._asked:
                batch, self._asked = self._asked[:MAX_USES_PER_CALL], self._asked[MAX_USES_PER_CALL:]
                levels = await self._use_buckets([use for use, _ in batch])
                for (_, on_level), level in zip(batch, levels, strict=True):
                    on_level(level)
        except Exception as problem:  # noqa: BLE001  logged; who waits goes on without
            self._on_failure(problem)
            waiting, self._asked = [*batch, *self._asked], []
            for _, on_level in waiting:
                on_level(None)
        finally:
            self._sending = None

    async def _use_buckets(self, uses: list[BucketUse]) -> list[BucketLevel]:
        answers = await self._use_script(args=[_encode([_encode_use(use) for use in uses])])
        return [
            BucketLevel(bool(is_granted), use.burst - int(used) * use.rate / MICROSECONDS)
            for use, is_granted, used in zip(uses, answers[::2], answers[1::2], strict=True)
        ]

    def _on_failure(self, problem: Exception) -> None:
        if isinstance(problem, RedisError | OSError):
            log_repeated_warning("limits_without_redis", problem=type(problem).__name__)
        else:
            log_failure("limits_failed", problem)
        self._away_until = asyncio.get_running_loop().time() + PAUSE_S


def _encode_use(use: BucketUse) -> tuple[object, ...]:
    """Return a use as the script reads it: the name with its key, and times in microseconds."""
    interval = MICROSECONDS / use.rate
    return (f"{use.name}:{use.key}", interval, interval * use.burst, use.amount, use.is_settled, use.is_refused)
