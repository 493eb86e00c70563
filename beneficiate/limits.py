"""Limits on what one person or network may do: the one table of them all.

Rate limiters are token buckets in this process, for what comes many times a second. Quotas are rows that all processes
share, for what is created a few times an hour; `actions/quotas.py` counts them.
"""

import ipaddress
import math
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from beneficiate.errors import RateLimited
from beneficiate.settings import Settings

MAX_BUCKETS = 10_000
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
INVITATIONS_PER_MINUTE = 20
"""Readings of invitations by one network: enough for an office, and few for who tries tokens."""
WEBHOOK_FAILURES_PER_MINUTE = 30
"""Events with a bad signature from one network; a good one is always taken."""
REPORTS_PER_MINUTE = 60
"""Reports and lists behind figures, which read long periods, for one person."""
STAFF_FACTOR = 20
"""The staff book for many members, by telephone."""


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
        """Raise RateLimited as `acquire` would, but take nothing."""
        if key in self._buckets:
            bucket = self._refill(key)
            if bucket.tokens < 1:
                raise RateLimited(max(1, math.ceil((1 - bucket.tokens) / self._rate)))

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


class CombinedLimiter:
    """Several limiters of which each has to have a token."""

    def __init__(self, *limiters: RateLimiter) -> None:
        self._limiters = limiters

    def acquire(self, key: Hashable) -> None:
        """Take one token of each. Raises RateLimited, and takes none, when one of them has none."""
        for limiter in self._limiters:
            limiter.check(key)
        for limiter in self._limiters:
            limiter.acquire(key)


Limiter = RateLimiter | CombinedLimiter


@dataclass(frozen=True, slots=True)
class Quota:
    """How much a member, and one of the staff, may do in a period; `sentence` tells who has to wait."""

    name: str
    amount: int
    staff_amount: int
    period: timedelta
    sentence: str


CHATS = Quota("chats", 20, 400, HOUR, "Ha abierto muchos chats seguidos.")
CHAT_MOVES = Quota("chat_moves", 20, 1000, HOUR, "Ha reabierto o movido muchos chats seguidos.")
NOTES = Quota("notes", 600, 600, HOUR, "Ha escrito muchas notas seguidas.")
TAGS = Quota("tags", 600, 600, HOUR, "Ha puesto muchas etiquetas seguidas.")
AUDITED_ACTIONS = Quota("audited", 1000, 1000, HOUR, "Ha hecho muchos cambios y consultas seguidas.")
APPOINTMENT_STEPS = Quota("steps", 1000, 1000, HOUR, "Ha cambiado muchas citas seguidas.")
BENEFICIARIES = Quota("beneficiaries", 20, 20, HOUR, "Ha agregado muchos beneficiarios seguidos.")
CONSENTS = Quota("consents", 10, 10, HOUR, "Ha cambiado su autorización muchas veces seguidas.")
PAYMENTS = Quota("payments", 30, 30, HOUR, "Ha iniciado muchos pagos seguidos.")


@dataclass(frozen=True, slots=True)
class Quotas:
    """What a person may create. The first three are numbers of what is open at the same time.

    E-mails need none of their own: each comes from something that is counted here, or from a time that passes.
    docs/limits.md says of every route and command which of these counts what it creates.
    """

    open_appointments: int
    open_per_specialty: int
    open_sign_ins: int
    bookings: Quota
    appointment_changes: Quota
    sign_ins: Quota
    upload_bytes: Quota
    chats: Quota = CHATS
    chat_moves: Quota = CHAT_MOVES
    notes: Quota = NOTES
    tags: Quota = TAGS
    audited_actions: Quota = AUDITED_ACTIONS
    appointment_steps: Quota = APPOINTMENT_STEPS
    beneficiaries: Quota = BENEFICIARIES
    consents: Quota = CONSENTS
    payments: Quota = PAYMENTS

    @classmethod
    def from_settings(cls, settings: Settings) -> "Quotas":
        """Return the quotas that the settings describe."""
        bookings, changes = settings.bookings_per_hour, settings.appointment_changes_per_hour
        sign_ins, upload_bytes = settings.sign_ins_per_hour, settings.upload_bytes_per_day
        moved = "Ha movido o cancelado muchas citas seguidas."
        return cls(
            open_appointments=settings.open_appointments,
            open_per_specialty=settings.open_per_specialty,
            open_sign_ins=settings.sign_ins_per_person,
            bookings=Quota("bookings", bookings, bookings * STAFF_FACTOR, HOUR, "Ha pedido muchas citas seguidas."),
            appointment_changes=Quota("changes", changes, changes * STAFF_FACTOR, HOUR, moved),
            sign_ins=Quota("sign_ins", sign_ins, sign_ins, HOUR, "Ha ingresado muchas veces seguidas."),
            upload_bytes=Quota("uploads", upload_bytes, upload_bytes, DAY, "Ha enviado muchos archivos hoy."),
        )


@dataclass(frozen=True, slots=True)
class RateLimiters:
    """The rate limiters of a process: failures are counted by network, the others by user."""

    messages: CombinedLimiter
    typing: RateLimiter
    commands: RateLimiter
    handshakes: RateLimiter
    uploads: RateLimiter
    lookups: RateLimiter
    slots: RateLimiter
    invitations: RateLimiter
    webhook_failures: RateLimiter
    reports: RateLimiter

    @classmethod
    def from_settings(cls, settings: Settings, clock: Callable[[], float] = time.monotonic) -> "RateLimiters":
        """Return the limiters that the settings describe; `clock` is in seconds."""
        limiter = partial(RateLimiter, clock=clock)
        return cls(
            messages=CombinedLimiter(
                limiter(settings.messages_per_s, settings.messages_burst),
                limiter(settings.messages_per_hour / 3600, settings.messages_per_hour),
            ),
            typing=limiter(settings.typing_per_s),
            commands=limiter(settings.commands_per_s),
            handshakes=limiter(settings.failed_handshakes_per_minute / 60, settings.failed_handshakes_per_minute),
            uploads=limiter(settings.uploads_per_minute / 60, settings.uploads_per_minute),
            lookups=limiter(settings.lookups_per_minute / 60, settings.lookups_per_minute),
            slots=limiter(settings.slot_reads_per_minute / 60, settings.slot_reads_per_minute),
            webhook_failures=limiter(WEBHOOK_FAILURES_PER_MINUTE / 60, WEBHOOK_FAILURES_PER_MINUTE),
            reports=limiter(REPORTS_PER_MINUTE / 60, REPORTS_PER_MINUTE),
            invitations=limiter(INVITATIONS_PER_MINUTE / 60, INVITATIONS_PER_MINUTE),
        )
