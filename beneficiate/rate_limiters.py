"""The rate limiters of a process: the one table of them all, and how processes share what each key has used.

With Redis a limit holds over all processes. What comes a few times a minute asks the shared buckets before each use
(`SharedLimiter`). Messages come hundreds of times a second and ask nobody: this process counts them and tells the
others in the background (`SettledLimiter`). While Redis does not answer, and without one, the buckets of this process
decide: nobody is let through without a limit, and nobody is locked out.
"""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, Protocol

from beneficiate.errors import RateLimited
from beneficiate.limits import CombinedLimiter, RateLimiter
from beneficiate.settings import Settings

LINKS_PER_MINUTE = 20
"""Uses of the pages behind the links of e-mails by one network: enough for an office, few for who tries tokens."""
WEBHOOK_FAILURES_PER_MINUTE = 30
"""Events with a bad signature from one network; a good one is always taken."""
REPORTS_PER_MINUTE = 60
"""Reports and lists behind figures, which read long periods, for one person."""
UNSETTLED_SHARE = 0.1
"""The part of a burst that a key may use before the other processes are told: who writes as people do never costs a
round trip, and N processes let through at most N tenths more than one."""


class BucketUse(NamedTuple):
    """Tokens of one shared bucket: of the limit `name` for a key, with `rate` tokens a second up to `burst`.

    With `is_settled` they were used already and are taken even when there are none; with `is_refused` the process has
    just refused one more.
    """

    name: str
    key: str
    rate: float
    burst: float
    amount: int = 1
    is_settled: bool = False
    is_refused: bool = False


class BucketLevel(NamedTuple):
    """What a shared bucket has after a use: whether the tokens were there, and those that are left (negative: debt)."""

    is_granted: bool
    tokens: float


OnSettled = Callable[[BucketUse, BucketLevel | None], None]
"""Gets what was told, and the level after it; None when it was told in vain."""


class RefusedBucket(NamedTuple):
    """A shared bucket that was refused in the last minute, and the seconds until it is full."""

    limit: str
    key: str
    full_in_s: float


class Refusal(NamedTuple):
    """A key (the id of a user, or a network) that a limit refused in the last minute, and the seconds to wait."""

    limit: str
    key: str
    wait_s: float


class SharedBuckets(Protocol):
    """Token buckets of all processes. None, or an empty list, stands for: they do not answer."""

    async def use(self, use: BucketUse) -> BucketLevel | None:
        """Take tokens, in the next round trip."""

    def settle(self, take: Callable[[], BucketUse], done: OnSettled) -> None:
        """Tell what was used, in the next round trip but at most every 100 ms; `take` is called when it begins."""

    async def list_refused(self) -> list[RefusedBucket] | None:
        """Return what was refused in the last minute, the latest first."""

    async def fill(self, name: str, key: str) -> None:
        """Give a key all its tokens. Raises Unavailable."""

    async def close(self) -> None:
        """Close the connection."""


class SharedLimiter:
    """A limit over all processes that is asked for before each use: one round trip to Redis."""

    def __init__(self, name: str, own: RateLimiter, shared: SharedBuckets | None) -> None:
        self.name = name
        self.own = own
        self._shared = shared

    async def acquire(self, key: Hashable) -> None:
        """Take one token. Raises RateLimited with the seconds to wait when there is none."""
        use = BucketUse(self.name, str(key), self.own.rate, self.own.burst)
        level = None if self._shared is None else await self._shared.use(use)
        if level is None:
            self.own.acquire(key)
        elif not level.is_granted:
            raise self.own.refusal(level.tokens)
        else:
            # What this process counts decides when Redis goes away.
            self.own.spend(key)


class SettledLimiter(RateLimiter):
    """A limit over all processes that waits for nothing: uses are told afterwards, a tenth of the burst at a time.

    The shared bucket may get into debt, so that over time all processes together let through what one would.
    """

    def __init__(
        self,
        name: str,
        rate: float,
        burst: float,
        shared: SharedBuckets | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(rate, burst, clock)
        self.name = name
        self._shared = shared
        # The keys that the next exchange tells of, and whether they were refused meanwhile.
        self._settling: dict[Hashable, bool] = {}

    def acquire(self, key: Hashable) -> None:
        """Take one token. Raises RateLimited with the seconds to wait when there is none."""
        try:
            super().acquire(key)
        except RateLimited:
            self._settle(key, is_refused=True)
            raise
        bucket = self._buckets[key]
        bucket.unsettled += 1
        if bucket.unsettled >= UNSETTLED_SHARE * self.burst:
            self._settle(key)

    def check(self, key: Hashable) -> None:
        """Raise RateLimited as `acquire` would, but take nothing."""
        try:
            super().check(key)
        except RateLimited:
            self._settle(key, is_refused=True)
            raise

    def _settle(self, key: Hashable, *, is_refused: bool = False) -> None:
        if self._shared is None:
            return
        is_waiting, was_refused = key in self._settling, self._settling.get(key, False)
        self._settling[key] = is_refused or was_refused
        if not is_waiting:
            self._shared.settle(partial(self._take_unsettled, key), partial(self._on_settled, key))

    def _take_unsettled(self, key: Hashable) -> BucketUse:
        bucket, is_refused = self._refill(key), self._settling.pop(key)
        amount, bucket.unsettled = bucket.unsettled, 0
        return BucketUse(self.name, str(key), self.rate, self.burst, amount, is_settled=True, is_refused=is_refused)

    def _on_settled(self, key: Hashable, use: BucketUse, level: BucketLevel | None) -> None:
        bucket = self._refill(key)
        if level is None:
            bucket.unsettled += use.amount
        else:
            bucket.tokens = min(self.burst, level.tokens - bucket.unsettled)


@dataclass(frozen=True, slots=True)
class RateLimiters:
    """The rate limiters of a process: failures are counted by network, the others by user.

    `typing` and `commands` protect the process itself and are its own: they store nothing, and a person has ten
    connections in all processes together.
    """

    messages: CombinedLimiter
    typing: RateLimiter
    commands: RateLimiter
    handshakes: SharedLimiter
    uploads: SharedLimiter
    lookups: SharedLimiter
    slots: SharedLimiter
    links: SharedLimiter
    webhook_failures: SharedLimiter
    reports: SharedLimiter
    settled: tuple[SettledLimiter, ...]
    shared: SharedBuckets | None = None

    @classmethod
    def from_settings(
        cls, settings: Settings, shared: SharedBuckets | None = None, clock: Callable[[], float] = time.monotonic
    ) -> "RateLimiters":
        """Return the limiters that the settings describe; `clock` is in seconds."""

        def per_minute(name: str, amount: float) -> SharedLimiter:
            return SharedLimiter(name, RateLimiter(amount / 60, amount, clock), shared)

        burst, hour = settings.messages_burst, settings.messages_per_hour
        settled = (
            SettledLimiter("messages", settings.messages_per_s, burst, shared, clock),
            SettledLimiter("messages_hour", hour / 3600, hour, shared, clock),
        )
        return cls(
            messages=CombinedLimiter(*settled),
            typing=RateLimiter(settings.typing_per_s, clock=clock),
            commands=RateLimiter(settings.commands_per_s, clock=clock),
            handshakes=per_minute("handshakes", settings.failed_handshakes_per_minute),
            uploads=per_minute("uploads", settings.uploads_per_minute),
            lookups=per_minute("lookups", settings.lookups_per_minute),
            slots=per_minute("slots", settings.slot_reads_per_minute),
            webhook_failures=per_minute("webhook_failures", WEBHOOK_FAILURES_PER_MINUTE),
            reports=per_minute("reports", REPORTS_PER_MINUTE),
            links=per_minute("links", LINKS_PER_MINUTE),
            settled=settled,
            shared=shared,
        )

    async def list_refusals(self) -> list[Refusal]:
        """Return which keys a limit refused in the last minute: in all processes, or in this one without Redis."""
        limiters = self._by_name()
        found = None if self.shared is None else await self.shared.list_refused()
        if found is None:
            own = ((name, key, wait) for name, one in limiters.items() for key, wait in one.list_refused())
            return [Refusal(name, str(key), wait_s) for name, key, wait_s in own]
        return [
            Refusal(name, key, max(0.0, full_in_s - (limiters[name].burst - 1) / limiters[name].rate))
            for name, key, full_in_s in found
            if name in limiters
        ]

    async def lift(self, name: str, key: str) -> None:
        """Give a key all tokens of a limit, in all processes; one of another name does nothing. Raises Unavailable."""
        if self.shared is not None:
            await self.shared.fill(name, key)
        if limiter := self._by_name().get(name):
            limiter.fill(int(key) if key.isdecimal() else key)

    async def close(self) -> None:
        """Close the connection to Redis, if there is one."""
        if self.shared is not None:
            await self.shared.close()

    def _by_name(self) -> dict[str, RateLimiter]:
        """Return the limiters of this process that are shared with the others, by the names of their limits."""
        asked = (
            self.handshakes,
            self.uploads,
            self.lookups,
            self.slots,
            self.links,
            self.webhook_failures,
            self.reports,
        )
        return {limiter.name: limiter for limiter in self.settled} | {limiter.name: limiter.own for limiter in asked}
