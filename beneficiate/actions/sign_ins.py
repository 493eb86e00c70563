"""Sign-ins: how they start, are refreshed and end. One that ends takes its tokens and connections with it, everywhere.

Tokens are opaque strings `family.secret`, of which only a digest is stored. Access tokens carry the id of the sign-in.
"""

import hmac
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import Expression

from beneficiate.actions import account_emails, audit, presence, quotas
from beneficiate.errors import AlreadyRefreshed, NotFound, Unauthorized
from beneficiate.models.account_emails import NEW_DEVICE
from beneficiate.models.accounts import API_SIGN_IN, SignIn, User, UserConnection
from beneficiate.models.base import lock_rows
from beneficiate.models.notices import PushSubscription
from beneficiate.models.second_factors import SignInChallenge
from beneficiate.protocol import channels
from beneficiate.protocol.close_codes import CLOSE_REVOKED, CLOSE_TOKEN_EXPIRED
from beneficiate.protocol.events import ConnectionsEnded
from beneficiate.queries.access import STAFF_ROLES
from beneficiate.queries.account_page import is_token_of_sign_in
from beneficiate.queries.accounts import digest_secret, find_actors
from beneficiate.queries.second_factors import find_second_step
from beneficiate.unit_of_work import Actor, UnitOfWork

_SIGNED_OUT = ConnectionsEnded(code=CLOSE_TOKEN_EXPIRED, reason="signed out")
REUSE_INTERVAL = timedelta(seconds=5)
"""For so long a second exchange of one refresh token by the same device counts as a race of its windows, not as theft.

The two requests leave within a second; 5 s allow for one that waits for a lock of the database (3 s).
"""


@dataclass(frozen=True, slots=True)
class StartSignIn:
    """A sign-in whose password was right: `kind` is `api` or `page`.

    A page session that `is_remembered` on the device does not end because it is unused. `has_second_step` says that the
    second step was done too. Of a sign-in on a device that `is_new` to the account its person is told. With
    `password_hash` the password was verified, before this unit of work.
    """

    user_id: int
    kind: str
    is_remembered: bool = False
    has_second_step: bool = False
    is_new: bool = False
    password_hash: str = ""


@dataclass(frozen=True, slots=True)
class RefreshSignIn:
    """A refresh token to exchange for a new one.

    `next_secret` is the secret of the new one, at least 128 random bits, when the client chooses it. `device` is the
    network and the browser that ask, as far as a request tells.
    """

    token: str
    next_secret: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True)
class ExtendPageSession:
    """A page session that is used, and until when it is to last."""

    sign_in_id: int
    until: datetime


@dataclass(frozen=True, slots=True)
class SignOutDevice:
    """A device to sign out; `token` is the cookie of the requesting device."""

    sign_in_id: int
    token: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signed in, the id of the sign-in and its new token; an empty token when the sign-in ended instead."""

    actor: Actor
    sign_in_id: int
    token: str


def start_sign_in(uow: UnitOfWork, command: StartSignIn) -> SignedIn:
    """Create a sign-in after the password was verified; the oldest ones beyond the limit of a person end.

    Raises Unauthorized if the account is no longer active or needs a second step that was not done, RateLimited after
    too many sign-ins in an hour.
    """
    actor = find_actors([command.user_id]).get(command.user_id)
    if actor is None or (find_second_step(uow, actor) and not command.has_second_step):
        raise Unauthorized
    User.lock_rows([actor.user_id])
    quotas.consume_quota(uow, uow.rules.quotas.sign_ins, actor=actor)
    _end_oldest_sign_ins(uow, actor.user_id)
    family, secret = str(uuid.uuid4()), secrets.token_urlsafe(32)
    row = SignIn.create(
        family=family,
        user=actor.user_id,
        kind=command.kind,
        secret_hash=digest_secret(secret),
        created_at=uow.now,
        expires_at=_first_end(uow, command, actor),
    )
    if command.is_new:
        account_emails.queue_notice(uow, NEW_DEVICE, actor.user_id)
    if actor.role in STAFF_ROLES:
        changes = {"kind": (None, command.kind)}
        audit.record_act(uow, "accounts.sign_in", f"user:{actor.user_id}", changes=changes, actor=actor)
    return SignedIn(actor, row.id, f"{family}.{secret}")


def refresh_sign_in(uow: UnitOfWork, command: RefreshSignIn) -> SignedIn:
    """Exchange a refresh token for a new one; the old one becomes invalid. Raises Unauthorized, AlreadyRefreshed.

    No refresh goes beyond the longest life of the sign-in.

    A token that was exchanged before was stolen or copied: its whole family ends (RFC 9700, section 4.14.2). That has
    to be committed although the caller answers Unauthorized, so it is returned as an empty token and not raised.
    Whoever knows the secret of the new token has only lost the answer, and gets it again. Another window of the device
    that has just exchanged it gets nothing, and ends nothing.
    """
    row = _lock_sign_in(uow, command.token)
    actor = find_actors([row.user_id]).get(row.user_id) if row is not None and row.kind == API_SIGN_IN else None
    if row is None or actor is None:
        raise Unauthorized
    fresh = command.next_secret or secrets.token_urlsafe(32)
    fresh_token = f"{row.family}.{fresh}"
    if not _has_secret(row, command.token):
        if command.next_secret and _has_secret(row, fresh_token):
            return SignedIn(actor, row.id, fresh_token)
        if _has_just_exchanged(uow, row, command):
            raise AlreadyRefreshed
        _end_sign_ins(uow, row.user_id, SignIn.id == row.id)
        return SignedIn(actor, row.id, "")
    ends_at = uow.rules.sign_ins.find_api_end(row.created_at, uow.now, is_member=actor.role not in STAFF_ROLES)
    if ends_at <= uow.now:
        raise Unauthorized
    SignIn.update(
        secret_hash=digest_secret(fresh),
        exchanged_hash=_digest_exchange(command),
        exchanged_at=uow.now,
        expires_at=ends_at,
    ).where(SignIn.id == row.id).execute()
    return SignedIn(actor, row.id, fresh_token)


def extend_page_session(uow: UnitOfWork, command: ExtendPageSession) -> None:
    """Let a page session that is used last longer. One that has ended stays so."""
    is_open = SignIn.ended_at.is_null() & (SignIn.expires_at > uow.now) & (SignIn.expires_at < command.until)
    SignIn.update(expires_at=command.until).where(SignIn.id == command.sign_in_id, is_open).execute()


def end_sign_in(uow: UnitOfWork, token: str) -> int:
    """Sign a device out and return the user id. Raises Unauthorized for an invalid token.

    A refresh token that was exchanged before ends its family here too: whoever signs out means it.
    """
    row = _lock_sign_in(uow, token)
    if row is None or not (row.kind == API_SIGN_IN or _has_secret(row, token)):
        raise Unauthorized
    _end_sign_ins(uow, row.user_id, SignIn.id == row.id)
    return int(row.user_id)


def sign_out_device(uow: UnitOfWork, command: SignOutDevice) -> bool:
    """Sign out one of the actor's devices and return whether it is the requesting one. Raises NotFound.

    A device that is signed out already stays as it is: two tabs may show it.
    """
    User.lock_rows([uow.actor.user_id])
    row = SignIn.get_or_none(SignIn.id == command.sign_in_id, SignIn.user == uow.actor.user_id)
    if row is None:
        raise NotFound("No encontramos ese dispositivo.")
    _end_sign_ins(uow, uow.actor.user_id, SignIn.id == row.id)
    return is_token_of_sign_in(row, command.token)


def sign_out_other_devices(uow: UnitOfWork, token: str) -> None:
    """Sign out every device of the actor but the one with this cookie, and end the tokens of the old service."""
    end_other_sign_ins(uow, uow.actor.user_id, token)


def end_other_sign_ins(uow: UnitOfWork, user_id: int, token: str) -> None:
    """End every sign-in of a user but the one of this token, and the tokens of the old service."""
    User.lock_rows([user_id])
    kept_ids = [row.id for row in SignIn.select().where(SignIn.user == user_id) if is_token_of_sign_in(row, token)]
    _end_sign_ins(uow, user_id, SignIn.id.not_in(kept_ids))
    _end_what_is_unlisted(uow, user_id)


def revoke_sign_ins(uow: UnitOfWork, user_id: int, reason: str) -> None:
    """End every sign-in of a user as `end_all_sign_ins` does; connections end because something was taken from them."""
    # Before the sign-ins end: the first code is the one that a connection is closed with.
    uow.emit(ConnectionsEnded(code=CLOSE_REVOKED, reason=reason), channels=[channels.user_channel(user_id)])
    end_all_sign_ins(uow, user_id)


def end_all_sign_ins(uow: UnitOfWork, user_id: int) -> None:
    """End every sign-in of a user, and the tokens of the old service. The caller holds the user's row."""
    _end_sign_ins(uow, user_id, SignIn.user == user_id)
    _end_what_is_unlisted(uow, user_id)


def delete_expired_challenges(uow: UnitOfWork) -> None:
    """Delete expired challenges of a second factor. Running it twice is harmless."""
    SignInChallenge.delete().where(SignInChallenge.expires_at < uow.now).execute()


def _first_end(uow: UnitOfWork, command: StartSignIn, actor: Actor) -> datetime:
    """Return when a new sign-in ends unless it is used."""
    lifetimes = uow.rules.sign_ins
    if command.kind == API_SIGN_IN:
        return lifetimes.find_api_end(uow.now, uow.now, is_member=actor.role not in STAFF_ROLES)
    return uow.now + lifetimes.session if command.is_remembered else lifetimes.find_page_end(uow.now, uow.now)


def _lock_sign_in(uow: UnitOfWork, token: str) -> SignIn | None:
    """Return the open sign-in of a token's family, whatever its secret, with its user's row locked, or None."""
    family = token.partition(".")[0]
    is_it = SignIn.family == family
    user_id = None if "\0" in family else SignIn.select(SignIn.user).where(is_it).tuples().first()
    if user_id is None:
        return None
    User.lock_rows(user_id)
    row = lock_rows(SignIn.select().where(is_it)).first()
    return row if row is not None and row.is_open(uow.now) else None


def _has_secret(row: SignIn, token: str) -> bool:
    return hmac.compare_digest(row.secret_hash, digest_secret(token.partition(".")[2]))


def _has_just_exchanged(uow: UnitOfWork, row: SignIn, command: RefreshSignIn) -> bool:
    """Return whether the token of this command is the one that was exchanged last, just now and by the same device."""
    is_recent = row.exchanged_at is not None and uow.now - row.exchanged_at < REUSE_INTERVAL
    return is_recent and hmac.compare_digest(row.exchanged_hash, _digest_exchange(command))


def _digest_exchange(command: RefreshSignIn) -> str:
    """Return one digest of the secret and the device: without the secret nobody can find out which device it was."""
    return digest_secret(f"{command.token.partition('.')[2]} {command.device}")


def _end_sign_ins(uow: UnitOfWork, user_id: int, condition: Expression) -> None:
    """End the open sign-ins of a user that match, and close their connections in every process.

    The caller holds the user's row, under which connections are registered.
    """
    # Also of those that have expired by themselves, which nobody could end any more.
    matching = SignIn.select(SignIn.id).where(SignIn.user == user_id, condition)
    PushSubscription.delete().where(PushSubscription.user == user_id, PushSubscription.sign_in.in_(matching)).execute()
    is_open = (SignIn.user == user_id) & SignIn.ended_at.is_null() & condition
    ended_ids = [sign_in_id for (sign_in_id,) in SignIn.select(SignIn.id).where(is_open).order_by(SignIn.id).tuples()]
    if not ended_ids:
        return
    SignIn.update(ended_at=uow.now).where(SignIn.id.in_(ended_ids)).execute()
    uow.emit(_SIGNED_OUT, channels=[channels.sign_in_channel(sign_in_id) for sign_in_id in ended_ids])
    presence.drop_connections(uow, user_id, UserConnection.sign_in.in_(ended_ids))
    _record_end(uow, user_id, len(ended_ids))


def _record_end(uow: UnitOfWork, user_id: int, count: int) -> None:
    """Record that sign-ins of one of the staff have ended: by whoever acts or, at a sign-out, by themselves."""
    staff = find_actors([user_id]).get(user_id)
    if staff is not None and staff.role in STAFF_ROLES:
        actor = uow.actor if uow.actor.role in STAFF_ROLES else None
        changes = {"sign_ins": (count, 0)}
        audit.record_act(uow, "accounts.sign_out", f"user:{user_id}", changes=changes, actor=actor or staff)


def _end_oldest_sign_ins(uow: UnitOfWork, user_id: int) -> None:
    """End the oldest open sign-ins of a user, so that one more fits."""
    is_open = (SignIn.user == user_id) & SignIn.ended_at.is_null() & (SignIn.expires_at > uow.now)
    kept = SignIn.select(SignIn.id).where(is_open).order_by(SignIn.id.desc()).limit(uow.rules.quotas.open_sign_ins - 1)
    kept_ids = [sign_in_id for (sign_in_id,) in kept.tuples()]
    _end_sign_ins(uow, user_id, SignIn.id.not_in(kept_ids) & (SignIn.expires_at > uow.now))


def _end_what_is_unlisted(uow: UnitOfWork, user_id: int) -> None:
    """End what has no sign-in: tokens of the old service, those that wait for a second step, and their connections."""
    User.update(tokens_valid_after=uow.now).where(User.id == user_id).execute()
    SignInChallenge.delete().where(SignInChallenge.user == user_id).execute()
    is_unlisted = UserConnection.sign_in.is_null()
    if not UserConnection.select(UserConnection.id).where(UserConnection.user == user_id, is_unlisted).exists():
        return
    uow.emit(_SIGNED_OUT, channels=[channels.unlisted_channel(user_id)])
    presence.drop_connections(uow, user_id, is_unlisted)
