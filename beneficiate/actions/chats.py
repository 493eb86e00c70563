"""Opening and closing chats, and typing in them."""

from beneficiate.actions import assignment, audit, deadlines, quotas
from beneficiate.actions.chat_updates import PendingMessage
from beneficiate.actions.facts import record_chat_facts
from beneficiate.actions.messages import store_messages
from beneficiate.domain import facts
from beneficiate.errors import ChatIsClosed, ChatIsTaken, NotFound, Problem
from beneficiate.models.accounts import User
from beneficiate.models.base import lock_rows
from beneficiate.models.chats import ACTIVE, CLOSED, DIRECT, SUPPORT, WAITING, Chat
from beneficiate.protocol import channels
from beneficiate.protocol.commands import CloseChat, OpenChat, StartTyping, StopTyping
from beneficiate.protocol.events import (
    ChatClosed,
    ChatInitiated,
    NewChat,
    TypingStarted,
    TypingStopped,
    UserConnected,
)
from beneficiate.protocol.payloads import ChatPayload
from beneficiate.queries.access import (
    STAFF_ROLES,
    access_chat_of_item,
    access_participant_chat,
    is_staff,
    load_chats_for_access,
)
from beneficiate.queries.chats import serialize_chat
from beneficiate.unit_of_work import BatchItem, UnitOfWork, batched, handle_each
from beneficiate.views.access import ChatAccess


@batched(writes=False)
def relay_typing(uow: UnitOfWork, items: list[BatchItem[StartTyping | StopTyping]]) -> list[Problem | None]:
    """Emit typing to the other side, and a member's typing to the viewers of the chat too; nothing is stored.

    Problems: NotFound, ChatIsClosed.
    """
    access_by_chat = load_chats_for_access({item.command.chat_id for item in items}, lock=False)
    return handle_each(items, lambda item: _emit_typing(uow, item, *access_chat_of_item(access_by_chat, item)))


def open_support_chat(uow: UnitOfWork, command: OpenChat) -> ChatPayload:
    """Open a support chat with a member, take their waiting one, or return the actor's own.

    Raises NotFound, ChatIsTaken, RateLimited.
    """
    member = _access_member(command.user_id)
    if member.id == uow.actor.user_id:
        raise NotFound
    assignment.lock_queue()
    # Locked, so that a waiting chat that its member closes meanwhile is not opened again.
    chat = lock_rows(Chat.select().where(Chat.user == member, Chat.kind == SUPPORT, Chat.status != CLOSED)).first()
    if chat is not None and chat.agent_id not in (None, uow.actor.agent_id):
        raise ChatIsTaken
    if chat is not None and chat.agent_id is None:
        quotas.consume_quota(uow, uow.rules.quotas.chat_moves)
        assignment.assign_chats(uow, {chat.id: uow.actor.agent_id or 0}, assignment.AssignmentReason(assignment.PICKED))
        assignment.emit_queue_changed(uow)
        changes = {"agent": (None, uow.actor.agent_id)}
        audit.record_act(uow, "chats.take", f"chat:{chat.id}", changes=changes, person_id=member.id)
        return serialize_chat(chat.id, is_user_side=False)
    if chat is None:
        quotas.consume_quota(uow, uow.rules.quotas.chats)
        chat = Chat.create(
            kind=SUPPORT,
            status=ACTIVE,
            user=member,
            agent=uow.actor.agent_id,
            assigned_at=uow.now,
            created_at=uow.now,
            updated_at=uow.now,
        )
        deadlines.promise_again(uow, [chat.id])
        for kind in (facts.OPENED, facts.ASSIGNED):
            record_chat_facts(uow, kind, [(chat.id, chat.agent_id)])
        # From now on they share a chat, so each may see the other's presence; whoever takes a chat is online.
        uow.emit(NewChat(chat=serialize_chat(chat.id, is_user_side=True)), channels=[channels.user_channel(member.id)])
        uow.emit(UserConnected(user_id=uow.actor.user_id), channels=[channels.user_channel(member.id)])
        audit.record_act(uow, "chats.open", f"chat:{chat.id}", person_id=member.id)
    payload = serialize_chat(chat.id, is_user_side=False)
    uow.emit(ChatInitiated(chat=payload), channels=[channels.agent_channel(uow.actor.agent_id or 0)])
    return payload


def open_direct_chat(uow: UnitOfWork, user_id: int) -> ChatPayload:
    """Open a direct chat between two people of the staff, or return the open one.

    Raises NotFound for anybody else, RateLimited.
    """
    user_ids = sorted({uow.actor.user_id, user_id})
    User.lock_rows(user_ids)
    if len(user_ids) < 2 or uow.actor.role not in STAFF_ROLES or not is_staff(user_id):
        raise NotFound
    pair = ((Chat.user == uow.actor.user_id) & (Chat.peer == user_id)) | (
        (Chat.user == user_id) & (Chat.peer == uow.actor.user_id)
    )
    chat = Chat.get_or_none(pair, Chat.kind == DIRECT, Chat.status != CLOSED)
    if chat is None:
        quotas.consume_quota(uow, uow.rules.quotas.chats)
        chat = Chat.create(
            kind=DIRECT, status=ACTIVE, user=uow.actor.user_id, peer=user_id, created_at=uow.now, updated_at=uow.now
        )
        uow.emit(NewChat(chat=serialize_chat(chat.id, is_user_side=False)), channels=[channels.user_channel(user_id)])
    payload = serialize_chat(chat.id, is_user_side=chat.user_id == uow.actor.user_id)
    uow.emit(ChatInitiated(chat=payload), channels=[channels.user_channel(uow.actor.user_id)])
    return payload


def close_chat(uow: UnitOfWork, command: CloseChat) -> None:
    """Close a chat with a SYSTEM message. Raises NotFound, ChatIsClosed."""
    assignment.lock_queue()
    access, is_user_side = access_participant_chat(uow.actor, command.chat_id, lock=True)
    if access.status == CLOSED:
        raise ChatIsClosed
    pending = PendingMessage(
        access, is_user_side, "SYSTEM", None, "", _closing_sentence(access, is_user_side), seq=access.last_seq + 1
    )
    message = store_messages(uow, [pending])[access.id, pending.seq]
    for kind in (facts.CLOSED, facts.RESOLUTION):
        record_chat_facts(uow, kind, [(access.id, access.agent_id)])
    deadlines.end_deadlines(uow, access.id, access.agent_id)
    Chat.update(
        status=CLOSED,
        closed_at=uow.now,
        closed_by=uow.actor.user_id,
        needs_first_reply=False,
        reply_due_at=None,
        awaiting_since=None,
        bot_muted=False,
        **deadlines.NO_DEADLINES,
    ).where(Chat.id == access.id).execute()
    uow.emit(
        ChatClosed(chat_id=access.id, closed_by=uow.actor.user_id, message=message),
        channels=access.participant_channels,
    )
    if access.kind == SUPPORT:
        assignment.record_chat_history(uow, [(access.id, access.agent_id)], assignment.AssignmentReason(CLOSED.lower()))
        # Its agent has free capacity now, or one chat fewer waits.
        assignment.assign_waiting_chats(uow, is_changed=access.status == WAITING)
        if not is_user_side:
            audit.record_act(uow, "chats.close", f"chat:{access.id}", person_id=access.user_id)


def _emit_typing(
    uow: UnitOfWork, item: BatchItem[StartTyping | StopTyping], access: ChatAccess, is_user_side: bool
) -> None:
    if access.status == CLOSED:
        raise ChatIsClosed
    event = TypingStarted if isinstance(item.command, StartTyping) else TypingStopped
    viewers = access.viewer_channels if is_user_side else ()
    uow.emit(
        event(chat_id=access.id, user_id=item.actor.user_id),
        channels=[*access.channels_of_other_side(is_user_side), *viewers],
    )


def _access_member(user_id: int) -> User:
    """Return an active user who is not staff, locked so that two agents open one chat. Raises NotFound."""
    member = lock_rows(User.select().where(User.id == user_id, User.is_active)).first()
    if member is None or is_staff(user_id):
        raise NotFound
    return member  # type: ignore[no-any-return]


def _closing_sentence(access: ChatAccess, is_user_side: bool) -> str:
    # Both sides read the same line: it calls nobody by what they are to the other side.
    return "El chat fue cerrado." if access.kind == DIRECT or is_user_side else "El agente cerró el chat."
