"""The lists of chats at the desk, a page at a time."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from peewee import JOIN, Expression, ModelSelect, fn

from beneficiate.errors import Invalid, NotFound
from beneficiate.models.accounts import Agent, User
from beneficiate.models.call_centre import Topic
from beneficiate.models.chats import ACTIVE, CLOSED, DIRECT, SUPPORT, WAITING, Chat, ChatTag, Tag
from beneficiate.protocol.desk_tools import PersonName
from beneficiate.protocol.envelope import MAX_ID, Id, Seq
from beneficiate.queries import people
from beneficiate.queries.access import STAFF_ROLES, access_readable_chat
from beneficiate.queries.tags import load_tags_by_chat
from beneficiate.search import fold
from beneficiate.unit_of_work import Actor, UnitOfWork

CHATS_PER_PAGE = 50
LIST_PREVIEW_CHARS = 200
MY_CHATS_TAB, OPEN_CHATS_TAB = "mine", "all"
CHAT_TABS = (MY_CHATS_TAB, "waiting", OPEN_CHATS_TAB, "closed")
_CURSOR = re.compile(r"([01])\.(\d{1,16})\.(\d{1,10})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_AgentUser, _Peer = User.alias("agent_user"), User.alias("peer")


class DeskChat(msgspec.Struct, frozen=True, kw_only=True):
    """A chat in a list of the desk. `user` is the member; of a chat with a colleague, the colleague.

    `unread` is of the staff's side, `awaiting_since` is when the member wrote the first line that has no answer yet,
    `queued_at` since when it waits. `agent` is who has it, by the user id; `last_line` has at most 200 characters.
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
    queued_at: datetime | None
    tags: list[str]


class DeskChatPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a list, how many chats each list has, and what to ask for as `before` to go on: none at its end."""

    conversations: list[DeskChat]
    counts: dict[str, int]
    before: str | None


@dataclass(frozen=True, slots=True)
class ChatListQuery:
    """Which list; of it only chats with a tag, only those of members who are found by a text; the page after `before`.

    `mine` are the actor's own that are open, chats with colleagues too; `all` whatever is open.
    """

    tab: str = MY_CHATS_TAB
    tag: str = ""
    text: str = ""
    before: str = ""


def list_desk_chats(uow: UnitOfWork, filters: ChatListQuery) -> DeskChatPage:
    """A page of a list: those who wait in the order of the queue, any other newest first.

    Raises NotFound for anybody but staff, Invalid for a list or a page that there is not.
    """
    if uow.actor.role not in STAFF_ROLES:
        raise NotFound
    if filters.tab not in CHAT_TABS:
        raise Invalid("No conocemos esa lista.")
    query = _select_desk_chats().where(_is_in_tab(uow.actor, filters.tab))
    if filters.tag:
        tagged = ChatTag.select(ChatTag.chat).join(Tag).where(Tag.folded == fold(filters.tag))
        query = query.where(Chat.id.in_(tagged))
    if filters.text.strip():
        query = query.where(Chat.user.in_(people.select_matching_users(filters.text)))
    is_queue = filters.tab == "waiting"
    if filters.before:
        query = query.where(_is_after_cursor(filters.before, is_queue=is_queue))
    item = (Chat.is_front.desc(), Chat.queued_at, Chat.id) if is_queue else (Chat.updated_at.desc(), Chat.id.desc())
    rows = list(query.order_by(*item).limit(CHATS_PER_PAGE + 1).dicts())
    shown = rows[:CHATS_PER_PAGE]
    tags = load_tags_by_chat(row["id"] for row in shown)
    return DeskChatPage(
        conversations=[serialize_desk_chat(row, uow.actor, tags[row["id"]]) for row in shown],
        counts={tab: Chat.select().where(_is_in_tab(uow.actor, tab)).count() for tab in CHAT_TABS},
        before=_encode_cursor(shown[-1], is_queue=is_queue) if len(rows) > CHATS_PER_PAGE else None,
    )


def load_desk_chat(uow: UnitOfWork, chat_id: int) -> DeskChat:
    """One chat that the actor may read, as a list shows it. Raises NotFound."""
    access_readable_chat(uow.actor, chat_id)
    row = _select_desk_chats().where(Chat.id == chat_id).dicts().get()
    return serialize_desk_chat(row, uow.actor, load_tags_by_chat([chat_id])[chat_id])


def count_unread_by_chat(uow: UnitOfWork) -> dict[int, int]:
    """How many lines nobody has read yet in each of the actor's own open chats that has such."""
    columns = (Chat.id, Chat.kind, Chat.user, Chat.user_unread, Chat.other_unread)
    rows = Chat.select(*columns).where(_is_in_tab(uow.actor, MY_CHATS_TAB)).tuples()
    counts = {
        chat_id: by_user if kind == DIRECT and user_id == uow.actor.user_id else by_other
        for chat_id, kind, user_id, by_user, by_other in rows
    }
    return {chat_id: count for chat_id, count in counts.items() if count}


def _is_in_tab(actor: Actor, tab: str) -> Expression:
    support = Chat.kind == SUPPORT
    if tab == "waiting":
        return support & (Chat.status == WAITING)
    if tab == OPEN_CHATS_TAB:
        return support & (Chat.status != CLOSED)
    if tab == "closed":
        return support & (Chat.status == CLOSED)
    with_colleague = (Chat.kind == DIRECT) & (Chat.status == ACTIVE)
    with_colleague &= (Chat.user == actor.user_id) | (Chat.peer == actor.user_id)
    if actor.agent_id is None:
        return with_colleague
    return (support & (Chat.agent == actor.agent_id) & (Chat.status == ACTIVE)) | with_colleague


def _encode_cursor(row: dict[str, Any], *, is_queue: bool) -> str:
    """Where a page ends: the place of its last chat in the order of the list."""
    at = row["queued_at"] if is_queue else row["updated_at"]
    return f"{int(row['is_front'])}.{(at - _EPOCH) // _MICROSECOND}.{row['id']}"


def _is_after_cursor(cursor: str, *, is_queue: bool) -> Expression:
    """The chats after that place. Raises Invalid."""
    found = _CURSOR.fullmatch(cursor) if cursor.isascii() else None
    if found is None or int(found[3]) > MAX_ID:
        raise Invalid("El dato «before» no es válido.")
    is_front, chat_id = found[1] == "1", int(found[3])
    at = _EPOCH + int(found[2]) * _MICROSECOND
    if not is_queue:
        # The first part says it all, the index needs it alone.
        return (Chat.updated_at <= at) & ((Chat.updated_at < at) | (Chat.id < chat_id))
    later = (Chat.is_front == is_front) & ((Chat.queued_at > at) | ((Chat.queued_at == at) & (Chat.id > chat_id)))
    return later | (Chat.is_front < is_front)


def _select_desk_chats() -> ModelSelect:
    return (
        Chat.select(
            Chat.id,
            Chat.kind,
            Chat.status,
            Chat.user.alias("user_id"),
            Chat.peer.alias("peer_id"),
            Chat.agent.alias("agent_id"),
            Chat.is_front,
            Chat.queued_at,
            Chat.updated_at,
            Chat.awaiting_since,
            Chat.last_seq,
            fn.SUBSTR(Chat.last_line, 1, LIST_PREVIEW_CHARS).alias("last_line"),
            Chat.user_unread,
            Chat.other_unread,
            Topic.code.alias("topic_code"),
            User.first_name.alias("user_first_name"),
            User.last_name.alias("user_last_name"),
            User.online_status.alias("user_is_online"),
            _Peer.first_name.alias("peer_first_name"),
            _Peer.last_name.alias("peer_last_name"),
            _Peer.online_status.alias("peer_is_online"),
            _AgentUser.id.alias("agent_user_id"),
            _AgentUser.first_name.alias("agent_first_name"),
            _AgentUser.last_name.alias("agent_last_name"),
        )
        .join(User, on=Chat.user == User.id)
        .join_from(Chat, Topic, JOIN.LEFT_OUTER)
        .join_from(Chat, Agent, JOIN.LEFT_OUTER, on=Chat.agent == Agent.id)
        .join_from(Agent, _AgentUser, JOIN.LEFT_OUTER, on=Agent.user == _AgentUser.id)
        .join_from(Chat, _Peer, JOIN.LEFT_OUTER, on=Chat.peer == _Peer.id)
    )


def serialize_desk_chat(row: dict[str, Any], actor: Actor, tags: list[str]) -> DeskChat:
    is_user_side = row["kind"] == DIRECT and row["user_id"] == actor.user_id
    shown = "peer" if is_user_side else "user"
    agent = None
    if row["agent_user_id"] is not None:
        agent = _person_name_from_row(row, "agent_user_id", "agent")
    return DeskChat(
        id=row["id"],
        kind=row["kind"],
        status=row["status"],
        user=_person_name_from_row(row, f"{shown}_id", shown),
        is_online=bool(row[f"{shown}_is_online"]),
        agent=agent,
        agent_id=row["agent_id"],
        topic=row["topic_code"],
        last_line=row["last_line"],
        last_seq=row["last_seq"],
        updated_at=row["updated_at"],
        unread=row["user_unread" if is_user_side else "other_unread"],
        awaiting_since=row["awaiting_since"],
        queued_at=row["queued_at"] if row["status"] == WAITING else None,
        tags=tags,
    )


def _person_name_from_row(row: dict[str, Any], id_: str, prefix: str) -> PersonName:
    return PersonName(id=row[id_], first_name=row[f"{prefix}_first_name"], last_name=row[f"{prefix}_last_name"])
