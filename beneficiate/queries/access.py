"""The one policy of who may see and use a row, for HTTP and sockets alike.

`access_x` returns the row or raises NotFound: what belongs to somebody else does not exist.
"""

from dataclasses import fields
from typing import Protocol, TypeVar

from beneficiate.errors import Conflict, NotFound
from beneficiate.models.accounts import Agent, Supervisor, User
from beneficiate.models.chats import DIRECT, Chat
from beneficiate.models.erasures import ERASED, ERASING, Erasure
from beneficiate.unit_of_work import Actor, BatchItem
from beneficiate.views.access import ChatAccess

STAFF_ROLES = ("agent", "supervisor")
ERASED_SENTENCE = "Los datos de esta persona se borraron porque lo pidió: ya no se escribe nada sobre ella."
CHAT_ACCESS_COLUMNS = tuple(field.name for field in fields(ChatAccess))


class ChatCommand(Protocol):
    """A command about one chat."""

    @property
    def chat_id(self) -> int:
        """Return the id of the chat that the command is about."""


AnyChatCommand = TypeVar("AnyChatCommand", bound=ChatCommand)


def load_chats_for_access(chat_ids: set[int], *, lock: bool) -> dict[int, ChatAccess]:
    """Return the chats of these ids that exist, by id.

    With `lock` their rows are locked until the unit of work ends, in order of id, so that two processes never deadlock.
    """
    return {row[0]: ChatAccess(*row) for row in Chat.fetch_bulk(CHAT_ACCESS_COLUMNS, chat_ids, lock=lock)}


def access_chat_of_item(
    access_by_chat: dict[int, ChatAccess], item: BatchItem[AnyChatCommand]
) -> tuple[ChatAccess, bool]:
    """Return the chat of a batched command, and whether its actor is on the user's side. Raises NotFound."""
    access = access_by_chat.get(item.command.chat_id)
    if access is None:
        raise NotFound
    return access, access.is_user_side(item.actor)


def access_participant_chat(actor: Actor, chat_id: int, *, lock: bool = False) -> tuple[ChatAccess, bool]:
    """Return a chat that the actor takes part in, and whether on the user's side. Raises NotFound."""
    access = load_chats_for_access({chat_id}, lock=lock).get(chat_id)
    if access is None:
        raise NotFound
    return access, access.is_user_side(actor)


def access_readable_chat(actor: Actor, chat_id: int) -> ChatAccess:
    """Return a chat whose messages the actor may read. Raises NotFound."""
    access = load_chats_for_access({chat_id}, lock=False).get(chat_id)
    if access is None:
        raise NotFound
    require_readable(actor, access)
    return access


def require_readable(actor: Actor, access: ChatAccess) -> None:
    """Raise NotFound unless the actor may read the messages: of their own chats, for staff of any support chat."""
    if actor.role not in STAFF_ROLES or access.kind == DIRECT:
        access.is_user_side(actor)


def access_support_chat(actor: Actor, chat_id: int, *, lock: bool = False) -> ChatAccess:
    """Return a support chat for the staff, whichever agent has it. Raises NotFound for members and direct chats."""
    access = load_chats_for_access({chat_id}, lock=lock).get(chat_id)
    if access is None or access.kind == DIRECT or actor.role not in STAFF_ROLES:
        raise NotFound
    return access


def access_chat_to_write_about(actor: Actor, chat_id: int) -> ChatAccess:
    """Return a support chat, locked, about whose member the staff store something new.

    Raises NotFound as `access_support_chat` does, and Conflict when the member's data were erased, or are just now.
    """
    access = access_support_chat(actor, chat_id, lock=True)
    if is_erased(access.user_id):
        raise Conflict(ERASED_SENTENCE)
    return access


def is_erased(user_id: int) -> bool:
    """Return whether a member's data were erased, or are just now: nothing new is stored about them."""
    is_theirs = (Erasure.user == user_id) & Erasure.state.in_([ERASING, ERASED])
    return bool(Erasure.select(Erasure.id).where(is_theirs).exists())


def require_self_or_staff(actor: Actor, user_id: int) -> None:
    """Raise NotFound unless the actor is this person or staff."""
    if actor.user_id != user_id and actor.role not in STAFF_ROLES:
        raise NotFound


def is_staff(user_id: int) -> bool:
    """Return whether a person is an active agent or supervisor."""
    return any(
        table.select().join(User).where(table.user == user_id, table.status == "ACTIVE", User.is_active).exists()
        for table in (Agent, Supervisor)
    )


def require_supervisor(actor: Actor) -> None:
    """Raise NotFound unless the actor is a supervisor."""
    if actor.role != "supervisor":
        raise NotFound
