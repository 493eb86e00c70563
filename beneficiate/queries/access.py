"""The one policy of who may see and use a row, for HTTP and sockets alike.

`access_x` returns the row or raises NotFound: what is somebody else's does not exist.
"""

from dataclasses import dataclass
from typing import Any

from beneficiate.errors import NotFound
from beneficiate.models.accounts import Agent, Supervisor, User
from beneficiate.models.chats import DIRECT, Chat
from beneficiate.protocol import channels
from beneficiate.unit_of_work import Actor, BatchItem

STAFF_ROLES = ("agent", "supervisor")


@dataclass(slots=True)
class ChatAccess:
    """A chat as one needs it to act in it: its columns and who sits on the other side."""

    id: int
    kind: str
    status: str
    user_id: int
    agent_id: int | None
    peer_id: int | None
    last_seq: int
    user_delivered_seq: int
    user_read_seq: int
    other_delivered_seq: int
    other_read_seq: int

    def is_user_side(self, actor: Actor) -> bool:
        """Whether the actor sits on the chat's `user` side (or else on the other). Raises NotFound for anybody else."""
        if self.user_id == actor.user_id:
            return True
        if not self.is_participant(actor):
            raise NotFound
        return False

    def is_participant(self, actor: Actor) -> bool:
        """Whether the actor takes part in the chat at all."""
        if self.user_id == actor.user_id:
            return True
        return (
            self.peer_id == actor.user_id
            if self.kind == DIRECT
            else (self.agent_id is not None and self.agent_id == actor.agent_id)
        )

    def delivered_seq(self, is_user_side: bool) -> int:
        return self.user_delivered_seq if is_user_side else self.other_delivered_seq

    def read_seq(self, is_user_side: bool) -> int:
        return self.user_read_seq if is_user_side else self.other_read_seq

    def channels_of_other_side(self, is_user_side: bool) -> tuple[str, ...]:
        """The topic of the side across from this one; none, while nobody has the chat."""
        return self._other_side_channels() if is_user_side else (channels.user_channel(self.user_id),)

    @property
    def viewer_channels(self) -> tuple[str, ...]:
        """The topic of the staff who look at a support chat; a direct one is nobody else's."""
        return () if self.kind == DIRECT else (channels.chat_viewers_channel(self.id),)

    @property
    def message_channels(self) -> tuple[str, ...]:
        """Both sides, and whoever looks on."""
        return (
            self.participant_channels
            if self.kind == DIRECT
            else (*self.participant_channels, channels.watched_chat_channel(self.id))
        )

    @property
    def participant_channels(self) -> tuple[str, ...]:
        """The topics of both sides; one, while nobody has the chat."""
        return (channels.user_channel(self.user_id), *self._other_side_channels())

    def _other_side_channels(self) -> tuple[str, ...]:
        if self.peer_id is not None:
            return (channels.user_channel(self.peer_id),)
        return () if self.agent_id is None else (channels.agent_channel(self.agent_id),)


_CHAT_ACCESS_COLUMNS = (
    "id",
    "kind",
    "status",
    "user_id",
    "agent_id",
    "peer_id",
    "last_seq",
    "user_delivered_seq",
    "user_read_seq",
    "other_delivered_seq",
    "other_read_seq",
)


def load_chats_for_access(chat_ids: set[int], *, lock: bool) -> dict[int, ChatAccess]:
    """The chats of these ids that exist. With `lock`, their rows are held until the unit ends, taken in order of id so
    that two processes never wait for each other."""
    return {row[0]: ChatAccess(*row) for row in Chat.fetch_bulk(_CHAT_ACCESS_COLUMNS, chat_ids, lock=lock)}


def access_chat_of_item(access_by_chat: dict[int, ChatAccess], item: BatchItem[Any]) -> tuple[ChatAccess, bool]:
    """The chat that an order is about and whether its actor is on the user's side. Raises NotFound."""
    access = access_by_chat.get(item.command.chat_id)
    if access is None:
        raise NotFound
    return access, access.is_user_side(item.actor)


def access_participant_chat(actor: Actor, chat_id: int, *, lock: bool = False) -> tuple[ChatAccess, bool]:
    """A chat that the actor takes part in, and whether on the user's side. Raises NotFound."""
    access = load_chats_for_access({chat_id}, lock=lock).get(chat_id)
    if access is None:
        raise NotFound
    return access, access.is_user_side(actor)


def access_readable_chat(actor: Actor, chat_id: int) -> ChatAccess:
    """A chat whose lines the actor may read: one's own, or for staff any support chat. Raises NotFound."""
    access = load_chats_for_access({chat_id}, lock=False).get(chat_id)
    if access is None:
        raise NotFound
    if not (actor.role in STAFF_ROLES and access.kind != DIRECT):
        access.is_user_side(actor)
    return access


def access_support_chat(actor: Actor, chat_id: int, *, lock: bool = False) -> ChatAccess:
    """A support chat as the staff works on it, whoever has it. Raises NotFound for members, and for direct chats."""
    access = load_chats_for_access({chat_id}, lock=lock).get(chat_id)
    if access is None or access.kind == DIRECT or actor.role not in STAFF_ROLES:
        raise NotFound
    return access


def require_self_or_staff(actor: Actor, user_id: int) -> None:
    """Raises NotFound unless the actor is this person or staff."""
    if actor.user_id != user_id and actor.role not in STAFF_ROLES:
        raise NotFound


def is_staff(user_id: int) -> bool:
    """Whether a person is an active agent or supervisor."""
    return any(
        table.select().join(User).where(table.user == user_id, table.status == "ACTIVE", User.is_active).exists()
        for table in (Agent, Supervisor)
    )


def require_supervisor(actor: Actor) -> None:
    """Raises NotFound unless the actor is a supervisor."""
    if actor.role != "supervisor":
        raise NotFound
