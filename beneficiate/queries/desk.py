"""The agent's desk: the lists of chats, the open conversation with its notes, the team, the search."""

from dataclasses import asdict, dataclass

from peewee import fn

from beneficiate.errors import NotFound
from beneficiate.models.accounts import Agent, Supervisor, User
from beneficiate.models.call_centre import Topic
from beneficiate.models.chats import ACTIVE, SUPPORT, WAITING, Chat
from beneficiate.protocol.desk_tools import NotePayload
from beneficiate.protocol.initial_state import compute_chats_version
from beneficiate.protocol.payloads import MessagePayload
from beneficiate.queries import chat_lists, chats, member_panel, notes, search
from beneficiate.queries.assignment import QUEUE_ORDER, count_chats_by_agent
from beneficiate.queries.tags import list_tags
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.access import ChatAccess
from beneficiate.views.avatars import avatar_color, describe_actor, initials_of
from beneficiate.views.chat_lists import ChatList, ChatRow
from beneficiate.views.conversation import (
    Conversation,
    build_message_views,
    compute_chat_version,
    group_notes_by_seq,
)
from beneficiate.views.desk import ColleagueView, DeskView, OwnAgent, SearchPart, Team, TopicView, WaitingSummary
from beneficiate.views.member_panel import MemberPanel

MAX_FILTER_TAGS = 30
"""The number of tags, the most used, that the list can be filtered by."""
MIN_SEARCH_CHARS = 2


@dataclass(frozen=True, slots=True)
class DeskQuery:
    """Which chat is open, and beside which list."""

    chat_id: int | None
    list_query: chat_lists.ChatListQuery


def load_desk(uow: UnitOfWork, query: DeskQuery) -> DeskView:
    """Return the whole desk. A chat that does not exist, or that the actor may not read, is not opened."""
    conversation = None if query.chat_id is None else _find_conversation(uow, query.chat_id)
    selected_id = None if conversation is None else conversation.row.chat.id
    own_chats = chat_lists.list_own_chats(uow)
    return DeskView(
        me=load_own_agent(uow),
        chat_list=load_chat_list(uow, query.list_query, selected_id),
        waiting=load_waiting_summary(uow),
        own_chats=own_chats,
        undo_s=int(uow.rules.undo.total_seconds()),
        reopen_hours=int(uow.rules.reopen.total_seconds()) // 3600,
        chats_version=compute_chats_version((chat["id"], chat["last_seq"], chat["unread"]) for chat in own_chats),
        unread_total=sum(chat["unread"] for chat in own_chats),
        conversation=conversation,
        panel=_load_panel(uow, conversation),
    )


def load_chat_list(uow: UnitOfWork, filters: chat_lists.ChatListQuery, selected_id: int | None = None) -> ChatList:
    """Return a page of a list with what the tabs above it show. Raises NotFound, Invalid."""
    rows, before = chat_lists.list_chat_rows(uow, filters, selected_id)
    return ChatList(
        tab=filters.tab,
        tag=filters.tag,
        rows=rows,
        counts=chat_lists.count_chats_by_tab(uow.actor, chat_lists.OPEN_TABS),
        before=before,
        order=filters.order,
        tags=list_tags(uow)[:MAX_FILTER_TAGS],
    )


def load_waiting_summary(uow: UnitOfWork) -> WaitingSummary:
    """Return how many members wait for an agent, and who is the next of them."""
    columns = (fn.COUNT(Chat.id).over(), Chat.id, Chat.awaiting_since)
    query = Chat.select(*columns).where(Chat.kind == SUPPORT, Chat.status == WAITING)
    first = query.order_by(*QUEUE_ORDER).limit(1).tuples().first()
    return WaitingSummary(*first) if first else WaitingSummary(0)


def load_own_agent(uow: UnitOfWork) -> OwnAgent:
    """Return the actor with their availability. Raises NotFound for those who answer no chats."""
    is_own = (Chat.kind == SUPPORT) & (Chat.status == ACTIVE) & (Chat.agent == Agent.id)
    load = Chat.select(fn.COUNT(Chat.id)).where(is_own)
    agent = Agent.select(Agent, load.alias("load")).where(Agent.id == uow.actor.agent_id).first()
    if agent is None:
        raise NotFound
    return OwnAgent(
        **asdict(describe_actor(uow.actor)),
        agent_id=agent.id,
        agent_code=agent.agent_code,
        availability=agent.availability,
        reason=agent.reason,
        is_automatic=agent.is_automatic,
        capacity=agent.capacity,
        load=agent.load,
    )


def load_chat_row(uow: UnitOfWork, chat_id: int) -> ChatRow:
    """Return a chat that the actor may read as a row of a list. Raises NotFound."""
    return chat_lists.load_open_chat(uow, chat_id).row


def load_conversation(uow: UnitOfWork, chat_id: int) -> Conversation:
    """Return a chat that the actor may read, its newest messages, oldest first, and its notes. Raises NotFound."""
    chat = chat_lists.load_open_chat(uow, chat_id)
    row, is_support = chat.row, chat.row.chat.kind == SUPPORT
    messages = chats.list_chat_messages(chat.access)
    chat_notes = notes.list_chat_notes(chat_id) if is_support else []
    starts_here = not messages or messages[0].seq == 1
    is_reopenable = chat.closed_at is not None and uow.now - chat.closed_at < uow.rules.reopen
    return Conversation(
        row=row,
        messages=build_message_views(messages, chat_notes, uow.actor),
        first_notes=group_notes_by_seq(chat_notes).get(0, []) if starts_here else [],
        has_older=not starts_here,
        can_assign=uow.actor.role == "supervisor" and row.mode in ("waiting", "other"),
        can_reopen=row.is_mine and is_reopenable,
        attachment_bytes=uow.rules.attachment_bytes,
        version=_compute_printed_version(chat.access, messages, chat_notes) if is_support else "",
    )


def _compute_printed_version(access: ChatAccess, messages: list[MessagePayload], chat_notes: list[NotePayload]) -> str:
    newest_note_id = chat_notes[-1].id if chat_notes else 0
    return compute_chat_version(access, newest_note_id, sum(message.is_recalled for message in messages))


def load_team(uow: UnitOfWork) -> Team:
    """Return the colleagues and the topics to whom a chat may be transferred."""
    query = Agent.select(Agent, User).join(User).where(Agent.status == "ACTIVE", Agent.user != uow.actor.user_id)
    agents = list(query.order_by(User.first_name, User.last_name, User.id))
    load = count_chats_by_agent([agent.id for agent in agents])
    rows = Supervisor.select(Supervisor.user).where(Supervisor.status == "ACTIVE").tuples()
    supervisors = {user_id for (user_id,) in rows}
    people = [
        _build_colleague(agent, load.get(agent.id, 0), is_supervisor=agent.user_id in supervisors) for agent in agents
    ]
    topics = Topic.select(Topic.code, Topic.name).where(Topic.is_active).order_by(Topic.name)
    return Team(
        colleagues=sorted(people, key=lambda one: (not one.is_online, one.availability != "available")),
        topics=[TopicView(code, name) for code, name in topics.tuples()],
    )


def load_search_results(uow: UnitOfWork, query: search.SearchQuery) -> SearchPart:
    """Return what a search has found. Raises NotFound."""
    is_too_short = len(query.text.strip()) < MIN_SEARCH_CHARS
    return SearchPart(results=search.search_desk(uow, query), page=query.page, is_too_short=is_too_short)


def _find_conversation(uow: UnitOfWork, chat_id: int) -> Conversation | None:
    try:
        return load_conversation(uow, chat_id)
    except NotFound:
        return None


def _load_panel(uow: UnitOfWork, conversation: Conversation | None) -> MemberPanel | None:
    if conversation is None or conversation.row.chat.kind != SUPPORT:
        return None
    chat = conversation.row.chat
    return member_panel.build_member_panel(uow, chat.id, chat.user.id)


def _build_colleague(agent: Agent, load: int, *, is_supervisor: bool) -> ColleagueView:
    user = agent.user
    return ColleagueView(
        user_id=user.id,
        agent_id=agent.id,
        name=user.name,
        initials=initials_of(user.name),
        avatar_color=avatar_color(user.id),
        is_online=user.online_status,
        availability=agent.availability,
        load=load,
        capacity=agent.capacity,
        is_supervisor=is_supervisor,
    )
