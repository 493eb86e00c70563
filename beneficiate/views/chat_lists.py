"""Chats in the lists of the desk."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, TypedDict

import msgspec

from beneficiate.models.chats import ACTIVE, CLOSED, DIRECT, WAITING
from beneficiate.protocol.desk_tools import PersonName
from beneficiate.protocol.envelope import Id, Seq
from beneficiate.unit_of_work import Actor
from beneficiate.views.access import ChatAccess
from beneficiate.views.avatars import avatar_color, initials_of
from beneficiate.views.deadlines import ChatDeadline
from beneficiate.views.master_detail import EmptyText, TabTexts
from beneficiate.views.pages import PageView
from beneficiate.views.people import build_person_name


class DeskChat(msgspec.Struct, frozen=True, kw_only=True):
    """A chat in a list of the desk. `user` is the member; of a chat with a colleague, the colleague.

    `unread` is of the staff's side, `awaiting_since` is since when the member waits for an answer, in the queue too.
    `deadline` is what has to be kept first of what the member was promised.
    `agent` is who has it, by the user id; `last_line` has at most 200 characters, and none of the chats of others.
    """

    id: Id
    kind: str
    status: str
    user: PersonName
    is_online: bool
    agent: PersonName | None
    agent_id: Id | None
    topic: str | None
    last_line: str
    last_seq: Seq
    updated_at: datetime
    unread: int
    awaiting_since: datetime | None
    tags: list[str]
    deadline: ChatDeadline | None = None


class DeskChatPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a list, how many chats each list has, and what to ask for as `before` to go on: none at its end.

    A count of 1000 means that many or more.
    """

    conversations: list[DeskChat]
    counts: dict[str, int]
    before: str | None


class TagCount(msgspec.Struct, frozen=True, kw_only=True):
    """A tag and how many chats have it."""

    name: str
    chats: int


class DeskChatColumns(TypedDict):
    """A row of a chat for the desk of one person, with its people and topic.

    The names of the agent and the peer are None in chats without one. `last_is_own`: that person wrote its last
    message, at `last_line_at`, None without one.
    """

    id: int
    kind: str
    status: str
    user_id: int
    peer_id: int | None
    agent_id: int | None
    is_front: bool
    updated_at: datetime
    closed_at: datetime | None
    awaiting_since: datetime | None
    last_seq: int
    last_line: str
    user_unread: int
    other_unread: int
    user_delivered_seq: int
    user_read_seq: int
    other_delivered_seq: int
    other_read_seq: int
    topic_code: str | None
    topic_name: str | None
    user_first_name: str
    user_last_name: str
    user_is_online: bool
    peer_first_name: str
    peer_last_name: str
    peer_is_online: bool
    agent_user_id: int | None
    agent_first_name: str
    agent_last_name: str
    last_is_own: bool
    last_line_at: datetime | str | None
    is_answered: bool
    resolution_used_s: int
    response_due_at: datetime | None
    response_warn_at: datetime | None
    resolution_due_at: datetime | None
    resolution_warn_at: datetime | None
    alarm_at: datetime | None
    first_response_s: int | None
    next_response_s: int | None
    resolution_s: int | None
    warn_s: int | None


def nearest_due_at(row: DeskChatColumns) -> datetime | None:
    """Return when the first promise of a chat has to be kept; None without any."""
    return min((at for at in (row["response_due_at"], row["resolution_due_at"]) if at is not None), default=None)


def serialize_desk_chat(row: DeskChatColumns, actor: Actor, tags: list[str], deadline: ChatDeadline | None) -> DeskChat:
    """Return a chat as the desk of the actor lists it."""
    peer_id = row["peer_id"]
    is_user_side = row["kind"] == DIRECT and row["user_id"] == actor.user_id
    user = build_person_name(row["user_id"], row["user_first_name"], row["user_last_name"])
    is_online = row["user_is_online"]
    if is_user_side and peer_id is not None:
        user = build_person_name(peer_id, row["peer_first_name"], row["peer_last_name"])
        is_online = row["peer_is_online"]
    return DeskChat(
        id=row["id"],
        kind=row["kind"],
        status=row["status"],
        user=user,
        is_online=bool(is_online),
        agent=_build_agent_name(row),
        agent_id=row["agent_id"],
        topic=row["topic_code"],
        last_line=row["last_line"],
        last_seq=row["last_seq"],
        updated_at=row["updated_at"],
        unread=row["user_unread" if is_user_side else "other_unread"],
        awaiting_since=row["awaiting_since"],
        tags=tags,
        deadline=deadline,
    )


def build_chat_access(row: DeskChatColumns) -> ChatAccess:
    """Return what decides the access to a chat."""
    return ChatAccess(
        id=row["id"],
        kind=row["kind"],
        status=row["status"],
        user_id=row["user_id"],
        agent_id=row["agent_id"],
        peer_id=row["peer_id"],
        last_seq=row["last_seq"],
        user_delivered_seq=row["user_delivered_seq"],
        user_read_seq=row["user_read_seq"],
        other_delivered_seq=row["other_delivered_seq"],
        other_read_seq=row["other_read_seq"],
    )


def _build_agent_name(row: DeskChatColumns) -> PersonName | None:
    if row["agent_user_id"] is None:
        return None
    return build_person_name(row["agent_user_id"], row["agent_first_name"], row["agent_last_name"])


@dataclass(frozen=True)
class ChatRow:
    """A chat in a list.

    `is_mine`: the actor has it, or takes part in it; `last_mine`: they wrote its last message, which is of
    `last_line_at`, the time of the chat itself without any; `topic_name` may be empty; `is_selected`: it is open.
    """

    chat: DeskChat
    is_mine: bool
    last_mine: bool
    last_line_at: datetime
    topic_name: str
    is_selected: bool

    @property
    def text(self) -> str:
        """The last message of an own chat; of others, whose words are read in the chat, the topic."""
        if self.chat.last_line:
            return f"{'Usted: ' if self.last_mine else ''}{self.chat.last_line}"
        return "Todavía no hay mensajes" if self.is_mine or not self.chat.last_seq else self.topic_name or "Sin tema"

    @property
    def name(self) -> str:
        """Return the member's first and last name."""
        return f"{self.chat.user.first_name} {self.chat.user.last_name}"

    @property
    def initials(self) -> str:
        """Return the member's initials for the avatar."""
        return initials_of(self.name)

    @property
    def avatar_color(self) -> int:
        """Return the number of the avatar's colour."""
        return avatar_color(self.chat.user.id)

    @property
    def agent(self) -> str:
        """The name of the agent who has the chat; empty without one."""
        return f"{self.chat.agent.first_name} {self.chat.agent.last_name}" if self.chat.agent else ""

    @property
    def mode(self) -> str:
        """What the actor may do with the chat: own (answer it), closed, waiting (take it), other (read it)."""
        if self.chat.status == CLOSED:
            return "closed"
        if self.is_mine and self.chat.status == ACTIVE:
            return "own"
        return "waiting" if self.chat.status == WAITING else "other"


def build_chat_row(
    chat: DeskChat, actor: Actor, *, last_mine: bool, last_line_at: datetime | None, topic_name: str, is_selected: bool
) -> ChatRow:
    """Return a chat as a row of the actor's desk."""
    is_mine = chat.kind == DIRECT or (chat.agent_id is not None and chat.agent_id == actor.agent_id)
    return ChatRow(chat, is_mine, last_mine, last_line_at or chat.updated_at, topic_name, is_selected)


class OwnChat(TypedDict):
    """An open chat of the actor: its newest message and how many they have not read."""

    id: int
    last_seq: int
    unread: int


CHAT_TAB_TEXTS = {
    "mine": TabTexts(
        "Míos", EmptyText("No tiene chats abiertos", "Cuando le llegue uno, aparece aquí sin recargar la página.")
    ),
    "waiting": TabTexts(
        "En espera",
        EmptyText("Nadie está esperando", "Quien pida una persona aparece aquí, en el orden de la fila."),
    ),
    "all": TabTexts("Todos", EmptyText("No hay chats abiertos", "Aquí están los de todo el equipo.")),
    "closed": TabTexts(
        "Cerrados", EmptyText("Todavía no hay chats cerrados", "Los que terminan quedan aquí, con su historia.")
    ),
}
"""In the order in which they are shown."""
NONE_WITH_TAG = EmptyText("Ningún chat con esa etiqueta", "Quite el filtro para ver los demás.")


@dataclass(frozen=True)
class ChatList:
    """A page of the list `tab`, filtered by `tag` unless it is empty; `before` is the cursor of the next page.

    `order` is `vence` where what is due first comes first, otherwise empty.
    `counts` has the number of chats of each list (1000: or more), but of the closed ones, which nobody is shown.
    """

    tab: str
    tag: str
    rows: list[ChatRow]
    counts: dict[str, int]
    before: str | None
    tags: list[TagCount]
    order: str = ""

    tabs: ClassVar[dict[str, TabTexts]] = CHAT_TAB_TEXTS

    @property
    def shown_counts(self) -> dict[str, int]:
        """Return the counts that the tabs show: none of an empty list."""
        return {tab: count for tab, count in self.counts.items() if count}

    @property
    def empty_text(self) -> EmptyText:
        """What the list says when it has no rows."""
        return NONE_WITH_TAG if self.tag else self.tabs[self.tab].empty


@dataclass(frozen=True)
class ChatListPart(PageView):
    """`/agente/lista`."""

    template: ClassVar[str] = "desk/_list.html"

    chat_list: ChatList


@dataclass(frozen=True)
class ChatRowPart(PageView):
    """`/agente/chats/:id/fila`."""

    template: ClassVar[str] = "desk/_chat.html"

    row: ChatRow
