"""Sign-in throttles: wrong passwords and codes make an account, a network and a device wait, right ones nobody.

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
from beneficiate.views.blocks import describe_blocked_email, describe_blocked_network

MAX_SIGN_IN_WAIT_S = 900
FAILURES_EXPIRE_AFTER_S = 900
CODE_FAILURES_EXPIRE_AFTER_S = 86_400
"""Whoever has the password tries about a hundred of a million codes a day at most: NIST SP 800-63B-4, 3.2.2."""
THROTTLES_KEPT, CODE_THROTTLES_KEPT = (
    timedelta(seconds=2 * seconds) for seconds in (FAILURES_EXPIRE_AFTER_S, CODE_FAILURES_EXPIRE_AFTER_S)
)
CODE_STEP = "code:"
NETWORK_FACTOR = 4
PENDING_EXPIRES_AFTER_S = 60
"""An attempt takes a second; after a minute its process is gone."""
PENDING_WAIT_S = 1


@dataclass(frozen=True, slots=True)
class SignInAttempt:
    """An attempt to sign in. After `free_attempts` wrong passwords the wait is `first_wait_s` seconds and doubles.

    `device` identifies a device that signed in to this account before; it is empty for any other. Attempts of another
    `step` than the password are counted by themselves.
    """

    email: str
    address: str
    free_attempts: int
    first_wait_s: int
    device: str = ""
    step: str = ""

    @property
    def kept_s(self) -> int:
        """Return after how many seconds failures are forgotten."""
        return CODE_FAILURES_EXPIRE_AFTER_S if self.step == CODE_STEP else FAILURES_EXPIRE_AFTER_S


@dataclass(frozen=True, slots=True)
class SettledAttempt:
    """An attempt that was verified; None for one that ended before."""

    attempt: SignInAttempt
    is_correct: bool | None


def begin_sign_in_attempt(uow: UnitOfWork, attempt: SignInAttempt) -> None:
    """Reserve an attempt before its password is verified, so that parallel attempts gain nothing.

    `settle_sign_in_attempt` ends it. Does so whether or not the account exists. Raises RateLimited while the account,
    the network or the device has to wait.
    """
    limits = _limits_by_key(attempt)
    new = [{"key": key, "changed_at": uow.now, "kept_s": attempt.kept_s} for key in sorted(limits)]
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


def settle_sign_in_attempt(uow: UnitOfWork, command: SettledAttempt) -> int:
    """Count an attempt that was wrong; after a right one, forget the failures of the account or device.

    The failures of the network stay as they are: a right password neither ends nor lengthens the wait of others.
    Returns how many more attempts are free.
    """
    limits = _limits_by_key(command.attempt)
    network = _network_key(command.attempt)
    rows = _lock_throttles(limits)
    for row in rows:
        row.pending = max(0, row.pending - 1)
        if command.is_correct is False:
            row.failures += 1
            row.changed_at = uow.now
            row.blocked_until = _blocked_until(uow.now, row.failures - limits[row.key], command.attempt.first_wait_s)
            row.blocked = _describe_blocked(command.attempt, row.key == network) if row.blocked_until else ""
        elif command.is_correct and row.key != network:
            row.failures, row.blocked_until, row.blocked = 0, None, ""
        row.save()
    return max(0, min((limits[row.key] - row.failures for row in rows), default=0))


def forget_account_failures(uow: UnitOfWork, email: str) -> None:
    """Forget the wrong passwords for an account, whose person has just proved that its address is theirs."""
    is_it = SignInThrottle.key == _account_key(email, "")
    SignInThrottle.update(failures=0, blocked_until=None, blocked="").where(is_it).execute()


def forget_account_throttles(uow: UnitOfWork, email: str) -> None:
    """Delete what was counted for an account that is erased, of each step, and for its devices while they wait."""
    keys = [_account_key(email, step) for step in ("", CODE_STEP)]
    is_shown = SignInThrottle.blocked == describe_blocked_email(email)
    SignInThrottle.delete().where(SignInThrottle.key.in_(keys) | is_shown).execute()


def delete_expired_throttles(uow: UnitOfWork) -> None:
    """Delete throttles that were not used for long. Running it twice is harmless."""
    for kept in (THROTTLES_KEPT, CODE_THROTTLES_KEPT):
        long_ago = uow.now - kept
        is_old = (SignInThrottle.kept_s == kept.total_seconds() // 2) & (SignInThrottle.changed_at < long_ago)
        is_pending = SignInThrottle.pending_at.is_null(False) & (SignInThrottle.pending_at >= long_ago)
        SignInThrottle.delete().where(is_old, ~is_pending).execute()


def _lock_throttles(limits: dict[str, int]) -> list[SignInThrottle]:
    query = SignInThrottle.select().where(SignInThrottle.key.in_(list(limits))).order_by(SignInThrottle.key)
    return list(lock_rows(query))


def _forget_what_expired(row: SignInThrottle, now: datetime) -> None:
    if now - row.changed_at > timedelta(seconds=row.kept_s):
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


def _describe_blocked(attempt: SignInAttempt, is_network: bool) -> str:
    return (
        describe_blocked_network(network_of(attempt.address)) if is_network else describe_blocked_email(attempt.email)
    )


def _limits_by_key(attempt: SignInAttempt) -> dict[str, int]:
    """Return the free attempts by the digest of what is counted: the known device, or account and network."""
    if attempt.device:
        return {digest_secret(f"{attempt.step}device:{attempt.device}"): attempt.free_attempts}
    return {
        _account_key(attempt.email, attempt.step): attempt.free_attempts,
        _network_key(attempt): attempt.free_attempts * NETWORK_FACTOR,
    }


def _account_key(email: str, step: str) -> str:
    return digest_secret(f"{step}account:{email}")


def _network_key(attempt: SignInAttempt) -> str:
    return digest_secret(f"{attempt.step}network:{network_of(attempt.address)}")
