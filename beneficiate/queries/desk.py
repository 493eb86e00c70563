"""The agent's desk as it is drawn: rows of the list, the open conversation, its lines."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import JOIN

from beneficiate.errors import NotFound
from beneficiate.models.chats import ACTIVE, SUPPORT, WAITING, Chat, Line
from beneficiate.models.people import Agent, User
from beneficiate.protocol.pictures import ChatPicture, Message
from beneficiate.queries import chats, faces
from beneficiate.queries.access import access_seat
from beneficiate.queries.faces import face, initials
from beneficiate.store import Actor, Work


@dataclass(frozen=True, slots=True)
class Row:
    """A chat in the list."""

    id: int
    user_id: int
    name: str
    initials: str
    face: int
    status: str
    last_text: str
    last_at: datetime
    last_mine: bool
    unread: int
    online: bool
    last_seq: int


@dataclass(frozen=True, slots=True)
class LineView:
    """A line in the conversation. `kind` is own, other or system."""

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


def desk(work: Work, chat_id: int | None) -> dict[str, Any]:
    """Everything on the desk; with a chat that is one's own, its conversation too."""
    direct = chats.of_users([work.actor.user_id]).get(work.actor.user_id, [])
    pictures = [
        *chats.open_of_agent(work.actor.agent_id or 0),
        *(chat for chat in direct if chat.agent_id is None and chat.status == ACTIVE),
    ]
    selected = None if chat_id is None else _conversation_if_own(work, chat_id)
    return {"me": me(work), "chats": _rows(work.actor, pictures), "selected": selected, "waiting": waiting(work)}


def waiting(work: Work, _: None = None) -> dict[str, Any]:
    """How many members wait for a person, and who has waited longest."""
    query = Chat.select(Chat.user, Chat.created_at).where(Chat.kind == SUPPORT, Chat.status == WAITING)
    first = query.order_by(Chat.created_at, Chat.id).tuples().first()
    user_id, since = first or (None, None)
    return {"count": query.count(), "user_id": user_id, "since": since}


def me(work: Work, _: None = None) -> dict[str, Any]:
    """The agent who looks, for the rail."""
    agent = Agent.get_by_id(work.actor.agent_id)
    return {**faces.me(work), "agent_id": agent.id, "agent_code": agent.agent_code}


def row(work: Work, chat_id: int) -> Row:
    """One chat of one's own as a row of the list. Raises NotFound."""
    seat, is_user_side = access_seat(work.actor, chat_id)
    return _rows(work.actor, [chats.picture_of(seat.id, is_user_side=is_user_side)])[0]


def conversation(work: Work, chat_id: int) -> dict[str, Any]:
    """A chat of one's own and its newest lines, oldest first. Raises NotFound."""
    view = row(work, chat_id)
    lines = chats.page(work, chats.Page(chat_id))
    names = _names(lines, view, work.actor)
    return {
        "chat": view,
        "lines": [_line(line, work.actor, names) for line in lines],
        "has_older": bool(lines) and lines[0].seq > 1,
    }


def _conversation_if_own(work: Work, chat_id: int) -> dict[str, Any] | None:
    try:
        return conversation(work, chat_id)
    except NotFound:
        return None


def _rows(actor: Actor, pictures: list[ChatPicture]) -> list[Row]:
    online = {
        user.id
        for user in User.select(User.id).where(User.id.in_([chat.user_id for chat in pictures]), User.online_status)
    }
    last = (
        Line.select(Line.chat, Line.sender_type, Line.sender_id)
        .join(Chat)
        .where(Chat.id.in_([chat.id for chat in pictures]), Line.seq == Chat.last_seq)
    )
    senders = {chat_id: (kind, sender) for chat_id, kind, sender in last.tuples()}
    own = {("AGENT", actor.agent_id), ("USER", actor.user_id)}
    return [
        Row(
            chat.id,
            chat.user_id,
            name,
            initials(name),
            face(chat.user_id),
            chat.status,
            chat.last_message,
            chat.updated_at,
            senders.get(chat.id) in own,
            chat.unread,
            chat.user_id in online,
            chat.last_seq,
        )
        for chat in pictures
        for name in [f"{chat.user.first_name} {chat.user.last_name}"]
    ]


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
    names["USER", view.user_id] = (view.user_id, view.name)
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
    )
