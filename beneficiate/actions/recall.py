"""Recall a message shortly after it was sent.

Its text is replaced where it is stored, so that nothing that reads messages can show it. The audit log keeps it.
"""

from datetime import datetime, timedelta

from peewee import ModelSelect

from beneficiate.actions.assignment import NEVER, QUEUED
from beneficiate.actions.audit import record_audit
from beneficiate.actions.deadlines import resume_wait
from beneficiate.actions.facts import record_chat_facts
from beneficiate.actions.messages import count_unread
from beneficiate.domain import facts
from beneficiate.errors import Conflict, NotFound
from beneficiate.models.chats import (
    ACTIVE,
    RECALLED_TEXT,
    REOPENED,
    RETURNED,
    SUPPORT,
    TRANSFERRED,
    Attachment,
    Chat,
    ChatEvent,
    Message,
)
from beneficiate.protocol.desk_tools import RecallMessage
from beneficiate.protocol.events import MessageRecalled
from beneficiate.queries.access import access_participant_chat
from beneficiate.queries.assignment import find_answered_chats
from beneficiate.unit_of_work import Actor, UnitOfWork
from beneficiate.views.access import ChatAccess

TRAVEL_TIME = timedelta(seconds=3)
"""How long the command may be under way after the time in which a client offers it."""
REWRITE_TIME = timedelta(seconds=15)
"""How long an agent has at least to write a first reply again."""
WAIT_KINDS = (QUEUED, RETURNED, TRANSFERRED)
"""Kinds of a `ChatEvent` from which on the member waits for an answer, beside the reopening by themselves."""


def recall_message(uow: UnitOfWork, command: RecallMessage) -> None:
    """Replace the text of an own message that was sent a moment ago; a second time changes nothing.

    Raises NotFound (no chat or no message of the actor), Conflict (too late).
    """
    access, is_user_side = access_participant_chat(uow.actor, command.chat_id, lock=True)
    message = Message.get_or_none(Message.id == command.message_id, Message.chat == access.id)
    if message is None or not _is_author(uow.actor, access, message):
        raise NotFound
    if message.recalled_at is not None:
        return
    if uow.now - message.sent_at > uow.rules.undo + TRAVEL_TIME:
        raise Conflict("Ya pasó el tiempo para deshacer este envío.")
    file_id = Attachment.select(Attachment.id).where(Attachment.line == message.id).scalar()
    Attachment.update(line=None).where(Attachment.line == message.id).execute()
    Message.update(message=RECALLED_TEXT, recalled_at=uow.now).where(Message.id == message.id).execute()
    changes = {"message": (message.message, RECALLED_TEXT)} | ({"attachment": (file_id, None)} if file_id else {})
    record_audit(uow, "message.recall", f"message:{message.id}", changes=changes, person_id=access.user_id)
    _update_chat(uow, access, is_user_side)
    if message.sender_type == "AGENT":
        _resume_wait(uow, access, message)
    uow.emit(
        MessageRecalled(chat_id=access.id, message_id=message.id, seq=message.seq, text=RECALLED_TEXT),
        channels=access.message_channels,
    )


def _resume_wait(uow: UnitOfWork, access: ChatAccess, answer: Message) -> None:
    """Let the clocks go on, and record that an answer was taken back if its member waits again."""
    resume_wait(uow, access.id, answer.sent_at)
    waits_again = access.awaiting_since is None and Chat.awaiting_since.is_null(False)
    if Chat.select(Chat.id).where(Chat.id == access.id, waits_again).exists():
        record_chat_facts(uow, facts.RECALLED, [(access.id, answer.sender_id)])


def _is_author(actor: Actor, access: ChatAccess, message: Message) -> bool:
    is_agent = access.kind == SUPPORT and access.user_id != actor.user_id
    own = ("AGENT", actor.agent_id) if is_agent else ("USER", actor.user_id)
    return bool((message.sender_type, message.sender_id) == own)


def _update_chat(uow: UnitOfWork, access: ChatAccess, is_user_side: bool) -> None:
    """Set the chat's last message, unread count and waiting time as if the message had not been sent."""
    of_people = Message.select().where(
        Message.chat == access.id, Message.sender_type != "SYSTEM", Message.recalled_at.is_null()
    )
    last = of_people.order_by(Message.seq.desc()).first()
    reader = "other" if is_user_side else "user"
    changes: dict[str, object] = {
        "last_line": last.message if last else "",
        f"{reader}_unread": count_unread(access, not is_user_side, access.read_seq(not is_user_side)),
    }
    if access.kind == SUPPORT and access.status == ACTIVE and not is_user_side:
        reply = of_people.where(Message.sender_type == "AGENT").order_by(Message.seq.desc()).first()
        changes["awaiting_since"] = _find_wait_start(access, of_people, reply)
        assigned_at = Chat.select(Chat.assigned_at).where(Chat.id == access.id).scalar()
        is_first = access.agent_id is not None and not find_answered_chats({access.id: access.agent_id})
        if is_first and assigned_at and changes["awaiting_since"] is not None:
            changes["needs_first_reply"] = True
            changes["reply_due_at"] = max(assigned_at + uow.rules.first_reply, uow.now + REWRITE_TIME)
    Chat.update(**changes).where(Chat.id == access.id).execute()


def _find_wait_start(access: ChatAccess, of_people: ModelSelect, reply: Message | None) -> datetime | None:
    """Return since when the member waits after this reply: their first message, their request or a transfer."""
    events = ChatEvent.select(ChatEvent.at).where(ChatEvent.chat == access.id)
    opened_at = events.where(ChatEvent.kind == REOPENED).order_by(ChatEvent.id.desc()).scalar()
    since = max((at for at in (reply and reply.sent_at, opened_at) if at), default=NEVER)
    is_open = (Message.sender_type == "USER") & (Message.sent_at >= since) & (Message.seq > (reply.seq if reply else 0))
    question = of_people.where(is_open).order_by(Message.seq).first()
    is_request = ChatEvent.kind.in_(WAIT_KINDS) | ((ChatEvent.kind == REOPENED) & (ChatEvent.actor == access.user_id))
    starts = [
        question.sent_at if question else None,
        events.where(is_request, ChatEvent.at >= since).order_by(ChatEvent.id).scalar(),
    ]
    return min((at for at in starts if at is not None), default=None)
