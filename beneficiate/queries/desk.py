"""The agent's desk as it is drawn: the lists, the open conversation with its notes, the team."""

from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import msgspec
from peewee import JOIN, fn

from beneficiate.errors import NotFound
from beneficiate.models.accounts import Agent, Supervisor, User
from beneficiate.models.call_centre import Topic
from beneficiate.models.chats import ACTIVE, CLOSED, DIRECT, SUPPORT, WAITING, Chat, Message
from beneficiate.protocol.desk_tools import NotePayload
from beneficiate.protocol.payloads import AttachmentPayload, MessagePayload
from beneficiate.queries import chat_lists, chats, notes, search
from beneficiate.queries.assignment import QUEUE_ORDER, count_chats_by_agent
from beneficiate.queries.chat_lists import DeskChat
from beneficiate.queries.tags import list_tags
from beneficiate.unit_of_work import Actor, UnitOfWork
from beneficiate.views import avatars
from beneficiate.views.avatars import avatar_color, initials_of

MAX_FILTER_TAGS = 30
"""So many tags, the most used, are offered to filter by."""


@dataclass(frozen=True, slots=True)
class ChatRow:
    """A chat in a list. `is_mine`: the actor has it, or takes part in it; `last_mine`: they wrote its last line."""

    chat: DeskChat
    is_mine: bool
    last_mine: bool

    @property
    def name(self) -> str:
        return f"{self.chat.user.first_name} {self.chat.user.last_name}"

    @property
    def initials(self) -> str:
        return initials_of(self.name)

    @property
    def face(self) -> int:
        return avatar_color(self.chat.user.id)

    @property
    def agent(self) -> str:
        """Who has it."""
        return f"{self.chat.agent.first_name} {self.chat.agent.last_name}" if self.chat.agent else ""


@dataclass(frozen=True, slots=True)
class MessageView:
    """A line in the conversation. `kind` is own, other or system; `by` is user, agent, bot or system."""

    id: int
    seq: int
    kind: str
    author: str
    initials: str
    face: int
    text: str
    sent_at: datetime
    status: str
    client_id: str | None
    file: AttachmentPayload | None
    by: str


@dataclass(frozen=True, slots=True)
class ColleagueView:
    """Somebody of the team who answers chats, a supervisor too."""

    user_id: int
    agent_id: int
    name: str
    initials: str
    face: int
    is_online: bool
    availability: str
    load: int
    capacity: int
    is_supervisor: bool


@dataclass(frozen=True, slots=True)
class DeskQuery:
    """Which chat is open, and beside which list."""

    chat_id: int | None
    list_query: chat_lists.ChatListQuery


def load_desk(uow: UnitOfWork, query: DeskQuery) -> dict[str, Any]:
    """Everything on the desk; with a chat that one may read, its conversation too."""
    selected = None if query.chat_id is None else _find_conversation(uow, query.chat_id)
    return {
        "me": load_own_agent(uow),
        "selected": selected,
        "waiting": load_waiting_summary(uow),
        "unread": chat_lists.count_unread_by_chat(uow),
        **load_chat_list(uow, query.list_query),
    }


def load_chat_list(uow: UnitOfWork, filters: chat_lists.ChatListQuery) -> dict[str, Any]:
    """A page of a list, with what the tabs above it say. Raises Invalid."""
    found = chat_lists.list_desk_chats(uow, filters)
    return {
        "rows": _build_chat_rows(uow.actor, found.conversations),
        "counts": found.counts,
        "before": found.before,
        "asked": filters,
        "tags": list_tags(uow)[:MAX_FILTER_TAGS],
        "selected_id": None,
    }


def load_waiting_summary(uow: UnitOfWork) -> dict[str, Any]:
    """How many members wait for a person, and who is the next of them."""
    since_when = fn.COALESCE(Chat.queued_at, Chat.created_at).converter(Chat.queued_at.python_value)
    query = Chat.select(Chat.id, since_when).where(Chat.kind == SUPPORT, Chat.status == WAITING)
    chat_id, since = query.order_by(*QUEUE_ORDER).tuples().first() or (None, None)
    return {"count": query.count(), "chat_id": chat_id, "since": since}


def load_own_agent(uow: UnitOfWork) -> dict[str, Any]:
    """Whoever looks, for the rail and the head of the list. Raises NotFound for those who answer no chats."""
    agent = Agent.get_or_none(Agent.id == uow.actor.agent_id)
    if agent is None:
        raise NotFound
    return {
        **asdict(avatars.describe_actor(uow.actor)),
        "agent_id": agent.id,
        "agent_code": agent.agent_code,
        "availability": agent.availability,
        "reason": agent.reason,
        "capacity": agent.capacity,
        "load": count_chats_by_agent([agent.id]).get(agent.id, 0),
    }


def load_chat_row(uow: UnitOfWork, chat_id: int) -> ChatRow:
    """One chat that one may read as a row of a list. Raises NotFound."""
    return _build_chat_rows(uow.actor, [chat_lists.load_desk_chat(uow, chat_id)])[0]


def load_conversation(uow: UnitOfWork, chat_id: int) -> dict[str, Any]:
    """A chat that one may read, its newest lines, oldest first, and the notes between them. Raises NotFound."""
    view = load_chat_row(uow, chat_id)
    messages = chats.list_messages(uow, chats.MessagePageQuery(chat_id))
    names = _load_sender_names(messages, view, uow.actor)
    closed_at, mode = Chat.get_by_id(chat_id).closed_at, _conversation_mode(view)
    return {
        "row": view,
        "lines": [build_message_view(message, uow.actor, names) for message in messages],
        "notes": _group_notes_by_seq(uow, view),
        "has_older": bool(messages) and messages[0].seq > 1,
        "mode": mode,
        "can_give": uow.actor.role == "supervisor" and mode in ("waiting", "other"),
        "can_reopen": view.is_mine and closed_at is not None and uow.now - closed_at < uow.rules.reopen,
    }


def load_team(uow: UnitOfWork) -> dict[str, Any]:
    """The colleagues and the topics to whom a chat may be passed on."""
    query = Agent.select(Agent, User).join(User).where(Agent.status == "ACTIVE", Agent.user != uow.actor.user_id)
    agents = list(query.order_by(User.first_name, User.last_name, User.id))
    load = count_chats_by_agent([agent.id for agent in agents])
    above = {user_id for (user_id,) in Supervisor.select(Supervisor.user).where(Supervisor.status == "ACTIVE").tuples()}
    people = [build_colleague_view(one, load.get(one.id, 0), is_supervisor=one.user_id in above) for one in agents]
    return {
        "agents": sorted(people, key=lambda one: (not one.is_online, one.availability != "available")),
        "topics": list(Topic.select(Topic.code, Topic.name).where(Topic.is_active).order_by(Topic.name).dicts()),
    }


def load_search_results(uow: UnitOfWork, search_query: search.SearchQuery) -> dict[str, Any]:
    """What a search found, for the list. Raises NotFound."""
    return {"found": search.search_desk(uow, search_query), "sought": search_query}


def _conversation_mode(view: ChatRow) -> str:
    """What one may do with a chat: own (answer it), closed, waiting (take it), other (read it)."""
    if view.chat.status == CLOSED:
        return "closed"
    if view.is_mine and view.chat.status == ACTIVE:
        return "own"
    return "waiting" if view.chat.status == WAITING else "other"


def _find_conversation(uow: UnitOfWork, chat_id: int) -> dict[str, Any] | None:
    try:
        return load_conversation(uow, chat_id)
    except NotFound:
        return None


def _build_chat_rows(actor: Actor, found: list[DeskChat]) -> list[ChatRow]:
    last = (
        Message.select(Message.chat, Message.sender_type, Message.sender_id)
        .join(Chat)
        .where(Chat.id.in_([chat.id for chat in found]), Message.seq == Chat.last_seq)
    )
    senders = {chat_id: (kind, sender) for chat_id, kind, sender in last.tuples()}
    own = {("AGENT", actor.agent_id), ("USER", actor.user_id)}
    return [
        ChatRow(chat, chat.kind == DIRECT or chat.agent_id == actor.agent_id, senders.get(chat.id) in own)
        for chat in found
    ]


def _group_notes_by_seq(uow: UnitOfWork, view: ChatRow) -> dict[int, list[NotePayload]]:
    """The notes of a support chat by the line after which they stand."""
    placed: dict[int, list[NotePayload]] = defaultdict(list)
    for note in notes.list_notes(uow, view.chat.id) if view.chat.kind == SUPPORT else []:
        placed[note.after_seq].append(note)
    return placed


def _load_sender_names(
    messages: list[MessagePayload], view: ChatRow, actor: Actor
) -> dict[tuple[str, int | None], tuple[int, str]]:
    """Who wrote these lines: the user id and the name behind each sender."""
    agents = {message.sender_id for message in messages if message.sender_type == "AGENT"}
    people = (
        Agent.select(Agent.id, User.id, User.first_name, User.last_name)
        .join(User, JOIN.INNER)
        .where(Agent.id.in_(list(agents)))
    )
    names: dict[tuple[str, int | None], tuple[int, str]] = {
        ("AGENT", agent_id): (user_id, f"{first} {last}") for agent_id, user_id, first, last in people.tuples()
    }
    names["USER", view.chat.user.id] = (view.chat.user.id, view.name)
    names["USER", actor.user_id] = (actor.user_id, actor.name)
    return names


def build_message_view(
    message: MessagePayload, actor: Actor, names: dict[tuple[str, int | None], tuple[int, str]]
) -> MessageView:
    user_id, name = names.get((message.sender_type, message.sender_id), (0, ""))
    is_own = user_id == actor.user_id
    kind = "system" if message.sender_type == "SYSTEM" else "own" if is_own else "other"
    return MessageView(
        message.id,
        message.seq,
        kind,
        name,
        initials_of(name) if name else "",
        avatar_color(user_id),
        message.message,
        message.sent_at,
        message.status,
        message.client_id,
        None if message.attachment is msgspec.UNSET else message.attachment,
        message.sender_type.lower(),
    )


def build_colleague_view(agent: Agent, load: int, *, is_supervisor: bool) -> ColleagueView:
    user = agent.user
    return ColleagueView(
        user.id,
        agent.id,
        user.name,
        initials_of(user.name),
        avatar_color(user.id),
        user.online_status,
        agent.availability,
        load,
        agent.capacity,
        is_supervisor,
    )
