"""The agent's desk as it is drawn: the lists, the open conversation with its notes, the team."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from peewee import JOIN, fn

from beneficiate.errors import NotFound
from beneficiate.models.chats import ACTIVE, CLOSED, DIRECT, SUPPORT, WAITING, Chat, Line
from beneficiate.models.people import Agent, Supervisor, User
from beneficiate.models.staff import Topic
from beneficiate.protocol.pictures import AttachmentPicture, Message
from beneficiate.protocol.tools import NotePicture
from beneficiate.queries import chats, conversations, faces, finding, notes
from beneficiate.queries.conversations import DeskChat
from beneficiate.queries.faces import face, initials
from beneficiate.queries.routing import IN_ORDER, loads
from beneficiate.queries.tags import all_tags
from beneficiate.store import Actor, Work

TAGS = 30
"""So many tags, the most used, are offered to filter by."""


@dataclass(frozen=True, slots=True)
class Row:
    """A chat in a list. `is_mine`: the actor has it, or takes part in it; `last_mine`: they wrote its last line."""

    chat: DeskChat
    is_mine: bool
    last_mine: bool

    @property
    def name(self) -> str:
        return f"{self.chat.user.first_name} {self.chat.user.last_name}"

    @property
    def initials(self) -> str:
        return initials(self.name)

    @property
    def face(self) -> int:
        return face(self.chat.user.id)

    @property
    def agent(self) -> str:
        """Who has it."""
        return f"{self.chat.agent.first_name} {self.chat.agent.last_name}" if self.chat.agent else ""


@dataclass(frozen=True, slots=True)
class LineView:
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
    file: AttachmentPicture | None
    by: str


@dataclass(frozen=True, slots=True)
class Colleague:
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
class Opened:
    """Which chat is open, and beside which list."""

    chat_id: int | None
    listed: conversations.Asked


def desk(work: Work, opened: Opened) -> dict[str, Any]:
    """Everything on the desk; with a chat that one may read, its conversation too."""
    selected = None if opened.chat_id is None else _conversation_if_any(work, opened.chat_id)
    return {
        "me": me(work),
        "selected": selected,
        "waiting": waiting(work),
        "unread": conversations.unread(work),
        **listed(work, opened.listed),
    }


def listed(work: Work, asked: conversations.Asked) -> dict[str, Any]:
    """A page of a list, with what the tabs above it say. Raises Invalid."""
    found = conversations.conversations(work, asked)
    return {
        "rows": _rows(work.actor, found.conversations),
        "counts": found.counts,
        "before": found.before,
        "asked": asked,
        "tags": all_tags(work)[:TAGS],
        "selected_id": None,
    }


def waiting(work: Work, _: None = None) -> dict[str, Any]:
    """How many members wait for a person, and who is the next of them."""
    since_when = fn.COALESCE(Chat.queued_at, Chat.created_at).converter(Chat.queued_at.python_value)
    query = Chat.select(Chat.id, since_when).where(Chat.kind == SUPPORT, Chat.status == WAITING)
    chat_id, since = query.order_by(*IN_ORDER).tuples().first() or (None, None)
    return {"count": query.count(), "chat_id": chat_id, "since": since}


def me(work: Work, _: None = None) -> dict[str, Any]:
    """Whoever looks, for the rail and the head of the list. Raises NotFound for those who answer no chats."""
    agent = Agent.get_or_none(Agent.id == work.actor.agent_id)
    if agent is None:
        raise NotFound
    return {
        **faces.me(work),
        "agent_id": agent.id,
        "agent_code": agent.agent_code,
        "availability": agent.availability,
        "reason": agent.reason,
        "capacity": agent.capacity,
        "load": loads([agent.id]).get(agent.id, 0),
    }


def row(work: Work, chat_id: int) -> Row:
    """One chat that one may read as a row of a list. Raises NotFound."""
    return _rows(work.actor, [conversations.one(work, chat_id)])[0]


def conversation(work: Work, chat_id: int) -> dict[str, Any]:
    """A chat that one may read, its newest lines, oldest first, and the notes between them. Raises NotFound."""
    view = row(work, chat_id)
    lines = chats.page(work, chats.Page(chat_id))
    names = _names(lines, view, work.actor)
    closed_at, mode = Chat.get_by_id(chat_id).closed_at, _mode(view)
    return {
        "row": view,
        "lines": [_line(line, work.actor, names) for line in lines],
        "notes": _notes(work, view),
        "has_older": bool(lines) and lines[0].seq > 1,
        "mode": mode,
        "can_give": work.actor.role == "supervisor" and mode in ("waiting", "other"),
        "can_reopen": view.is_mine and closed_at is not None and work.now - closed_at < work.rules.reopen,
    }


def team(work: Work, _: None = None) -> dict[str, Any]:
    """The colleagues and the topics to whom a chat may be passed on."""
    query = Agent.select(Agent, User).join(User).where(Agent.status == "ACTIVE", Agent.user != work.actor.user_id)
    agents = list(query.order_by(User.first_name, User.last_name, User.id))
    load = loads([agent.id for agent in agents])
    above = {user_id for (user_id,) in Supervisor.select(Supervisor.user).where(Supervisor.status == "ACTIVE").tuples()}
    people = [_colleague(one, load.get(one.id, 0), is_supervisor=one.user_id in above) for one in agents]
    return {
        "agents": sorted(people, key=lambda one: (not one.is_online, one.availability != "available")),
        "topics": list(Topic.select(Topic.code, Topic.name).where(Topic.is_active).order_by(Topic.name).dicts()),
    }


def found(work: Work, sought: finding.Sought) -> dict[str, Any]:
    """What a search found, for the list. Raises NotFound."""
    return {"found": finding.find(work, sought), "sought": sought}


def _mode(view: Row) -> str:
    """What one may do with a chat: own (answer it), closed, waiting (take it), other (read it)."""
    if view.chat.status == CLOSED:
        return "closed"
    if view.is_mine and view.chat.status == ACTIVE:
        return "own"
    return "waiting" if view.chat.status == WAITING else "other"


def _conversation_if_any(work: Work, chat_id: int) -> dict[str, Any] | None:
    try:
        return conversation(work, chat_id)
    except NotFound:
        return None


def _rows(actor: Actor, found: list[DeskChat]) -> list[Row]:
    last = (
        Line.select(Line.chat, Line.sender_type, Line.sender_id)
        .join(Chat)
        .where(Chat.id.in_([chat.id for chat in found]), Line.seq == Chat.last_seq)
    )
    senders = {chat_id: (kind, sender) for chat_id, kind, sender in last.tuples()}
    own = {("AGENT", actor.agent_id), ("USER", actor.user_id)}
    return [
        Row(chat, chat.kind == DIRECT or chat.agent_id == actor.agent_id, senders.get(chat.id) in own) for chat in found
    ]


def _notes(work: Work, view: Row) -> dict[int, list[NotePicture]]:
    """The notes of a support chat by the line after which they stand."""
    placed: dict[int, list[NotePicture]] = defaultdict(list)
    for note in notes.of_chat(work, view.chat.id) if view.chat.kind == SUPPORT else []:
        placed[note.after_seq].append(note)
    return placed


def _names(lines: list[Message], view: Row, actor: Actor) -> dict[tuple[str, int | None], tuple[int, str]]:
    """Who wrote these lines: the user id and the name behind each sender."""
    agents = {line.sender_id for line in lines if line.sender_type == "AGENT"}
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


def _line(line: Message, actor: Actor, names: dict[tuple[str, int | None], tuple[int, str]]) -> LineView:
    user_id, name = names.get((line.sender_type, line.sender_id), (0, ""))
    is_own = user_id == actor.user_id
    kind = "system" if line.sender_type == "SYSTEM" else "own" if is_own else "other"
    return LineView(
        line.id,
        line.seq,
        kind,
        name,
        initials(name) if name else "",
        face(user_id),
        line.message,
        line.sent_at,
        line.status,
        line.client_id,
        None if line.attachment is msgspec.UNSET else line.attachment,
        line.sender_type.lower(),
    )


def _colleague(agent: Agent, load: int, *, is_supervisor: bool) -> Colleague:
    user = agent.user
    return Colleague(
        user.id,
        agent.id,
        user.name,
        initials(user.name),
        face(user.id),
        user.online_status,
        agent.availability,
        load,
        agent.capacity,
        is_supervisor,
    )
