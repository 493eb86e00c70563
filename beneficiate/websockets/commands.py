"""What each role may say, as tables, and the doors that hear it."""

from typing import ClassVar

from beneficiate.actions import canned_replies, chats, dialogues, messages, notes, queue, tags
from beneficiate.protocol.booking import AnswerBot, ListAppointments, StartBooking
from beneficiate.protocol.commands import (
    CloseChat,
    MarkRead,
    OpenChat,
    SendMessage,
    SendSupportMessage,
    StartTyping,
    StopTyping,
)
from beneficiate.protocol.desk_tools import (
    AddNote,
    MarkMentionSeen,
    RecordCannedReplyUse,
    StopViewingChat,
    TagChat,
    UntagChat,
    ViewChat,
)
from beneficiate.protocol.queue import (
    AssignChat,
    HandOverToBot,
    RateChat,
    ReopenChat,
    RequestAgent,
    ReturnChat,
    SetAvailability,
    TakeChat,
    TransferChat,
)
from beneficiate.queries import appointments, viewers
from beneficiate.websockets.dispatcher import CommandTable
from beneficiate.websockets.handler import SocketHandler

COMMON_COMMANDS: CommandTable = {
    SendMessage: messages.send_messages,
    MarkRead: messages.mark_read,
    StartTyping: chats.relay_typing,
    StopTyping: chats.relay_typing,
    CloseChat: chats.close_chat,
}
MEMBER_COMMANDS: CommandTable = {
    **COMMON_COMMANDS,
    SendSupportMessage: messages.send_messages,
    StartBooking: dialogues.start_booking,
    AnswerBot: dialogues.handle_bot_answer,
    RequestAgent: queue.join_queue,
    ReopenChat: queue.reopen_chat,
    RateChat: queue.rate_chat,
}
AGENT_COMMANDS: CommandTable = {
    **COMMON_COMMANDS,
    AddNote: notes.add_note,
    MarkMentionSeen: notes.mark_mention_seen,
    TagChat: tags.tag_chat,
    UntagChat: tags.untag_chat,
    RecordCannedReplyUse: canned_replies.count_canned_reply_use,
    ViewChat: viewers.can_view,
    StopViewingChat: viewers.can_view,
    SendSupportMessage: messages.send_messages,
    OpenChat: chats.open_support_chat,
    ListAppointments: appointments.resend_open_appointments,
    SetAvailability: queue.change_availability,
    TakeChat: queue.take_chat,
    TransferChat: queue.transfer_chat,
    ReturnChat: queue.return_chat,
    ReopenChat: queue.reopen_chat,
    HandOverToBot: dialogues.return_to_bot,
}
SUPERVISOR_COMMANDS: CommandTable = {**AGENT_COMMANDS, AssignChat: queue.assign_chat}


class AnyRoleSocketHandler(SocketHandler):
    """`/ws`: whoever comes is heard in the vocabulary of the role that the database gives them."""

    commands_by_role: ClassVar[dict[str, CommandTable]] = {
        "member": MEMBER_COMMANDS,
        "agent": AGENT_COMMANDS,
        "supervisor": SUPERVISOR_COMMANDS,
    }


class AgentSocketHandler(SocketHandler):
    """`/ws/agent`, for agents and nobody else."""

    commands_by_role: ClassVar[dict[str, CommandTable]] = {"agent": AGENT_COMMANDS}


class SupervisorSocketHandler(SocketHandler):
    """`/ws/supervisor`, for supervisors and nobody else."""

    commands_by_role: ClassVar[dict[str, CommandTable]] = {"supervisor": SUPERVISOR_COMMANDS}
