"""The commands of each role with their policies, and the handlers that accept them."""

from typing import ClassVar

from beneficiate.actions import availability, canned_replies, chats, dialogues, messages, notes, queue, recall, tags
from beneficiate.protocol.board import WatchBoard
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
    RecallMessage,
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
    SetAgentAway,
    SetAvailability,
    TakeChat,
    TransferChat,
)
from beneficiate.queries import appointments, board, viewers
from beneficiate.websockets import hooks
from beneficiate.websockets.dispatcher import CommandSpec, CommandTable
from beneficiate.websockets.handler import SocketHandler

SEND_MESSAGE = CommandSpec(
    messages.send_messages, limiter=lambda limiters: limiters.messages, result_in="message", before=hooks.end_typing
)
RELAY_TYPING = CommandSpec(
    chats.relay_typing,
    limiter=lambda limiters: limiters.typing,
    before=hooks.record_typing_change,
    after=hooks.show_typing_to_viewers,
    on_failure=hooks.forget_typing,
)

COMMON_COMMANDS: CommandTable = {
    SendMessage: SEND_MESSAGE,
    SendSupportMessage: SEND_MESSAGE,
    MarkRead: CommandSpec(messages.mark_read),
    StartTyping: RELAY_TYPING,
    StopTyping: RELAY_TYPING,
    CloseChat: CommandSpec(chats.close_chat),
    ReopenChat: CommandSpec(queue.reopen_chat, result_in="chat"),
}
MEMBER_COMMANDS: CommandTable = {
    **COMMON_COMMANDS,
    StartBooking: CommandSpec(dialogues.start_booking),
    # While the bot is muted its answers are stored as messages.
    AnswerBot: CommandSpec(dialogues.handle_bot_answer, limiter=lambda limiters: limiters.messages),
    RequestAgent: CommandSpec(queue.join_queue, result_in="chat"),
    RateChat: CommandSpec(queue.rate_chat),
}
AGENT_COMMANDS: CommandTable = {
    **COMMON_COMMANDS,
    AddNote: CommandSpec(notes.add_note, result_in="note"),
    MarkMentionSeen: CommandSpec(notes.mark_mention_seen),
    RecallMessage: CommandSpec(recall.recall_message),
    TagChat: CommandSpec(tags.tag_chat),
    UntagChat: CommandSpec(tags.untag_chat),
    RecordCannedReplyUse: CommandSpec(canned_replies.count_canned_reply_use),
    ViewChat: CommandSpec(viewers.can_view, after=hooks.add_viewer),
    StopViewingChat: CommandSpec(viewers.can_view, after=hooks.remove_viewer),
    OpenChat: CommandSpec(chats.open_support_chat, result_in="chat"),
    ListAppointments: CommandSpec(appointments.resend_open_appointments, result_in="event"),
    SetAvailability: CommandSpec(availability.change_availability),
    TakeChat: CommandSpec(queue.take_chat, result_in="chat"),
    TransferChat: CommandSpec(queue.transfer_chat),
    ReturnChat: CommandSpec(queue.return_chat),
    HandOverToBot: CommandSpec(dialogues.return_to_bot),
}
SUPERVISOR_COMMANDS: CommandTable = {
    **AGENT_COMMANDS,
    AssignChat: CommandSpec(queue.assign_chat),
    SetAgentAway: CommandSpec(availability.set_agent_away),
    WatchBoard: CommandSpec(board.can_watch_board, after=hooks.add_board_watcher),
}


class AnyRoleSocketHandler(SocketHandler):
    """`/ws`: accepts the commands of the role that the user has in the database."""

    commands_by_role: ClassVar[dict[str, CommandTable]] = {
        "member": MEMBER_COMMANDS,
        "agent": AGENT_COMMANDS,
        "supervisor": SUPERVISOR_COMMANDS,
    }


class AgentSocketHandler(SocketHandler):
    """`/ws/agent`, for agents only."""

    commands_by_role: ClassVar[dict[str, CommandTable]] = {"agent": AGENT_COMMANDS}


class SupervisorSocketHandler(SocketHandler):
    """`/ws/supervisor`, for supervisors only."""

    commands_by_role: ClassVar[dict[str, CommandTable]] = {"supervisor": SUPERVISOR_COMMANDS}
