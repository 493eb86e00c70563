"""Chats and lines as they are shown: to their member, to their agent, by socket and by HTTP."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
from peewee import JOIN, Case, ModelSelect, fn

from beneficiate.errors import NotFound
from beneficiate.models.chats import CLOSED, DIRECT, SUPPORT, Attachment, Chat, Line
from beneficiate.models.people import Agent, User
from beneficiate.protocol import topics
from beneficiate.protocol.events import AgentLineSent, LineSent, MemberLineSent
from beneficiate.protocol.pictures import AttachmentPicture, ChatPicture, LineStatus, Message, Person
from beneficiate.queries.access import STAFF, Seat, access_history, access_seat, find_seats, require_self_or_staff
from beneficiate.store import LineMark, Work

AGENT_CHATS = 200
USER_CHATS = 50
PAGE = 50
PREVIEW = 200
"""Characters of the last line in a picture: 200 chats with whole lines would be megabytes."""
_AgentUser = User.alias("agent_user")
_Peer = User.alias("peer")


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose chats, and which page of them, from 1."""

    id: int
    page: int = 1


@dataclass(frozen=True, slots=True)
class Page:
    """A page of lines: the newest `limit` with a `seq` below `before`, or simply the newest."""

    chat_id: int
    before: int | None = None
    limit: int = PAGE


@dataclass(frozen=True, slots=True)
class Missed:
    """The lines of a chat after `seq`, at most `limit`."""

    chat_id: int
    seq: int
    limit: int


def of_agent(work: Work, owner: Owner) -> list[ChatPicture]:
    """A page of an agent's open support chats, newest first. Raises NotFound for anybody but staff."""
    if work.actor.role not in STAFF:
        raise NotFound
    return open_of_agent(owner.id, owner.page)


def open_of_agent(agent_id: int, page: int = 1) -> list[ChatPicture]:
    """An agent's open support chats, newest first, 200 a page."""
    query = _pictures().where(Chat.agent == agent_id, Chat.status != CLOSED).order_by(Chat.updated_at.desc(), Chat.id)
    return [_picture(row, is_user_side=False) for row in query.paginate(page, AGENT_CHATS).dicts()]


def of_user(work: Work, owner: Owner) -> list[ChatPicture]:
    """A page of a person's chats, open ones first, then newest. Raises NotFound for anybody but them and staff."""
    require_self_or_staff(work.actor, owner.id)
    return of_users([owner.id], page=owner.page, with_direct=work.actor.user_id == owner.id).get(owner.id, [])


def of_users(user_ids: Iterable[int], *, page: int = 1, with_direct: bool = True) -> dict[int, list[ChatPicture]]:
    """The chats of several people at once, 50 of each side a page: two statements for all who are connecting."""
    ids = set(user_ids)
    found = _of_side(ids, Chat.user, page, is_user_side=True, with_direct=with_direct)
    peers = {row[0] for row in Chat.select(Chat.peer).where(Chat.peer.in_(ids)).tuples()} if with_direct else set()
    if peers:
        for person, pictures in _of_side(peers, Chat.peer, page, is_user_side=False, with_direct=True).items():
            found.setdefault(person, []).extend(pictures)
    for pictures in found.values():
        pictures.sort(key=lambda chat: (chat.status == CLOSED, -chat.updated_at.timestamp()))
    return found


def _of_side(
    ids: set[int], side: Any, page: int, *, is_user_side: bool, with_direct: bool
) -> dict[int, list[ChatPicture]]:
    """The chats in which these people sit on one side; the database counts them, so that history costs nothing."""
    order = (Case(None, [(Chat.status == CLOSED, 1)], 0), Chat.updated_at.desc(), Chat.id)
    place = fn.ROW_NUMBER().over(partition_by=[side], order_by=order).alias("place")
    own = Chat.select(Chat.id, place).where(side.in_(ids), True if with_direct else Chat.kind == SUPPORT).alias("own")
    last = page * USER_CHATS
    wanted = Chat.select(own.c.id).from_(own).where(own.c.place.between(last - USER_CHATS + 1, last))
    found: dict[int, list[ChatPicture]] = {}
    for row in _pictures().where(Chat.id.in_(wanted)).order_by(*order).dicts():
        found.setdefault(row[side.name], []).append(_picture(row, is_user_side=is_user_side))
    return found


def picture_of(chat_id: int, *, is_user_side: bool) -> ChatPicture:
    """One chat as that side sees it."""
    return pictures_of([chat_id], is_user_side=is_user_side)[chat_id]


def pictures_of(chat_ids: Iterable[int], *, is_user_side: bool) -> dict[int, ChatPicture]:
    """Chats as that side sees them, by id."""
    rows = _pictures().where(Chat.id.in_(list(chat_ids))).dicts()
    return {row["id"]: _picture(row, is_user_side=is_user_side) for row in rows}


def page(work: Work, command: Page) -> list[Message]:
    """A page of lines, oldest first. Raises NotFound."""
    seat = access_history(work.actor, command.chat_id)
    lines = select_lines().where(Line.chat == seat.id)
    if command.before is not None:
        lines = lines.where(Line.seq < command.before)
    return [as_message(line, seat) for line in reversed(lines.order_by(Line.seq.desc()).limit(command.limit))]


def last_seqs(work: Work, chat_ids: set[int]) -> dict[int, int]:
    """The last `seq` of those chats in which the actor takes part. Raises NotFound when there are chats and none is."""
    found = {}
    for seat in find_seats(chat_ids, lock=False).values():
        if seat.has_side(work.actor):
            found[seat.id] = seat.last_seq
    if chat_ids and not found:
        raise NotFound
    return found


def missed(work: Work, command: Missed) -> list[tuple[LineSent, LineMark | None]]:
    """The lines after a `seq`, in order, as the events that they were when live. Raises NotFound."""
    seat, _ = access_seat(work.actor, command.chat_id)
    lines = select_lines().where(Line.chat == seat.id, Line.seq > command.seq).order_by(Line.seq).limit(command.limit)
    return [
        (line_word(seat.kind, line.sender_type)(chat_id=seat.id, message=as_message(line, seat)), _mark(line, seat))
        for line in lines
    ]


def line_word(kind: str, sender_type: str) -> type[LineSent]:
    """The word under which a line of this sender in a chat of this kind is said."""
    if kind == DIRECT:
        return LineSent
    return {"USER": MemberLineSent, "AGENT": AgentLineSent}.get(sender_type, LineSent)


def select_lines() -> ModelSelect:
    """Lines as `as_message` takes them: each with what is known of its file, in the same statement."""
    return (
        Line.select(
            Line,
            Attachment.id.alias("file_id"),
            Attachment.name,
            Attachment.kind,
            Attachment.size,
            Attachment.width,
            Attachment.height,
        )
        .join(Attachment, JOIN.LEFT_OUTER, on=Attachment.line == Line.id)
        .objects()
    )


def as_message(line: Line, seat: Seat) -> Message:
    """A line of `select_lines` as it goes over the wire, with its state worked out from how far its readers are."""
    return Message(
        id=line.id,
        chat_id=line.chat_id,
        seq=line.seq,
        sender_id=line.sender_id,
        sender_type=line.sender_type,
        message=line.message,
        status=_status(line, seat),
        sent_at=line.sent_at,
        client_id=line.client_id,
        attachment=msgspec.UNSET if line.file_id is None else _attachment(line),
    )


def _attachment(line: Line) -> AttachmentPicture:
    return AttachmentPicture(
        id=line.file_id, name=line.name, kind=line.kind, size=line.size, width=line.width, height=line.height
    )


def _status(line: Line, seat: Seat) -> LineStatus:
    by_user = line.sender_type == "USER" and line.sender_id == seat.user_id
    if line.seq <= seat.read_seq(not by_user):
        return "READ"
    return "DELIVERED" if line.seq <= seat.delivered_seq(not by_user) else "SENT"


def _mark(line: Line, seat: Seat) -> LineMark | None:
    if line.sender_type == "SYSTEM":
        return None
    author = topics.user if line.sender_type == "USER" else topics.agent
    return LineMark(seat.id, line.seq, line.id, author(line.sender_id))


def _pictures() -> ModelSelect:
    return (
        Chat.select(
            Chat,
            User.first_name,
            User.last_name,
            User.email,
            Agent.user.alias("agent_user_id"),
            _AgentUser.first_name.alias("agent_first_name"),
            _AgentUser.last_name.alias("agent_last_name"),
            _Peer.first_name.alias("peer_first_name"),
            _Peer.last_name.alias("peer_last_name"),
            _Peer.email.alias("peer_email"),
        )
        .join(User, on=Chat.user == User.id)
        .join_from(Chat, Agent, JOIN.LEFT_OUTER)
        .join_from(Agent, _AgentUser, JOIN.LEFT_OUTER, on=Agent.user == _AgentUser.id)
        .join_from(Chat, _Peer, JOIN.LEFT_OUTER, on=Chat.peer == _Peer.id)
    )


def _picture(row: dict[str, Any], *, is_user_side: bool) -> ChatPicture:
    is_peer_shown = row["kind"] == DIRECT and is_user_side
    shown = "peer_" if is_peer_shown else ""
    user_id = row["peer"] if is_peer_shown else row["user"]
    agent = None
    if is_user_side and row["agent_user_id"] is not None:
        agent = Person(id=row["agent_user_id"], first_name=row["agent_first_name"], last_name=row["agent_last_name"])
    return ChatPicture(
        id=row["id"],
        agent_id=row["agent"],
        user_id=user_id,
        status=row["status"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        last_message=row["last_line"][:PREVIEW],
        last_seq=row["last_seq"],
        unread=row["user_unread" if is_user_side else "other_unread"],
        agent=agent,
        user=Person(
            id=user_id,
            first_name=row[f"{shown}first_name"],
            last_name=row[f"{shown}last_name"],
            email=row[f"{shown}email"],
        ),
    )
