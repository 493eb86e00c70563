"""The lists of chats at the desk, a page at a time."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from peewee import JOIN, Expression, ModelSelect, fn

from beneficiate.errors import Invalid, NotFound
from beneficiate.models.chats import ACTIVE, CLOSED, DIRECT, SUPPORT, WAITING, Chat, ChatTag, Tag
from beneficiate.models.people import Agent, User
from beneficiate.models.staff import Topic
from beneficiate.protocol.envelope import MAX_ID, Id, Seq
from beneficiate.protocol.tools import Colleague
from beneficiate.queries import people
from beneficiate.queries.access import STAFF, access_history
from beneficiate.queries.tags import of_chats
from beneficiate.search import fold
from beneficiate.store import Actor, Work

PAGE = 50
PREVIEW = 200
MINE, ALL = "mine", "all"
TABS = (MINE, "waiting", ALL, "closed")
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
    user: Colleague
    is_online: bool
    agent: Colleague | None
    agent_id: Id | None
    topic: str | None
    last_line: str
    last_seq: Seq
    updated_at: datetime
    unread: int
    awaiting_since: datetime | None
    queued_at: datetime | None
    tags: list[str]


class DeskList(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a list, how many chats each list has, and what to ask for as `before` to go on: none at its end."""

    conversations: list[DeskChat]
    counts: dict[str, int]
    before: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """Which list; of it only chats with a tag, only those of members who are found by a text; the page after `before`.

    `mine` are the actor's own that are open, chats with colleagues too; `all` whatever is open.
    """

    tab: str = MINE
    tag: str = ""
    text: str = ""
    before: str = ""


def conversations(work: Work, asked: Asked) -> DeskList:
    """A page of a list: those who wait in the order of the queue, any other newest first.

    Raises NotFound for anybody but staff, Invalid for a list or a page that there is not.
    """
    if work.actor.role not in STAFF:
        raise NotFound
    if asked.tab not in TABS:
        raise Invalid("No conocemos esa lista.")
    query = _rows().where(_in_list(work.actor, asked.tab))
    if asked.tag:
        tagged = ChatTag.select(ChatTag.chat).join(Tag).where(Tag.folded == fold(asked.tag))
        query = query.where(Chat.id.in_(tagged))
    if asked.text.strip():
        query = query.where(Chat.user.in_(people.matching(asked.text)))
    is_queue = asked.tab == "waiting"
    if asked.before:
        query = query.where(_after(asked.before, is_queue=is_queue))
    order = (Chat.is_front.desc(), Chat.queued_at, Chat.id) if is_queue else (Chat.updated_at.desc(), Chat.id.desc())
    rows = list(query.order_by(*order).limit(PAGE + 1).dicts())
    shown = rows[:PAGE]
    tags = of_chats(row["id"] for row in shown)
    return DeskList(
        conversations=[_chat(row, work.actor, tags[row["id"]]) for row in shown],
        counts={tab: Chat.select().where(_in_list(work.actor, tab)).count() for tab in TABS},
        before=_cursor(shown[-1], is_queue=is_queue) if len(rows) > PAGE else None,
    )


def one(work: Work, chat_id: int) -> DeskChat:
    """One chat that the actor may read, as a list shows it. Raises NotFound."""
    access_history(work.actor, chat_id)
    row = _rows().where(Chat.id == chat_id).dicts().get()
    return _chat(row, work.actor, of_chats([chat_id])[chat_id])


def unread(work: Work, _: None = None) -> dict[int, int]:
    """How many lines nobody has read yet in each of the actor's own open chats that has such."""
    columns = (Chat.id, Chat.kind, Chat.user, Chat.user_unread, Chat.other_unread)
    rows = Chat.select(*columns).where(_in_list(work.actor, MINE)).tuples()
    counts = {
        chat_id: by_user if kind == DIRECT and user_id == work.actor.user_id else by_other
        for chat_id, kind, user_id, by_user, by_other in rows
    }
    return {chat_id: count for chat_id, count in counts.items() if count}


def _in_list(actor: Actor, tab: str) -> Expression:
    support = Chat.kind == SUPPORT
    if tab == "waiting":
        return support & (Chat.status == WAITING)
    if tab == ALL:
        return support & (Chat.status != CLOSED)
    if tab == "closed":
        return support & (Chat.status == CLOSED)
    with_colleague = (Chat.kind == DIRECT) & (Chat.status == ACTIVE)
    with_colleague &= (Chat.user == actor.user_id) | (Chat.peer == actor.user_id)
    if actor.agent_id is None:
        return with_colleague
    return (support & (Chat.agent == actor.agent_id) & (Chat.status == ACTIVE)) | with_colleague


def _cursor(row: dict[str, Any], *, is_queue: bool) -> str:
    """Where a page ends: the place of its last chat in the order of the list."""
    at = row["queued_at"] if is_queue else row["updated_at"]
    return f"{int(row['is_front'])}.{(at - _EPOCH) // _MICROSECOND}.{row['id']}"


def _after(cursor: str, *, is_queue: bool) -> Expression:
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


def _rows() -> ModelSelect:
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
            fn.SUBSTR(Chat.last_line, 1, PREVIEW).alias("last_line"),
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


def _chat(row: dict[str, Any], actor: Actor, tags: list[str]) -> DeskChat:
    is_user_side = row["kind"] == DIRECT and row["user_id"] == actor.user_id
    shown = "peer" if is_user_side else "user"
    agent = None
    if row["agent_user_id"] is not None:
        agent = _person(row, "agent_user_id", "agent")
    return DeskChat(
        id=row["id"],
        kind=row["kind"],
        status=row["status"],
        user=_person(row, f"{shown}_id", shown),
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


def _person(row: dict[str, Any], id_: str, prefix: str) -> Colleague:
    return Colleague(id=row[id_], first_name=row[f"{prefix}_first_name"], last_name=row[f"{prefix}_last_name"])
