"""Lists of chats for the desk, by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from peewee import JOIN, SQL, Case, Expression, Field, ModelSelect, Select, fn

from beneficiate.errors import Invalid, NotFound
from beneficiate.folding import fold
from beneficiate.models.accounts import Agent, User
from beneficiate.models.base import NamedRow, database
from beneficiate.models.call_centre import Topic
from beneficiate.models.chats import ACTIVE, CLOSED, DIRECT, SUPPORT, WAITING, Chat, ChatTag, Message, Tag
from beneficiate.models.service_levels import ServiceLevel
from beneficiate.queries import people
from beneficiate.queries.access import STAFF_ROLES, require_readable
from beneficiate.queries.chat_order import find_chat_order
from beneficiate.queries.service_levels import CLOCK_FIELDS, CLOCK_NAMES, load_calendar, read_clocks
from beneficiate.queries.tags import load_tags_by_chat
from beneficiate.unit_of_work import Actor, UnitOfWork
from beneficiate.views.access import ChatAccess
from beneficiate.views.chat_lists import (
    CHAT_TAB_TEXTS,
    ChatRow,
    DeskChatColumns,
    DeskChatPage,
    OwnChat,
    build_chat_access,
    build_chat_row,
    serialize_desk_chat,
)
from beneficiate.views.deadlines import ChatDeadline, build_deadline

CHATS_PER_PAGE = 50
MAX_COUNTED_CHATS = 1000
"""A list with more has that many for who only wants to know; people are shown "999+"."""
MAX_MEMBERS_FIRST = 1000
LIST_PREVIEW_CHARS = 200
MY_CHATS_TAB, OPEN_CHATS_TAB = "mine", "all"
OPEN_TABS = (MY_CHATS_TAB, "waiting", OPEN_CHATS_TAB)
CHAT_TABS = tuple(CHAT_TAB_TEXTS)
_AgentUser, _Peer = User.alias("agent_user"), User.alias("peer")


@dataclass(frozen=True, slots=True)
class ChatListQuery:
    """Which list; of it only chats with a tag, only those of members who match a text; the page after `before`.

    `mine` has the actor's own open chats, those with colleagues too; `all` every open support chat. With the order
    `vence`, what is due first comes first, and what has no deadline last.
    """

    tab: str = MY_CHATS_TAB
    tag: str = ""
    text: str = ""
    before: str = ""
    order: str = ""


@dataclass(frozen=True, slots=True)
class ChatDetail:
    """A chat that the actor may read: its row, what decides its access, and when it was closed."""

    row: ChatRow
    access: ChatAccess
    closed_at: datetime | None


def list_desk_chats(uow: UnitOfWork, filters: ChatListQuery) -> DeskChatPage:
    """Return a page of a list: the waiting ones in the order of the queue, any other newest first.

    Raises NotFound for anybody but staff, Invalid for an unknown list or an invalid `before`.
    """
    rows, before = _fetch_page(uow, filters)
    tags = load_tags_by_chat(row["id"] for row in rows)
    return DeskChatPage(
        conversations=[serialize_desk_chat(row, uow.actor, tags[row["id"]], _build_deadline(uow, row)) for row in rows],
        counts=count_chats_by_tab(uow.actor),
        before=before,
    )


def list_chat_rows(
    uow: UnitOfWork, filters: ChatListQuery, selected_id: int | None
) -> tuple[list[ChatRow], str | None]:
    """Return the rows of a page of a list, and the cursor of the next page. Raises what `list_desk_chats` raises."""
    rows, before = _fetch_page(uow, filters)
    tags = load_tags_by_chat(row["id"] for row in rows)
    return [_build_row(uow, row, tags[row["id"]], selected_id) for row in rows], before


def load_open_chat(uow: UnitOfWork, chat_id: int) -> ChatDetail:
    """Return a chat that the actor may read, as the desk shows it. Raises NotFound."""
    row: DeskChatColumns | None = _select_desk_chats(uow.actor).where(Chat.id == chat_id).dicts().first()
    if row is None:
        raise NotFound
    access = build_chat_access(row)
    require_readable(uow.actor, access)
    tags = load_tags_by_chat([chat_id])[chat_id]
    return ChatDetail(_build_row(uow, row, tags, None), access, row["closed_at"])


def count_chats_by_tab(actor: Actor, tabs: Sequence[str] = CHAT_TABS) -> dict[str, int]:
    """Return how many chats each list has, at most `MAX_COUNTED_CHATS`, in one statement with a sub-select for each.

    A GROUP BY would read every chat there has been, a sub-select reads its partial index (decision 16), and a limited
    one does not read all of that: with 100,000 closed chats the count of each cost 21 ms on PostgreSQL.
    """
    counts = [
        Select([Chat.select(SQL("1")).where(_is_in_tab(actor, tab)).limit(MAX_COUNTED_CHATS)], [fn.COUNT(SQL("*"))])
        for tab in tabs
    ]
    columns = [count.alias(tab) for count, tab in zip(counts, tabs, strict=True)]
    row: dict[str, int] = Select(None, columns).bind(database).dicts().execute()[0]
    return row


def list_own_chats(uow: UnitOfWork) -> list[OwnChat]:
    """Return the actor's own open chats."""
    columns = (Chat.id, Chat.last_seq, Chat.kind, Chat.user, Chat.user_unread, Chat.other_unread)
    rows = Chat.select(*columns).where(_is_in_tab(uow.actor, MY_CHATS_TAB)).tuples()
    return [
        OwnChat(
            id=chat_id,
            last_seq=last_seq,
            unread=by_user if kind == DIRECT and user_id == uow.actor.user_id else by_other,
        )
        for chat_id, last_seq, kind, user_id, by_user, by_other in rows
    ]


def _is_in_tab(actor: Actor, tab: str) -> Expression:
    support = Chat.kind == SUPPORT
    if tab == "waiting":
        return support & (Chat.status == WAITING)
    if tab == OPEN_CHATS_TAB:
        return support & (Chat.status != CLOSED)
    if tab == "closed":
        # Not those that nobody wrote in, whether an agent had them or not: a member who comes and goes, 20 times in an
        # hour, would fill the list. A file counts as written: its name is its text.
        return support & (Chat.status == CLOSED) & (Chat.last_line != "")
    with_colleague = (Chat.kind == DIRECT) & (Chat.status == ACTIVE)
    with_colleague &= (Chat.user == actor.user_id) | (Chat.peer == actor.user_id)
    if actor.agent_id is None:
        return with_colleague
    return (support & (Chat.agent == actor.agent_id) & (Chat.status == ACTIVE)) | with_colleague


def _fetch_page(uow: UnitOfWork, filters: ChatListQuery) -> tuple[list[DeskChatColumns], str | None]:
    """Return the rows of a page, and the cursor of the next one."""
    if uow.actor.role not in STAFF_ROLES:
        raise NotFound
    if filters.tab not in CHAT_TABS:
        raise Invalid("No conocemos esa lista.")
    query = _select_desk_chats(uow.actor).where(_is_in_tab(uow.actor, filters.tab))
    if filters.tag:
        tagged = ChatTag.select(ChatTag.chat).join(Tag).where(Tag.folded == fold(filters.tag))
        query = query.where(Chat.id.in_(tagged))
    if filters.text.strip():
        query = query.where(_is_of_matching_user(filters.text))
    order = find_chat_order(filters.tab, filters.order)
    if filters.before:
        query = query.where(order.follows_cursor(filters.before))
    rows = list(query.order_by(*order.terms).limit(CHATS_PER_PAGE + 1).dicts())
    shown = rows[:CHATS_PER_PAGE]
    return shown, order.encode_cursor(shown[-1]) if len(rows) > CHATS_PER_PAGE else None


def _is_of_matching_user(text: str) -> Expression:
    """Return the condition of the chats of the members who match.

    Few members are found first, and then their chats. Of many, the chats are read in the order of the list until the
    page is full: to join and sort all of 17,000 members took 79 ms on PostgreSQL, of 100,000 chats.
    """
    found = {id_ for (id_,) in people.select_matching_users(text, MAX_MEMBERS_FIRST + 1).tuples()}
    if len(found) <= MAX_MEMBERS_FIRST:
        return Chat.user.in_(found)
    # In an OR it is no join for the planner, but a filter.
    return Chat.user.in_(people.select_matching_users(text)) | SQL("FALSE")


def _build_row(uow: UnitOfWork, row: DeskChatColumns, tags: list[str], selected_id: int | None) -> ChatRow:
    chat = serialize_desk_chat(row, uow.actor, tags, _build_deadline(uow, row))
    return build_chat_row(
        chat,
        uow.actor,
        last_mine=bool(row["last_is_own"]),
        last_line_at=Message.sent_at.python_value(row["last_line_at"]),
        topic_name=row["topic_name"] or "",
        is_selected=chat.id == selected_id,
    )


def _build_deadline(uow: UnitOfWork, row: DeskChatColumns) -> ChatDeadline | None:
    if row["response_due_at"] is None and row["resolution_due_at"] is None:
        return None
    # The names are those of a part of the columns.
    of_chat = read_clocks(row["awaiting_since"], [cast(NamedRow, row)[name] for name in CLOCK_NAMES])
    return build_deadline(of_chat.clocks, of_chat.promised, load_calendar(uow), uow.now)


def _select_of_last_line(column: Expression | Field) -> ModelSelect:
    """Select a column of the last message that a person wrote in the chat and did not recall."""
    of_person = Message.chat == Chat.id, Message.sender_type != "SYSTEM", Message.recalled_at.is_null()
    return Message.select(column).where(*of_person).order_by(Message.seq.desc()).limit(1)


def _is_own(actor: Actor) -> Expression:
    """Return the condition of the chats that the actor has or had last, and of those with colleagues."""
    with_colleague = Chat.kind == DIRECT
    return with_colleague if actor.agent_id is None else with_colleague | (Chat.agent == actor.agent_id)


def _select_desk_chats(actor: Actor) -> ModelSelect:
    """Select the columns of the actor's desk. Of the chats of others no list has words: who reads them opens them."""
    by_actor = (Message.sender_type == "AGENT") & (Message.sender_id == actor.agent_id)
    by_actor |= (Message.sender_type == "USER") & (Message.sender_id == actor.user_id)
    return (
        Chat.select(
            Chat.id,
            Chat.kind,
            Chat.status,
            Chat.user.alias("user_id"),
            Chat.peer.alias("peer_id"),
            Chat.agent.alias("agent_id"),
            Chat.is_front,
            Chat.updated_at,
            Chat.awaiting_since,
            Chat.last_seq,
            fn.SUBSTR(Case(None, [(_is_own(actor), Chat.last_line)], ""), 1, LIST_PREVIEW_CHARS).alias("last_line"),
            Chat.user_unread,
            Chat.other_unread,
            Chat.closed_at,
            Chat.user_delivered_seq,
            Chat.user_read_seq,
            Chat.other_delivered_seq,
            Chat.other_read_seq,
            _select_of_last_line(by_actor).alias("last_is_own"),
            _select_of_last_line(Message.sent_at).alias("last_line_at"),
            *CLOCK_FIELDS,
            Topic.code.alias("topic_code"),
            Topic.name.alias("topic_name"),
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
        .join_from(Chat, ServiceLevel, JOIN.LEFT_OUTER)
        .join_from(Chat, Agent, JOIN.LEFT_OUTER, on=Chat.agent == Agent.id)
        .join_from(Agent, _AgentUser, JOIN.LEFT_OUTER, on=Agent.user == _AgentUser.id)
        .join_from(Chat, _Peer, JOIN.LEFT_OUTER, on=Chat.peer == _Peer.id)
    )
