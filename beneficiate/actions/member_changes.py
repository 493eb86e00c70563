"""Notices to the staff who view a chat of a member: what the member panel shows of that person changed."""

from beneficiate.models.chats import SUPPORT, Chat
from beneficiate.protocol import channels
from beneficiate.protocol.desk_tools import MemberChanged
from beneficiate.unit_of_work import UnitOfWork

MAX_NOTIFIED_CHATS = 20
"""Of a member with more chats, those who view an older one are not told."""


def emit_member_changed(uow: UnitOfWork, user_id: int) -> None:
    """Tell the viewers of the member's newest chats that plan, payments or beneficiaries changed."""
    newest = Chat.select(Chat.id).where(Chat.user == user_id, Chat.kind == SUPPORT).order_by(Chat.id.desc())
    viewers = [channels.chat_viewers_channel(chat_id) for (chat_id,) in newest.limit(MAX_NOTIFIED_CHATS).tuples()]
    if viewers:
        uow.emit(MemberChanged(user_id=user_id), channels=viewers)
