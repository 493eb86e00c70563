"""Browsers that take pushes for a person: added by their page, replaced by the browser, gone with their sign-in."""

from dataclasses import dataclass

from beneficiate.actions import quotas
from beneficiate.errors import Invalid, NotFound, Unauthorized
from beneficiate.models.accounts import SignIn, User
from beneficiate.models.notices import PushSubscription
from beneficiate.push_keys import decode_base64url, load_public_point
from beneficiate.queries.accounts import digest_secret
from beneficiate.unit_of_work import UnitOfWork

MAX_BROWSERS = 10
"""Of a person; the oldest ones end."""
AUTH_BYTES = 16


@dataclass(frozen=True, slots=True)
class PushTarget:
    """Where a browser takes pushes, and the keys that they are encrypted with (RFC 8291)."""

    endpoint: str
    p256dh: str
    auth: str


@dataclass(frozen=True, slots=True)
class AddPushSubscription:
    """A browser takes pushes for the actor, as long as this sign-in."""

    target: PushTarget
    sign_in_id: int


@dataclass(frozen=True, slots=True)
class ReplacePushSubscription:
    """A browser has another address: who knows the old one, which is secret, may replace it."""

    old_endpoint: str
    target: PushTarget


def add_push_subscription(uow: UnitOfWork, command: AddPushSubscription) -> None:
    """Store a browser, or that it belongs to the actor and this sign-in from now on.

    Raises Invalid for keys that are none, RateLimited, Unauthorized when the sign-in has ended meanwhile.
    """
    target = command.target
    _require_keys(target)
    User.lock_rows([uow.actor.user_id])
    sign_in = SignIn.get_or_none(SignIn.id == command.sign_in_id, SignIn.user == uow.actor.user_id)
    if sign_in is None or not sign_in.is_open(uow.now):
        raise Unauthorized
    columns = _columns(target)
    known = PushSubscription.get_or_none(PushSubscription.endpoint_hash == columns["endpoint_hash"])
    if known is not None and known.user_id == uow.actor.user_id:
        changes = {**columns, "sign_in_id": command.sign_in_id}
        if any(getattr(known, name) != value for name, value in changes.items()):
            PushSubscription.update(**columns, sign_in=command.sign_in_id).where(
                PushSubscription.id == known.id
            ).execute()
        return
    quotas.consume_quota(uow, uow.rules.quotas.notice_changes)
    # What was on its way to whoever used the browser before is not for the actor.
    PushSubscription.delete().where(PushSubscription.endpoint_hash == columns["endpoint_hash"]).execute()
    PushSubscription.create(user=uow.actor.user_id, sign_in=command.sign_in_id, created_at=uow.now, **columns)
    _remove_oldest(uow.actor.user_id)


def replace_push_subscription(uow: UnitOfWork, command: ReplacePushSubscription) -> None:
    """Give a browser its new address and keys. Raises NotFound when the old address is not known, Invalid."""
    _require_keys(command.target)
    is_old = PushSubscription.endpoint_hash == digest_secret(command.old_endpoint)
    row = PushSubscription.get_or_none(is_old)
    if row is None:
        raise NotFound
    columns = _columns(command.target)
    taken = (PushSubscription.endpoint_hash == columns["endpoint_hash"]) & (PushSubscription.id != row.id)
    PushSubscription.delete().where(taken).execute()
    PushSubscription.update(columns).where(PushSubscription.id == row.id).execute()


def remove_push_endpoint(uow: UnitOfWork, endpoint: str) -> None:
    """Send the actor no more pushes to a browser; one that takes none for them changes nothing."""
    is_it = PushSubscription.endpoint_hash == digest_secret(endpoint)
    PushSubscription.delete().where(is_it, PushSubscription.user == uow.actor.user_id).execute()


def remove_push_subscription(uow: UnitOfWork, subscription_id: int) -> None:
    """Send the actor no more pushes to one of their browsers; one that is not theirs (any more) changes nothing."""
    is_it = PushSubscription.id == subscription_id
    PushSubscription.delete().where(is_it, PushSubscription.user == uow.actor.user_id).execute()


def _remove_oldest(user_id: int) -> None:
    own = PushSubscription.select(PushSubscription.id).where(PushSubscription.user == user_id)
    kept_ids = [one for (one,) in own.order_by(PushSubscription.id.desc()).limit(MAX_BROWSERS).tuples()]
    PushSubscription.delete().where(PushSubscription.user == user_id, PushSubscription.id.not_in(kept_ids)).execute()


def _columns(target: PushTarget) -> dict[str, object]:
    return {
        "endpoint": target.endpoint,
        "endpoint_hash": digest_secret(target.endpoint),
        "p256dh": target.p256dh,
        "auth": target.auth,
    }


def _require_keys(target: PushTarget) -> None:
    try:
        load_public_point(target.p256dh)
        decode_base64url(target.auth, AUTH_BYTES)
    except ValueError as problem:
        raise Invalid from problem
