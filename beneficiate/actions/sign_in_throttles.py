"""Sign-in throttles: wrong passwords make an account, a network and a device wait. Right ones make nobody wait.

A device that signed in to the account before is counted by itself: strangers cannot keep it out, and it does not
suffer from its network.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from beneficiate.errors import RateLimited
from beneficiate.limits import network_of
from beneficiate.models.accounts import SignInThrottle
from beneficiate.models.base import lock_rows
from beneficiate.queries.accounts import digest_secret
from beneficiate.unit_of_work import UnitOfWork

MAX_SIGN_IN_WAIT_S = 900
FAILURES_EXPIRE_AFTER_S = 900
THROTTLES_KEPT = timedelta(seconds=2 * FAILURES_EXPIRE_AFTER_S)
NETWORK_FACTOR = 4
PENDING_EXPIRES_AFTER_S = 60
"""An attempt takes a second; after a minute its process is gone."""
PENDING_WAIT_S = 1


@dataclass(frozen=True, slots=True)
class SignInAttempt:
    """An attempt to sign in. After `free_attempts` wrong passwords the wait is `first_wait_s` seconds and doubles.

    `device` identifies a device that signed in to this account before; it is empty for any other.
    """

    email: str
    address: str
    free_attempts: int
    first_wait_s: int
    device: str = ""


@dataclass(frozen=True, slots=True)
class SettledAttempt:
    """An attempt whose password was verified."""

    attempt: SignInAttempt
    is_correct: bool


def begin_sign_in_attempt(uow: UnitOfWork, attempt: SignInAttempt) -> None:
    """Reserve an attempt before its password is verified, so that parallel attempts gain nothing.

    `settle_sign_in_attempt` ends it. Does so whether or not the account exists. Raises RateLimited while the account,
    the network or the device has to wait.
    """
    limits = _limits_by_key(attempt)
    new = [{"key": key, "changed_at": uow.now} for key in sorted(limits)]
    SignInThrottle.insert_many(new).on_conflict_ignore().execute()
    rows = _lock_throttles(limits)
    for row in rows:
        _forget_what_expired(row, uow.now)
    wait_s = max(_wait_s(row, limits[row.key], uow.now) for row in rows)
    if wait_s:
        raise RateLimited(wait_s, "Hubo varios intentos seguidos.")
    for row in rows:
        row.pending += 1
        row.pending_at = uow.now
        row.save()


def settle_sign_in_attempt(uow: UnitOfWork, command: SettledAttempt) -> None:
    """Count an attempt whose password was wrong; after a right one, forget the failures of the account or device.

    The failures of the network stay as they are: a right password neither ends nor lengthens the wait of others.
    """
    limits = _limits_by_key(command.attempt)
    network = _network_key(command.attempt)
    for row in _lock_throttles(limits):
        row.pending = max(0, row.pending - 1)
        if not command.is_correct:
            row.failures += 1
            row.changed_at = uow.now
            row.blocked_until = _blocked_until(uow.now, row.failures - limits[row.key], command.attempt.first_wait_s)
        elif row.key != network:
            row.failures, row.blocked_until = 0, None
        row.save()


def delete_expired_throttles(uow: UnitOfWork) -> None:
    """Delete throttles that were not used for long. Running it twice is harmless."""
    long_ago = uow.now - THROTTLES_KEPT
    is_pending = SignInThrottle.pending_at.is_null(False) & (SignInThrottle.pending_at >= long_ago)
    SignInThrottle.delete().where(SignInThrottle.changed_at < long_ago, ~is_pending).execute()


def _lock_throttles(limits: dict[str, int]) -> list[SignInThrottle]:
    query = SignInThrottle.select().where(SignInThrottle.key.in_(list(limits))).order_by(SignInThrottle.key)
    return list(lock_rows(query))


def _forget_what_expired(row: SignInThrottle, now: datetime) -> None:
    if now - row.changed_at > timedelta(seconds=FAILURES_EXPIRE_AFTER_S):
        row.failures = 0
    if row.pending_at is not None and now - row.pending_at > timedelta(seconds=PENDING_EXPIRES_AFTER_S):
        row.pending = 0


def _wait_s(row: SignInThrottle, free_attempts: int, now: datetime) -> int:
    """Return how many seconds to wait. Once a wait is over, one attempt at a time may be made."""
    if row.blocked_until is not None and row.blocked_until > now:
        # Rounded up: a client that waits exactly as long as it was told must not be refused once more.
        left: timedelta = row.blocked_until - now
        return math.ceil(left.total_seconds())
    is_full = row.pending >= max(1, free_attempts - row.failures)
    return PENDING_WAIT_S if is_full else 0


def _blocked_until(now: datetime, failures_over_limit: int, first_wait_s: int) -> datetime | None:
    """Return until when to wait: each failure over the limit doubles the wait, up to 15 minutes."""
    return (
        now + timedelta(seconds=min(MAX_SIGN_IN_WAIT_S, first_wait_s * 2 ** min(failures_over_limit, 10)))
        if failures_over_limit >= 0
        else None
    )


def _limits_by_key(attempt: SignInAttempt) -> dict[str, int]:
    """Return the free attempts by the digest of what is counted: the known device, or account and network."""
    if attempt.device:
        return {digest_secret(f"device:{attempt.device}"): attempt.free_attempts}
    return {
        digest_secret(f"account:{attempt.email}"): attempt.free_attempts,
        _network_key(attempt): attempt.free_attempts * NETWORK_FACTOR,
    }


def _network_key(attempt: SignInAttempt) -> str:
    return digest_secret(f"network:{network_of(attempt.address)}")
