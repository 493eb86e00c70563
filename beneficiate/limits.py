"""Limits on what one person or network may do.

Rate limiters are token buckets, for what comes many times a minute; `rate_limiters.py` has the table of them. Quotas
are rows, for what is created a few times an hour; `actions/quotas.py` counts them.
"""

import ipaddress
import math
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import timedelta
from typing import NoReturn

from beneficiate.errors import RateLimited
from beneficiate.settings import Settings

MAX_BUCKETS = 10_000
MAX_REFUSALS = 1_000
"""Keys that were refused lately and can be listed; the oldest give way."""
REFUSALS_KEPT_S = 60.0
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EMAILS_PER_ADDRESS, EMAILS_PER_NETWORK = 3, 30
"""E-mails about accounts in an hour that anybody may ask for: for one address, and from one network."""
TAKEN_EMAILS_PER_ACCOUNT = 3
"""E-mails in a day that tell an account that somebody wants to register with its address or document."""
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
    unsettled: int = 0
    """Tokens taken that no other process knows of (`SettledLimiter`)."""


class RateLimiter:
    """A token bucket for each key in this process: `burst` tokens at once, `rate` a second after that."""

    def __init__(self, rate: float, burst: float | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = rate
        self.burst = burst or rate
        self._clock = clock
        self._buckets: dict[Hashable, _TokenBucket] = {}
        # When each key was last refused, the latest at the end.
        self._refused: dict[Hashable, float] = {}

    def acquire(self, key: Hashable) -> None:
        """Take one token. Raises RateLimited with the seconds to wait when there is none."""
        bucket = self._refill(key)
        if bucket.tokens < 1:
            self._refuse(key, bucket)
        bucket.tokens -= 1

    def check(self, key: Hashable) -> None:
        """Raise RateLimited as `acquire` would, but take nothing."""
        if key in self._buckets:
            bucket = self._refill(key)
            if bucket.tokens < 1:
                self._refuse(key, bucket)

    def spend(self, key: Hashable) -> None:
        """Take one token if there is one."""
        bucket = self._refill(key)
        bucket.tokens = max(0.0, bucket.tokens - 1)

    def fill(self, key: Hashable) -> None:
        """Give a key all its tokens, and forget that it was refused."""
        self._buckets.pop(key, None)
        self._refused.pop(key, None)

    def list_refused(self) -> list[tuple[Hashable, float]]:
        """Return the keys that were refused in the last minute, the latest first, with the seconds to wait."""
        since = self._clock() - REFUSALS_KEPT_S
        recent = [key for key, refused_at in self._refused.items() if refused_at >= since]
        return [(key, max(0.0, 1 - self._refill(key).tokens) / self.rate) for key in reversed(recent)]

    def refusal(self, tokens: float) -> RateLimited:
        """Return what is raised when a bucket has less than one token: it says when it has one again."""
        return RateLimited(max(1, math.ceil((1 - tokens) / self.rate)))

    def _refuse(self, key: Hashable, bucket: _TokenBucket) -> NoReturn:
        self._refused.pop(key, None)
        self._refused[key] = bucket.refilled_at
        if len(self._refused) > MAX_REFUSALS:
            del self._refused[next(iter(self._refused))]
        raise self.refusal(bucket.tokens)

    def _refill(self, key: Hashable) -> _TokenBucket:
        now = self._clock()
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= MAX_BUCKETS:
                self._drop_full_buckets(now)
            bucket = self._buckets[key] = _TokenBucket(self.burst, now)
        bucket.tokens = min(self.burst, bucket.tokens + (now - bucket.refilled_at) * self.rate)
        bucket.refilled_at = now
        return bucket

    def _drop_full_buckets(self, now: float) -> None:
        """Drop buckets that are full again: they are the same as new ones."""
        self._buckets = {
            key: bucket
            for key, bucket in self._buckets.items()
            if bucket.tokens + (now - bucket.refilled_at) * self.rate < self.burst
        }


class CombinedLimiter:
    """Several limiters of which each has to have a token."""

    def __init__(self, first: RateLimiter, *others: RateLimiter) -> None:
        self._first = first
        self._others = others

    def acquire(self, key: Hashable) -> None:
        """Take one token of each. Raises RateLimited, and takes none, when one of them has none."""
        for limiter in self._others:
            limiter.check(key)
        self._first.acquire(key)
        for limiter in self._others:
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
DATA_REQUESTS = Quota("data_requests", 5, 60, DAY, "Ha hecho muchas solicitudes hoy.")
CONTACT_CHANGES = Quota("contact_changes", 10, 10, HOUR, "Ha cambiado su número muchas veces seguidas.")
DATA_COPIES = Quota("data_copies", 3, 3, DAY, "Ya pidió tres copias de sus datos hoy.")
COPY_DOWNLOADS = Quota("copy_downloads", 20, 20, DAY, "Ha descargado la copia de sus datos muchas veces hoy.")
MEMBER_IMPORTS = Quota("member_imports", 0, 30, DAY, "Ha subido muchos archivos de afiliados hoy.")
NOTICE_CHANGES = Quota("notices", 60, 60, HOUR, "Ha cambiado sus avisos muchas veces seguidas.")
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
    data_requests: Quota = DATA_REQUESTS
    contact_changes: Quota = CONTACT_CHANGES
    data_copies: Quota = DATA_COPIES
    copy_downloads: Quota = COPY_DOWNLOADS
    member_imports: Quota = MEMBER_IMPORTS
    notice_changes: Quota = NOTICE_CHANGES
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
