"""The address and the telephone number of an account, changed by its person."""

from dataclasses import dataclass

from beneficiate.actions import account_emails, audit, quotas
from beneficiate.actions.email_requests import count_email_request
from beneficiate.actions.member_changes import emit_member_changed
from beneficiate.actions.passwords import lock_verified_account
from beneficiate.actions.registrations import NEW_ACCOUNT_LOCK
from beneficiate.errors import Conflict
from beneficiate.models.account_emails import NEW_ADDRESS
from beneficiate.models.accounts import User
from beneficiate.models.base import lock_number
from beneficiate.queries.account_links import find_open_link
from beneficiate.queries.accounts import find_actors
from beneficiate.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class RequestAddress:
    """The new address of the actor, in its normal form, the client's address, and the hash that the password had."""

    email: str
    address: str
    present_hash: str


def request_address(uow: UnitOfWork, command: RequestAddress) -> None:
    """Ask for the link that confirms a new address, whether or not another account has it.

    Raises RateLimited, and Conflict when the password was changed meanwhile: that voids what was asked for before.
    """
    lock_verified_account(uow, command.present_hash)
    count_email_request(uow, command.email, command.address)
    account_emails.queue_link(uow, NEW_ADDRESS, command.email, user=uow.actor.user_id)


def confirm_address(uow: UnitOfWork, token: str) -> int:
    """Change the address of whose link this is and return the user id; both addresses are told, the link is used up.

    Raises NotFound, and Conflict when another account has got the address meanwhile.
    """
    lock_number(NEW_ACCOUNT_LOCK)
    User.lock_rows([find_open_link(uow, NEW_ADDRESS, token).user_id])
    # Read again: of two who use the link at once, one finds it used up.
    link = find_open_link(uow, NEW_ADDRESS, token)
    user = link.user
    if User.select().where(User.email == link.email).exists():
        raise Conflict("Ese correo ya es de otra cuenta.")
    User.update(email=link.email).where(User.id == user.id).execute()
    account_emails.announce_address(uow, user.id, user.email, link.email)
    emit_member_changed(uow, user.id)
    audit.record_act(uow, "accounts.change_email", f"user:{user.id}", actor=find_actors([user.id])[user.id])
    return int(user.id)


def change_phone(uow: UnitOfWork, phone: str) -> None:
    """Change the telephone number of the actor, in its form of E.164. Raises RateLimited."""
    user_id = uow.actor.user_id
    User.lock_rows([user_id])
    quotas.consume_quota(uow, uow.rules.quotas.contact_changes)
    User.update(phone=phone).where(User.id == user_id).execute()
    emit_member_changed(uow, user_id)
    audit.record_act(uow, "accounts.change_phone", f"user:{user_id}")
