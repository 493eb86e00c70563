"""Chats and messages for their participants, over sockets and HTTP."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec
from peewee import JOIN, Case, Expression, Field, ModelSelect, fn

from beneficiate.errors import NotFound
from beneficiate.models.accounts import Agent, User
from beneficiate.models.chats import CLOSED, SUPPORT, Attachment, Chat, Message
from beneficiate.protocol.events import MessageSent
from beneficiate.protocol.payloads import ChatPayload, MessagePayload
from beneficiate.queries.access import (
    STAFF_ROLES,
    access_participant_chat,
    access_readable_chat,
    load_chats_for_access,
    require_self_or_staff,
)
from beneficiate.unit_of_work import Actor, MessageMark, UnitOfWork
from beneficiate.views.access import ChatAccess
from beneficiate.views.chats import serialize_chat_row
from beneficiate.views.messages import delivery_mark, message_event_class, serialize_message

AGENT_CHATS_PER_PAGE = 200
USER_CHATS_PER_PAGE = 50
MESSAGES_PER_PAGE = 50
_AgentUser = User.alias("agent_user")
_Peer = User.alias("peer")


@dataclass(frozen=True, slots=True)
class OwnedChatsQuery:
    """A page, from 1, of the chats of an agent or a user: `id` is theirs."""

    id: int
    page: int = 1


@dataclass(frozen=True, slots=True)
class MessagePageQuery:
    """A page of messages: the newest `limit` with a `seq` below `before`, or of all without it."""

    chat_id: int
    before: int | None = None
    limit: int = MESSAGES_PER_PAGE


@dataclass(frozen=True, slots=True)
class MissedMessagesQuery:
    """The messages of a chat after `seq`, at most `limit`."""

    chat_id: int
    seq: int
    limit: int


def list_agent_chats(uow: UnitOfWork, owner: OwnedChatsQuery) -> list[ChatPayload]:
    """Return a page of an agent's open support chats, newest first. Raises NotFound for anybody but staff."""
    if uow.actor.role not in STAFF_ROLES:
        raise NotFound
    return _without_words_to_others(uow.actor, list_open_chats_by_agent([owner.id], owner.page).get(owner.id, []))


def list_open_chats_by_agent(agent_ids: Iterable[int], page: int = 1) -> dict[int, list[ChatPayload]]:
    """Return the open support chats of several agents, newest first, 200 each a page, in one statement."""
    order = (Chat.updated_at.desc(), Chat.id)
    is_open = Chat.agent.in_(list(agent_ids)) & (Chat.status != CLOSED)
    wanted = _select_page_ids(Chat.agent, is_open, order, page, AGENT_CHATS_PER_PAGE)
    found: dict[int, list[ChatPayload]] = {}
    for row in _select_chats().where(Chat.id.in_(wanted)).order_by(*order).dicts():
        found.setdefault(row["agent"], []).append(serialize_chat_row(row, is_user_side=False))
    return found


def list_user_chats(uow: UnitOfWork, owner: OwnedChatsQuery) -> list[ChatPayload]:
    """Return a page of a person's chats, open ones first, then newest. Raises NotFound for others but staff."""
    require_self_or_staff(uow.actor, owner.id)
    is_own = uow.actor.user_id == owner.id
    found = list_chats_by_user([owner.id], page=owner.page, with_direct=is_own).get(owner.id, [])
    return found if is_own else _without_words_to_others(uow.actor, found)


def _without_words_to_others(actor: Actor, found: list[ChatPayload]) -> list[ChatPayload]:
    """Return these chats without the last messages of those that other agents have: who reads them opens them."""
    is_own = [actor.agent_id is not None and chat.agent_id == actor.agent_id for chat in found]
    return [
        chat if own else msgspec.structs.replace(chat, last_message="") for chat, own in zip(found, is_own, strict=True)
    ]


def list_chats_by_user(
    user_ids: Iterable[int], *, page: int = 1, with_direct: bool = True
) -> dict[int, list[ChatPayload]]:
    """Return the chats of several people, 50 of each side a page, in two or three statements for all of them."""
    ids = set(user_ids)
    found = _list_chats_of_side(ids, Chat.user, page, is_user_side=True, with_direct=with_direct)
    peers = {row[0] for row in Chat.select(Chat.peer).where(Chat.peer.in_(ids)).tuples()} if with_direct else set()
    if peers:
        as_peer = _list_chats_of_side(peers, Chat.peer, page, is_user_side=False, with_direct=True)
        for person, payloads in as_peer.items():
            found.setdefault(person, []).extend(payloads)
    for payloads in found.values():
        payloads.sort(key=lambda chat: (chat.status == CLOSED, -chat.updated_at.timestamp()))
    return found


def _list_chats_of_side(
    ids: set[int], side: Field, page: int, *, is_user_side: bool, with_direct: bool
) -> dict[int, list[ChatPayload]]:
    """Return the chats in which these people are on one side, by person."""
    order = (Case(None, [(Chat.status == CLOSED, 1)], 0), Chat.updated_at.desc(), Chat.id)
    is_own = side.in_(ids) & (True if with_direct else Chat.kind == SUPPORT)
    wanted = _select_page_ids(side, is_own, order, page, USER_CHATS_PER_PAGE)
    found: dict[int, list[ChatPayload]] = {}
    for row in _select_chats().where(Chat.id.in_(wanted)).order_by(*order).dicts():
        found.setdefault(row[side.name], []).append(serialize_chat_row(row, is_user_side=is_user_side))
    return found


def _select_page_ids(
    owner: Field, where: Expression, order: Sequence[Expression], page: int, page_size: int
) -> ModelSelect:
    """Select the ids of one page of each owner's chats; the database counts them, so that history costs nothing."""
    position = fn.ROW_NUMBER().over(partition_by=[owner], order_by=order).alias("position")
    ranked = Chat.select(Chat.id, position).where(where).alias("ranked")
    last = page * page_size
    return Chat.select(ranked.c.id).from_(ranked).where(ranked.c.position.between(last - page_size + 1, last))


def serialize_chat(chat_id: int, *, is_user_side: bool) -> ChatPayload:
    """Return one chat as that side sees it."""
    return serialize_chats([chat_id], is_user_side=is_user_side)[chat_id]


def serialize_chats(chat_ids: Iterable[int], *, is_user_side: bool) -> dict[int, ChatPayload]:
    """Return chats as that side sees them, by id."""
    rows = _select_chats().where(Chat.id.in_(list(chat_ids))).dicts()
    return {row["id"]: serialize_chat_row(row, is_user_side=is_user_side) for row in rows}


def list_messages(uow: UnitOfWork, query: MessagePageQuery) -> list[MessagePayload]:
    """Return a page of messages, oldest first. Raises NotFound."""
    return list_chat_messages(access_readable_chat(uow.actor, query.chat_id), query.before, query.limit)


def list_chat_messages(
    access: ChatAccess, before: int | None = None, limit: int = MESSAGES_PER_PAGE
) -> list[MessagePayload]:
    """Return a page of the messages of a chat that the actor may read, oldest first."""
    messages = select_messages().where(Message.chat == access.id)
    if before is not None:
        messages = messages.where(Message.seq < before)
    newest_first = messages.order_by(Message.seq.desc()).limit(limit)
    return [serialize_message(message, access) for message in reversed(newest_first)]


def load_last_seqs(uow: UnitOfWork, chat_ids: set[int]) -> dict[int, int]:
    """Return the last `seq` of those chats in which the actor takes part. Raises NotFound when that is none of them."""
    found = {}
    for access in load_chats_for_access(chat_ids, lock=False).values():
        if access.is_participant(uow.actor):
            found[access.id] = access.last_seq
    if chat_ids and not found:
        raise NotFound
    return found


def list_missed_messages(uow: UnitOfWork, query: MissedMessagesQuery) -> list[tuple[MessageSent, MessageMark | None]]:
    """Return the messages after a `seq`, in order, as the events that announced them. Raises NotFound."""
    access, _ = access_participant_chat(uow.actor, query.chat_id)
    is_missed = (Message.chat == access.id) & (Message.seq > query.seq)
    messages = select_messages().where(is_missed).order_by(Message.seq).limit(query.limit)
    return [
        (
            message_event_class(access.kind, message.sender_type)(
                chat_id=access.id, message=serialize_message(message, access)
            ),
            delivery_mark(message, access),
        )
        for message in messages
    ]


def select_messages() -> ModelSelect:
    """Select messages as `serialize_message` needs them, with the columns of their file in the same statement."""
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
