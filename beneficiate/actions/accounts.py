"""Sign-in, sign-out and the state of accounts.

Passwords are verified outside of any transaction (Argon2 takes a tenth of a second). Tokens are opaque strings
`family.secret`, of which only a digest is stored.
"""

import hmac
import math
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from beneficiate.domain.email_addresses import encode_email_address
from beneficiate.errors import Conflict, Invalid, NotFound, RateLimited, Unauthorized
from beneficiate.models.accounts import API_SIGN_IN, SignIn, SignInThrottle, Supervisor, User
from beneficiate.models.base import lock_rows
from beneficiate.protocol import channels
from beneficiate.protocol.close_codes import CLOSE_REVOKED
from beneficiate.protocol.events import ConnectionsEnded
from beneficiate.queries.accounts import digest_secret, find_actors, find_sign_in
from beneficiate.unit_of_work import Actor, UnitOfWork

MAX_SIGN_IN_WAIT_S = 900
FAILURES_EXPIRE_AFTER_S = 900
SIGN_INS_KEPT_DAYS = 30
ADDRESS_FACTOR = 4


@dataclass(frozen=True, slots=True)
class SignInAttempt:
    """An attempt to sign in. After `free_attempts` wrong passwords the wait is `first_wait_s` seconds and doubles."""

    email: str
    address: str
    free_attempts: int
    first_wait_s: int


@dataclass(frozen=True, slots=True)
class StartSignIn:
    """A sign-in whose password was right: `kind` is `api` or `page`, the token is valid for `lifetime`."""

    user_id: int
    attempt: SignInAttempt
    kind: str
    lifetime: timedelta


@dataclass(frozen=True, slots=True)
class RefreshSignIn:
    """A refresh token to exchange for a new one that is valid for `lifetime`."""

    token: str
    lifetime: timedelta


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signed in, and their new token."""

    actor: Actor
    token: str


def count_sign_in_attempt(uow: UnitOfWork, attempt: SignInAttempt) -> None:
    """Count an attempt before its password is verified, so that parallel attempts gain nothing.

    `start_sign_in` takes the count back. Counts whether or not the account exists. Raises RateLimited while the account
    or the address has to wait.
    """
    keys = dict(_throttle_keys(attempt))
    new = [{"key": key, "changed_at": uow.now} for key in sorted(keys)]
    SignInThrottle.insert_many(new).on_conflict_ignore().execute()
    rows = list(
        lock_rows(SignInThrottle.select().where(SignInThrottle.key.in_(list(keys))).order_by(SignInThrottle.key))
    )
    until = [row.blocked_until for row in rows if row.blocked_until is not None and row.blocked_until > uow.now]
    if until:
        # Rounded up: a client that waits exactly as long as it was told must not be refused once more.
        raise RateLimited(math.ceil((max(until) - uow.now).total_seconds()), "Hubo varios intentos seguidos.")
    for row in rows:
        has_expired = uow.now - row.changed_at > timedelta(seconds=FAILURES_EXPIRE_AFTER_S)
        row.failures = 1 if has_expired else row.failures + 1
        row.changed_at = uow.now
        row.blocked_until = _blocked_until(uow.now, row.failures - keys[row.key], attempt.first_wait_s)
        row.save()


def start_sign_in(uow: UnitOfWork, command: StartSignIn) -> SignedIn:
    """Create a sign-in after the password was verified. Raises Unauthorized if the account is no longer active."""
    actor = find_actors([command.user_id]).get(command.user_id)
    if actor is None:
        raise Unauthorized
    _reset_failures(command.attempt)
    family, secret = str(uuid.uuid4()), secrets.token_urlsafe(32)
    SignIn.create(
        family=family,
        user=actor.user_id,
        kind=command.kind,
        secret_hash=digest_secret(secret),
        created_at=uow.now,
        expires_at=uow.now + command.lifetime,
    )
    return SignedIn(actor, f"{family}.{secret}")


def refresh_sign_in(uow: UnitOfWork, command: RefreshSignIn) -> SignedIn:
    """Exchange a refresh token for a new one; the old one becomes invalid. Raises Unauthorized.

    A token that was exchanged before was stolen or copied: its whole family ends (RFC 9700, section 4.14.2). That has
    to be committed although the caller answers Unauthorized, so it is returned as an empty token and not raised.
    """
    family, _, secret = command.token.partition(".")
    row = lock_rows(SignIn.select().where(SignIn.family == family, SignIn.kind == API_SIGN_IN)).first()
    actor = find_actors([row.user_id]).get(row.user_id) if row is not None and row.is_open(uow.now) else None
    if actor is None:
        raise Unauthorized
    if not hmac.compare_digest(row.secret_hash, digest_secret(secret)):
        SignIn.update(ended_at=uow.now).where(SignIn.id == row.id).execute()
        return SignedIn(actor, "")
    fresh = secrets.token_urlsafe(32)
    SignIn.update(secret_hash=digest_secret(fresh), expires_at=uow.now + command.lifetime).where(
        SignIn.id == row.id
    ).execute()
    return SignedIn(actor, f"{family}.{fresh}")


def end_sign_in(uow: UnitOfWork, token: str) -> None:
    """Sign a device out. Raises Unauthorized for an invalid token."""
    row = find_sign_in(uow.now, token)
    if row is None:
        raise Unauthorized
    SignIn.update(ended_at=uow.now).where(SignIn.id == row.id).execute()


def set_account_active(uow: UnitOfWork, command: tuple[str, bool]) -> int:
    """Activate an account, or deactivate it at once: its sign-ins end and its sockets close. Raises NotFound.

    `command` is (e-mail, whether it is to be active). Returns the user id.
    """
    email, is_active = command
    user = User.get_or_none(User.email == email.strip().lower())
    if user is None:
        raise NotFound
    User.update(is_active=is_active).where(User.id == user.id).execute()
    if not is_active:
        SignIn.update(ended_at=uow.now).where(SignIn.user == user.id, SignIn.ended_at.is_null()).execute()
        uow.emit(
            ConnectionsEnded(code=CLOSE_REVOKED, reason="account deactivated"),
            channels=[channels.user_channel(user.id)],
        )
    return int(user.id)


def create_supervisor_account(uow: UnitOfWork, account: dict[str, str]) -> int:
    """Create the account of a supervisor and return its user id. Raises Conflict if the e-mail or document is taken.

    Raises Invalid for an e-mail address that no mail server can take.
    """
    if encode_email_address(account["email"]) is None:
        raise Invalid("Ese correo no es una dirección válida.")
    document = (User.document_type == account["document_type"]) & (User.document_number == account["document_number"])
    if User.select().where((User.email == account["email"]) | document).exists():
        raise Conflict("Ya hay una cuenta con ese correo o documento.")
    user = User.create(**account, created_at=uow.now)
    Supervisor.appoint(user, uow.now)
    return int(user.id)


def delete_expired_sign_ins(uow: UnitOfWork) -> None:
    """Delete expired throttles, and sign-ins that ended or expired 30 days ago. Running it twice is harmless."""
    SignInThrottle.delete().where(
        SignInThrottle.changed_at < uow.now - timedelta(seconds=2 * FAILURES_EXPIRE_AFTER_S)
    ).execute()
    long_ago = uow.now - timedelta(days=SIGN_INS_KEPT_DAYS)
    SignIn.delete().where((SignIn.expires_at < long_ago) | (SignIn.ended_at < long_ago)).execute()


def _blocked_until(now: datetime, failures_over_limit: int, first_wait_s: int) -> datetime | None:
    """Return until when to wait: each failure over the limit doubles the wait, up to 15 minutes."""
    return (
        now + timedelta(seconds=min(MAX_SIGN_IN_WAIT_S, first_wait_s * 2 ** min(failures_over_limit, 10)))
        if failures_over_limit >= 0
        else None
    )


def _reset_failures(attempt: SignInAttempt) -> None:
    """Delete the failures of the account and take one failure of the address back, after a correct password."""
    (account, _), (address, free_attempts) = _throttle_keys(attempt)
    SignInThrottle.delete().where(SignInThrottle.key == account).execute()
    SignInThrottle.update(failures=SignInThrottle.failures - 1).where(
        SignInThrottle.key == address, SignInThrottle.failures > 0
    ).execute()
    SignInThrottle.update(blocked_until=None).where(
        SignInThrottle.key == address, SignInThrottle.failures < free_attempts
    ).execute()


def _throttle_keys(attempt: SignInAttempt) -> list[tuple[str, int]]:
    """Return the digests of the account and of the address, each with the number of free attempts."""
    return [
        (digest_secret(f"account:{attempt.email}"), attempt.free_attempts),
        (digest_secret(f"address:{attempt.address}"), attempt.free_attempts * ADDRESS_FACTOR),
    ]
