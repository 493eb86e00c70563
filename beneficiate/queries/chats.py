"""Chats and lines as they are shown: to their member, to their agent, by socket and by HTTP."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
from peewee import JOIN, Case, ModelSelect, fn

from beneficiate.errors import NotFound
from beneficiate.models.accounts import Agent, User
from beneficiate.models.chats import CLOSED, DIRECT, SUPPORT, Attachment, Chat, Message
from beneficiate.protocol import channels
from beneficiate.protocol.events import AgentMessageSent, MemberMessageSent, MessageSent
from beneficiate.protocol.payloads import AttachmentPayload, ChatPayload, MessagePayload, MessageStatus, PersonPayload
from beneficiate.queries.access import (
    STAFF_ROLES,
    ChatAccess,
    access_participant_chat,
    access_readable_chat,
    load_chats_for_access,
    require_self_or_staff,
)
from beneficiate.unit_of_work import MessageMark, UnitOfWork

AGENT_CHATS_PER_PAGE = 200
USER_CHATS_PER_PAGE = 50
MESSAGES_PER_PAGE = 50
PAYLOAD_PREVIEW_CHARS = 200
"""Characters of the last line in a picture: 200 chats with whole lines would be megabytes."""
_AgentUser = User.alias("agent_user")
_Peer = User.alias("peer")


@dataclass(frozen=True, slots=True)
class OwnedChatsQuery:
    """Whose chats, and which page of them, from 1."""

    id: int
    page: int = 1


@dataclass(frozen=True, slots=True)
class MessagePageQuery:
    """A page of lines: the newest `limit` with a `seq` below `before`, or simply the newest."""

    chat_id: int
    before: int | None = None
    limit: int = MESSAGES_PER_PAGE


@dataclass(frozen=True, slots=True)
class MissedMessagesQuery:
    """The lines of a chat after `seq`, at most `limit`."""

    chat_id: int
    seq: int
    limit: int


def list_agent_chats(uow: UnitOfWork, owner: OwnedChatsQuery) -> list[ChatPayload]:
    """A page of an agent's open support chats, newest first. Raises NotFound for anybody but staff."""
    if uow.actor.role not in STAFF_ROLES:
        raise NotFound
    return list_open_agent_chats(owner.id, owner.page)


def list_open_agent_chats(agent_id: int, page: int = 1) -> list[ChatPayload]:
    """An agent's open support chats, newest first, 200 a page."""
    query = (
        _select_chats().where(Chat.agent == agent_id, Chat.status != CLOSED).order_by(Chat.updated_at.desc(), Chat.id)
    )
    return [serialize_chat_row(row, is_user_side=False) for row in query.paginate(page, AGENT_CHATS_PER_PAGE).dicts()]


def list_user_chats(uow: UnitOfWork, owner: OwnedChatsQuery) -> list[ChatPayload]:
    """A page of a person's chats, open ones first, then newest. Raises NotFound for anybody but them and staff."""
    require_self_or_staff(uow.actor, owner.id)
    return list_chats_by_user([owner.id], page=owner.page, with_direct=uow.actor.user_id == owner.id).get(owner.id, [])


def list_chats_by_user(
    user_ids: Iterable[int], *, page: int = 1, with_direct: bool = True
) -> dict[int, list[ChatPayload]]:
    """The chats of several people at once, 50 of each side a page: two statements for all who are connecting."""
    ids = set(user_ids)
    found = _list_chats_of_side(ids, Chat.user, page, is_user_side=True, with_direct=with_direct)
    peers = {row[0] for row in Chat.select(Chat.peer).where(Chat.peer.in_(ids)).tuples()} if with_direct else set()
    if peers:
        for person, payloads in _list_chats_of_side(
            peers, Chat.peer, page, is_user_side=False, with_direct=True
        ).items():
            found.setdefault(person, []).extend(payloads)
    for payloads in found.values():
        payloads.sort(key=lambda chat: (chat.status == CLOSED, -chat.updated_at.timestamp()))
    return found


def _list_chats_of_side(
    ids: set[int], side: Any, page: int, *, is_user_side: bool, with_direct: bool
) -> dict[int, list[ChatPayload]]:
    """The chats in which these people sit on one side; the database counts them, so that history costs nothing."""
    item = (Case(None, [(Chat.status == CLOSED, 1)], 0), Chat.updated_at.desc(), Chat.id)
    place = fn.ROW_NUMBER().over(partition_by=[side], order_by=item).alias("place")
    own = Chat.select(Chat.id, place).where(side.in_(ids), True if with_direct else Chat.kind == SUPPORT).alias("own")
    last = page * USER_CHATS_PER_PAGE
    wanted = Chat.select(own.c.id).from_(own).where(own.c.place.between(last - USER_CHATS_PER_PAGE + 1, last))
    found: dict[int, list[ChatPayload]] = {}
    for row in _select_chats().where(Chat.id.in_(wanted)).order_by(*item).dicts():
        found.setdefault(row[side.name], []).append(serialize_chat_row(row, is_user_side=is_user_side))
    return found


def serialize_chat(chat_id: int, *, is_user_side: bool) -> ChatPayload:
    """One chat as that side sees it."""
    return serialize_chats([chat_id], is_user_side=is_user_side)[chat_id]


def serialize_chats(chat_ids: Iterable[int], *, is_user_side: bool) -> dict[int, ChatPayload]:
    """Chats as that side sees them, by id."""
    rows = _select_chats().where(Chat.id.in_(list(chat_ids))).dicts()
    return {row["id"]: serialize_chat_row(row, is_user_side=is_user_side) for row in rows}


def list_messages(uow: UnitOfWork, command: MessagePageQuery) -> list[MessagePayload]:
    """A page of lines, oldest first. Raises NotFound."""
    access = access_readable_chat(uow.actor, command.chat_id)
    messages = select_messages().where(Message.chat == access.id)
    if command.before is not None:
        messages = messages.where(Message.seq < command.before)
    return [
        serialize_message(message, access)
        for message in reversed(messages.order_by(Message.seq.desc()).limit(command.limit))
    ]


def load_last_seqs(uow: UnitOfWork, chat_ids: set[int]) -> dict[int, int]:
    """The last `seq` of those chats in which the actor takes part. Raises NotFound when there are chats and none is."""
    found = {}
    for access in load_chats_for_access(chat_ids, lock=False).values():
        if access.is_participant(uow.actor):
            found[access.id] = access.last_seq
    if chat_ids and not found:
        raise NotFound
    return found


def list_missed_messages(uow: UnitOfWork, command: MissedMessagesQuery) -> list[tuple[MessageSent, MessageMark | None]]:
    """The lines after a `seq`, in order, as the events that they were when live. Raises NotFound."""
    access, _ = access_participant_chat(uow.actor, command.chat_id)
    messages = (
        select_messages()
        .where(Message.chat == access.id, Message.seq > command.seq)
        .order_by(Message.seq)
        .limit(command.limit)
    )
    return [
        (
            message_event_class(access.kind, message.sender_type)(
                chat_id=access.id, message=serialize_message(message, access)
            ),
            delivery_mark(message, access),
        )
        for message in messages
    ]


def message_event_class(kind: str, sender_type: str) -> type[MessageSent]:
    """The word under which a line of this sender in a chat of this kind is said."""
    if kind == DIRECT:
        return MessageSent
    return {"USER": MemberMessageSent, "AGENT": AgentMessageSent}.get(sender_type, MessageSent)


def select_messages() -> ModelSelect:
    """Lines as `as_message` takes them: each with what is known of its file, in the same statement."""
    return (
        Message.select(
            Message,
            Attachment.id.alias("file_id"),
            Attachment.name,
            Attachment.kind,
            Attachment.size,
            Attachment.width,
            Attachment.height,
        )
        .join(Attachment, JOIN.LEFT_OUTER, on=Attachment.line == Message.id)
        .objects()
    )


def serialize_message(message: Message, access: ChatAccess) -> MessagePayload:
    """A line of `select_lines` as it goes over the wire, with its state worked out from how far its readers are."""
    return MessagePayload(
        id=message.id,
        chat_id=message.chat_id,
        seq=message.seq,
        sender_id=message.sender_id,
        sender_type=message.sender_type,
        message=message.message,
        status=message_status(message, access),
        sent_at=message.sent_at,
        client_id=message.client_id,
        attachment=msgspec.UNSET if message.file_id is None else serialize_attachment(message),
    )


def serialize_attachment(message: Message) -> AttachmentPayload:
    return AttachmentPayload(
        id=message.file_id,
        name=message.name,
        kind=message.kind,
        size=message.size,
        width=message.width,
        height=message.height,
    )


def message_status(message: Message, access: ChatAccess) -> MessageStatus:
    by_user = message.sender_type == "USER" and message.sender_id == access.user_id
    if message.seq <= access.read_seq(not by_user):
        return "READ"
    return "DELIVERED" if message.seq <= access.delivered_seq(not by_user) else "SENT"


def delivery_mark(message: Message, access: ChatAccess) -> MessageMark | None:
    if message.sender_type == "SYSTEM":
        return None
    author = channels.user_channel if message.sender_type == "USER" else channels.agent_channel
    return MessageMark(access.id, message.seq, message.id, author(message.sender_id))


def _select_chats() -> ModelSelect:
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


def serialize_chat_row(row: dict[str, Any], *, is_user_side: bool) -> ChatPayload:
    is_peer_shown = row["kind"] == DIRECT and is_user_side
    shown = "peer_" if is_peer_shown else ""
    user_id = row["peer"] if is_peer_shown else row["user"]
    agent = None
    if is_user_side and row["agent_user_id"] is not None:
        agent = PersonPayload(
            id=row["agent_user_id"], first_name=row["agent_first_name"], last_name=row["agent_last_name"]
        )
    return ChatPayload(
        id=row["id"],
        agent_id=row["agent"],
        user_id=user_id,
        status=row["status"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        last_message=row["last_line"][:PAYLOAD_PREVIEW_CHARS],
        last_seq=row["last_seq"],
        unread=row["user_unread" if is_user_side else "other_unread"],
        agent=agent,
        user=PersonPayload(
            id=user_id,
            first_name=row[f"{shown}first_name"],
            last_name=row[f"{shown}last_name"],
            email=row[f"{shown}email"],
        ),
    )
