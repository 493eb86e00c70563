"""What may change in a chat as a whole: opening, typing in it, closing."""

from beneficiate.actions import routing
from beneficiate.actions.lines import Draft, store_lines
from beneficiate.errors import ChatIsClosed, ChatIsTaken, NotFound, Problem
from beneficiate.models.base import locked
from beneficiate.models.chats import ACTIVE, CLOSED, DIRECT, SUPPORT, WAITING, Chat
from beneficiate.models.people import User
from beneficiate.protocol import topics
from beneficiate.protocol.commands import CloseChat, OpenChat, StartTyping, StopTyping
from beneficiate.protocol.events import (
    ChatClosed,
    ChatInitiated,
    NewChat,
    TypingStarted,
    TypingStopped,
    UserConnected,
)
from beneficiate.protocol.pictures import ChatPicture
from beneficiate.queries.access import STAFF, Seat, access_seat, find_seats, is_staff, seat_of
from beneficiate.queries.chats import picture_of
from beneficiate.store import Order, Work, batched, each


@batched(writes=False)
def type_(work: Work, orders: list[Order[StartTyping | StopTyping]]) -> list[Problem | None]:
    """Relay typing to the other side, a member's to those who look on too; nothing is stored.

    Problems: NotFound, ChatIsClosed.
    """
    seats = find_seats({order.command.chat_id for order in orders}, lock=False)
    return each(orders, lambda order: _relay_typing(work, order, *seat_of(seats, order)))


def open_(work: Work, command: OpenChat) -> ChatPicture:
    """Open a support chat with a member, take their waiting one, or return one's own. Raises NotFound, ChatIsTaken."""
    member = _access_member(command.user_id)
    if member.id == work.actor.user_id:
        raise NotFound
    routing.hold_queue()
    # Held, so that a waiting chat that its member closes meanwhile is not opened again.
    chat = locked(Chat.select().where(Chat.user == member, Chat.kind == SUPPORT, Chat.status != CLOSED)).first()
    if chat is not None and chat.agent_id not in (None, work.actor.agent_id):
        raise ChatIsTaken
    if chat is not None and chat.agent_id is None:
        routing.give(work, {chat.id: work.actor.agent_id or 0}, routing.Why(routing.PICKED))
        routing.say_queue(work)
        return picture_of(chat.id, is_user_side=False)
    if chat is None:
        chat = Chat.create(
            kind=SUPPORT,
            status=ACTIVE,
            user=member,
            agent=work.actor.agent_id,
            assigned_at=work.now,
            agent_was_here=True,
            created_at=work.now,
            updated_at=work.now,
        )
        # They share a chat from now on, and whoever takes one is there.
        work.emit(NewChat(chat=picture_of(chat.id, is_user_side=True)), to=[topics.user(member.id)])
        work.emit(UserConnected(user_id=work.actor.user_id), to=[topics.user(member.id)])
    picture = picture_of(chat.id, is_user_side=False)
    work.emit(ChatInitiated(chat=picture), to=[topics.agent(work.actor.agent_id or 0)])
    return picture


def open_direct(work: Work, user_id: int) -> ChatPicture:
    """Open a chat between two of the staff, or return the open one. Raises NotFound for anybody else."""
    people = sorted({work.actor.user_id, user_id})
    User.hold(people)
    if len(people) < 2 or work.actor.role not in STAFF or not is_staff(user_id):
        raise NotFound
    pair = ((Chat.user == work.actor.user_id) & (Chat.peer == user_id)) | (
        (Chat.user == user_id) & (Chat.peer == work.actor.user_id)
    )
    chat = Chat.get_or_none(pair, Chat.kind == DIRECT, Chat.status != CLOSED)
    if chat is None:
        chat = Chat.create(
            kind=DIRECT, status=ACTIVE, user=work.actor.user_id, peer=user_id, created_at=work.now, updated_at=work.now
        )
        work.emit(NewChat(chat=picture_of(chat.id, is_user_side=False)), to=[topics.user(user_id)])
    picture = picture_of(chat.id, is_user_side=chat.user_id == work.actor.user_id)
    work.emit(ChatInitiated(chat=picture), to=[topics.user(work.actor.user_id)])
    return picture


def close(work: Work, command: CloseChat) -> None:
    """End a chat with a SYSTEM line. Raises NotFound, ChatIsClosed."""
    routing.hold_queue()
    seat, is_user_side = access_seat(work.actor, command.chat_id, lock=True)
    if seat.status == CLOSED:
        raise ChatIsClosed
    draft = Draft(seat, is_user_side, "SYSTEM", None, "", _closing_sentence(seat, is_user_side), seq=seat.last_seq + 1)
    message = store_lines(work, [draft])[seat.id, draft.seq]
    Chat.update(
        status=CLOSED,
        closed_at=work.now,
        closed_by=work.actor.user_id,
        reply_due_at=None,
        awaiting_since=None,
        bot_muted=False,
    ).where(Chat.id == seat.id).execute()
    work.emit(ChatClosed(chat_id=seat.id, closed_by=work.actor.user_id, message=message), to=seat.both)
    if seat.kind == SUPPORT:
        routing.remember(work, [(seat.id, seat.agent_id)], routing.Why(CLOSED.lower()))
        # Whoever had it has room now, or one fewer waits.
        routing.assign(work, is_changed=seat.status == WAITING)


def _relay_typing(work: Work, order: Order[StartTyping | StopTyping], seat: Seat, is_user_side: bool) -> None:
    if seat.status == CLOSED:
        raise ChatIsClosed
    event = TypingStarted if isinstance(order.command, StartTyping) else TypingStopped
    onlookers = seat.onlookers if is_user_side else ()
    work.emit(event(chat_id=seat.id, user_id=order.actor.user_id), to=[*seat.across(is_user_side), *onlookers])


def _access_member(user_id: int) -> User:
    """An active user who is not staff, held until the unit ends so that two agents open one chat. Raises NotFound."""
    member = locked(User.select().where(User.id == user_id, User.is_active)).first()
    if member is None or is_staff(user_id):
        raise NotFound
    return member  # type: ignore[no-any-return]


def _closing_sentence(seat: Seat, is_user_side: bool) -> str:
    if seat.kind == DIRECT:
        return "El chat fue cerrado."
    return "El afiliado cerró el chat." if is_user_side else "El agente cerró el chat."
