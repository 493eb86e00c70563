"""The devices on which a person is signed in: sign out one of them, or all others."""

from dataclasses import dataclass

from peewee import Expression

from beneficiate.errors import NotFound
from beneficiate.models.accounts import SignIn
from beneficiate.protocol import channels
from beneficiate.protocol.close_codes import CLOSE_TOKEN_EXPIRED
from beneficiate.protocol.events import ConnectionsEnded
from beneficiate.queries.account_page import is_token_of_sign_in
from beneficiate.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class SignOutDevice:
    """A device to sign out; `token` is the cookie of the requesting device."""

    sign_in_id: int
    token: str


def sign_out_device(uow: UnitOfWork, command: SignOutDevice) -> bool:
    """Sign out one of the actor's devices and return whether it is the requesting one. Raises NotFound.

    A device that is signed out already stays as it is: two tabs may show it.
    """
    row = SignIn.get_or_none(SignIn.id == command.sign_in_id, SignIn.user == uow.actor.user_id)
    if row is None:
        raise NotFound("No encontramos ese dispositivo.")
    _end_sign_ins(uow, [SignIn.id == row.id])
    return is_token_of_sign_in(row, command.token)


def sign_out_other_devices(uow: UnitOfWork, token: str) -> None:
    """Sign out every device of the actor but the one with this cookie."""
    kept_ids = [
        row.id for row in SignIn.select().where(SignIn.user == uow.actor.user_id) if is_token_of_sign_in(row, token)
    ]
    _end_sign_ins(uow, [SignIn.id.not_in(kept_ids)])


def _end_sign_ins(uow: UnitOfWork, conditions: list[Expression]) -> None:
    """End the sign-ins that match and close all WebSocket connections of the actor.

    A connection does not know its device, so all are closed as if their token had expired: a device that is still
    signed in fetches another token and resumes within a second, the others get none.
    """
    is_open = (SignIn.user == uow.actor.user_id) & SignIn.ended_at.is_null()
    if SignIn.update(ended_at=uow.now).where(is_open, *conditions).execute():
        uow.emit(
            ConnectionsEnded(code=CLOSE_TOKEN_EXPIRED, reason="signed out"),
            channels=[channels.user_channel(uow.actor.user_id)],
        )
