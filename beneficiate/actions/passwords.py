"""Passwords that are set again by a link, or changed: every other sign-in ends, and its person is told."""

from dataclasses import dataclass

from beneficiate.actions import account_emails, audit, sign_in_throttles, sign_ins
from beneficiate.actions.email_requests import count_email_request
from beneficiate.errors import Conflict
from beneficiate.models.account_emails import PASSWORD_CHANGED, RECOVERY
from beneficiate.models.accounts import User
from beneficiate.queries.account_links import find_open_link
from beneficiate.queries.accounts import find_actors
from beneficiate.unit_of_work import UnitOfWork

PASSWORD_HAS_CHANGED = "Su contraseña cambió mientras tanto. Escriba la de ahora."  # noqa: S105  a sentence


@dataclass(frozen=True, slots=True)
class RequestRecovery:
    """An address, in its normal form, that asks for a link, and the client's address."""

    email: str
    address: str


@dataclass(frozen=True, slots=True)
class ResetPassword:
    """The token of a link, and the hash of the password that its person has chosen."""

    token: str
    password_hash: str


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """The hash of the password that the actor has proved to know, that of the new one, and the cookie that stays."""

    present_hash: str
    password_hash: str
    kept_token: str


@dataclass(frozen=True, slots=True)
class ReplaceOldHash:
    """The hash of the old service that the password of an account has just matched, and a new one of that password."""

    user_id: int
    old_hash: str
    password_hash: str


def replace_old_hash(uow: UnitOfWork, command: ReplaceOldHash) -> bool:
    """Replace a hash of the old service by one of the same password; return whether it was still there.

    Nobody is told: the password stays what it was.
    """
    is_it = (User.id == command.user_id) & (User.password_hash == command.old_hash)
    return bool(User.update(password_hash=command.password_hash).where(is_it).execute())


def request_recovery(uow: UnitOfWork, command: RequestRecovery) -> None:
    """Ask for a link to set a password again, whether or not there is an account. Raises RateLimited."""
    count_email_request(uow, command.email, command.address)
    account_emails.queue_link(uow, RECOVERY, command.email)


def reset_password(uow: UnitOfWork, command: ResetPassword) -> int:
    """Set the password of whose link this is and return the user id; the link is used up. Raises NotFound.

    Every sign-in of theirs ends, everywhere, and failures of others to sign in count no more.
    """
    User.lock_rows([find_open_link(uow, RECOVERY, command.token).user_id])
    # Read again: of two who use the link at once, one finds it used up.
    user = find_open_link(uow, RECOVERY, command.token).user
    _set_password(uow, user, command.password_hash)
    sign_ins.end_all_sign_ins(uow, user.id)
    sign_in_throttles.forget_account_failures(uow, user.email)
    audit.record_act(uow, "accounts.reset_password", f"user:{user.id}", actor=find_actors([user.id])[user.id])
    return int(user.id)


def change_password(uow: UnitOfWork, command: ChangePassword) -> None:
    """Change the password of the actor; their other devices are signed out.

    Raises Conflict when it was changed meanwhile.
    """
    user = lock_verified_account(uow, command.present_hash)
    sign_ins.sign_out_other_devices(uow, command.kept_token)
    _set_password(uow, user, command.password_hash)
    audit.record_act(uow, "accounts.change_password", f"user:{user.id}")


def lock_verified_account(uow: UnitOfWork, present_hash: str) -> User:
    """Return the account of the actor, locked, whose password was verified against this hash before.

    Raises Conflict when it was changed meanwhile: to verify takes long, and the change has ended other sign-ins.
    """
    User.lock_rows([uow.actor.user_id])
    user: User = User.get_by_id(uow.actor.user_id)
    if user.password_hash != present_hash:
        raise Conflict(PASSWORD_HAS_CHANGED)
    return user


def _set_password(uow: UnitOfWork, user: User, password_hash: str) -> None:
    User.update(password_hash=password_hash).where(User.id == user.id).execute()
    account_emails.void_links(user.id)
    account_emails.queue_notice(uow, PASSWORD_CHANGED, user.id, user.email)
