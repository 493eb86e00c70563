"""Where a person is signed in: one device or all others are signed out from any of them."""

from dataclasses import dataclass
from typing import Any

from beneficiate.errors import NotFound
from beneficiate.models.people import SignIn
from beneficiate.protocol import topics
from beneficiate.protocol.events import SessionsEnded
from beneficiate.queries.mine import is_of
from beneficiate.store import Work

TOKEN_EXPIRED = 4401


@dataclass(frozen=True, slots=True)
class EndDevice:
    """A device to sign out; `token` is the cookie of the one that asks."""

    sign_in_id: int
    token: str


def end(work: Work, command: EndDevice) -> bool:
    """Sign one of one's own devices out, and tell whether it is the one that asks. Raises NotFound.

    One that has ended already stays as it is: two tabs may show it.
    """
    row = SignIn.get_or_none(SignIn.id == command.sign_in_id, SignIn.user == work.actor.user_id)
    if row is None:
        raise NotFound("No encontramos ese dispositivo.")
    _end(work, [SignIn.id == row.id])
    return is_of(row, command.token)


def end_others(work: Work, token: str) -> None:
    """Sign out every device but the one with this cookie."""
    mine = [row.id for row in SignIn.select().where(SignIn.user == work.actor.user_id) if is_of(row, token)]
    _end(work, [SignIn.id.not_in(mine)])


def _end(work: Work, which: list[Any]) -> None:
    """A socket does not know its device, so all of this person's are closed as if their token had ended: who is still
    signed in fetches another one and is back within a second, with what was missed; who is not, gets none."""
    is_open = (SignIn.user == work.actor.user_id) & SignIn.ended_at.is_null()
    if SignIn.update(ended_at=work.now).where(is_open, *which).execute():
        work.emit(SessionsEnded(code=TOKEN_EXPIRED, reason="signed out"), to=[topics.user(work.actor.user_id)])
