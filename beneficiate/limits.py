"""Rate limits: token buckets by user or network, in this process."""

import ipaddress
import math
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from beneficiate.errors import RateLimited
from beneficiate.settings import Settings

MAX_BUCKETS = 10_000


def network_of(address: str) -> str:
    """Return the network of a client address: /24 of IPv4, /64 of IPv6, the text itself if it is no address."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    host = mapped or parsed
    return str(ipaddress.ip_network((host, 24 if host.version == 4 else 64), strict=False))


@dataclass(slots=True)
class _TokenBucket:
    tokens: float
    refilled_at: float


class RateLimiter:
    """A token bucket for each key: `burst` tokens at once, `rate` a second after that."""

    def __init__(self, rate: float, burst: float | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst or rate
        self._clock = clock
        self._buckets: dict[Hashable, _TokenBucket] = {}

    def acquire(self, key: Hashable) -> None:
        """Take one token. Raises RateLimited with the seconds to wait when there is none."""
        bucket = self._refill(key)
        if bucket.tokens < 1:
            raise RateLimited(max(1, math.ceil((1 - bucket.tokens) / self._rate)))
        bucket.tokens -= 1

    def check(self, key: Hashable) -> None:
        """Raise RateLimited as `acquire` would, but take nothing: for limits that count only failures."""
        if key in self._buckets:
            bucket = self._refill(key)
            if bucket.tokens < 1:
                raise RateLimited(max(1, math.ceil((1 - bucket.tokens) / self._rate)))

    def consume(self, key: Hashable) -> None:
        """Take one token if there is one."""
        bucket = self._refill(key)
        bucket.tokens = max(0.0, bucket.tokens - 1)

    def _refill(self, key: Hashable) -> _TokenBucket:
        now = self._clock()
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= MAX_BUCKETS:
                self._drop_full_buckets(now)
            bucket = self._buckets[key] = _TokenBucket(self._burst, now)
        bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.refilled_at) * self._rate)
        bucket.refilled_at = now
        return bucket

    def _drop_full_buckets(self, now: float) -> None:
        """Drop buckets that are full again: they are the same as new ones."""
        self._buckets = {
            key: bucket
            for key, bucket in self._buckets.items()
            if bucket.tokens + (now - bucket.refilled_at) * self._rate < self._burst
        }


@dataclass(frozen=True, slots=True)
class RateLimiters:
    """The rate limiters of a process: handshakes are counted by network, the others by user."""

    messages: RateLimiter
    typing: RateLimiter
    commands: RateLimiter
    handshakes: RateLimiter
    uploads: RateLimiter
    lookups: RateLimiter

    @classmethod
    def from_settings(cls, settings: Settings) -> "RateLimiters":
        """Return the limiters that the settings describe."""
        return cls(
            messages=RateLimiter(settings.messages_per_s, settings.messages_burst),
            typing=RateLimiter(settings.typing_per_s),
            commands=RateLimiter(settings.commands_per_s),
            handshakes=RateLimiter(settings.failed_handshakes_per_minute / 60, settings.failed_handshakes_per_minute),
            uploads=RateLimiter(settings.uploads_per_minute / 60, settings.uploads_per_minute),
            lookups=RateLimiter(settings.lookups_per_minute / 60, settings.lookups_per_minute),
        )
