"""What members are told who write words of an emergency to a chat that nobody has answered yet."""

import msgspec

from beneficiate.actions.board import emit_board_outdated
from beneficiate.actions.chat_updates import PendingMessage
from beneficiate.domain.bot.emergencies import is_emergency
from beneficiate.domain.bot.sentences import CALL_123
from beneficiate.models.chats import SUPPORT, WAITING, Chat
from beneficiate.unit_of_work import UnitOfWork

NOTICE = f"{CALL_123} Su mensaje ya está con el equipo; una persona le responde apenas pueda."


def prepare_emergency_notices(uow: UnitOfWork, messages: list[PendingMessage]) -> list[PendingMessage]:
    """Return the notice for each chat whose member waits for a person and wrote words of an emergency; mark the chat.

    Once in each span. The words are those that the bot knows: they are no diagnosis, and false alarms are preferred.
    The chats of the messages are locked.
    """
    concerned = {message.access.id: message.access for message in messages if _may_need_notice(message)}
    if not concerned:
        return []
    is_unanswered = (Chat.status == WAITING) | (Chat.replied_span != Chat.span)
    is_due = Chat.id.in_(list(concerned)) & (Chat.urgent_span != Chat.span) & is_unanswered
    chat_ids = [chat_id for (chat_id,) in Chat.select(Chat.id).where(is_due).order_by(Chat.id).tuples()]
    if not chat_ids:
        return []
    Chat.update(urgent_span=Chat.span).where(Chat.id.in_(chat_ids)).execute()
    emit_board_outdated(uow)
    notices = []
    for access in (concerned[chat_id] for chat_id in chat_ids):
        access.last_seq += 1
        notices.append(PendingMessage(access, False, "SYSTEM", None, "", NOTICE, seq=access.last_seq))
    return notices


def _may_need_notice(message: PendingMessage) -> bool:
    """Return whether it is the text of a member who waits, with words of an emergency."""
    access = message.access
    waits = access.status == WAITING or access.awaiting_since is not None
    is_text_of_member = access.kind == SUPPORT and message.is_user_side and message.attachment is msgspec.UNSET
    return is_text_of_member and waits and is_emergency(message.text)
