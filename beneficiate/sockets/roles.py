"""What each role may say, as tables, and the doors that hear it."""

from typing import ClassVar

from beneficiate.actions import canned, chats, dialogues, lines, notes, queue, tags
from beneficiate.protocol.bookings import AnswerBot, ListAppointments, StartBooking
from beneficiate.protocol.commands import (
    CloseChat,
    MarkRead,
    OpenChat,
    SendLine,
    SendSupportLine,
    StartTyping,
    StopTyping,
)
from beneficiate.protocol.routing import (
    AssignChat,
    GiveToBot,
    RateChat,
    ReopenChat,
    RequestAgent,
    ReturnChat,
    SetAvailability,
    TakeChat,
    TransferChat,
)
from beneficiate.protocol.tools import (
    AddNote,
    LeaveChat,
    SeeMentions,
    TagChat,
    UntagChat,
    UseCanned,
    ViewChat,
)
from beneficiate.queries import appointments, viewing
from beneficiate.sockets.base import Socket
from beneficiate.sockets.conversation import Vocabulary

ANYBODY: Vocabulary = {
    SendLine: lines.send,
    MarkRead: lines.read,
    StartTyping: chats.type_,
    StopTyping: chats.type_,
    CloseChat: chats.close,
}
MEMBER: Vocabulary = {
    **ANYBODY,
    SendSupportLine: lines.send,
    StartBooking: dialogues.start,
    AnswerBot: dialogues.hear,
    RequestAgent: queue.join,
    ReopenChat: queue.reopen,
    RateChat: queue.rate,
}
AGENT: Vocabulary = {
    **ANYBODY,
    AddNote: notes.add,
    SeeMentions: notes.see,
    TagChat: tags.put,
    UntagChat: tags.take_off,
    UseCanned: canned.use,
    ViewChat: viewing.look,
    LeaveChat: viewing.look,
    SendSupportLine: lines.send,
    OpenChat: chats.open_,
    ListAppointments: appointments.list_again,
    SetAvailability: queue.set_availability,
    TakeChat: queue.take,
    TransferChat: queue.transfer,
    ReturnChat: queue.return_,
    ReopenChat: queue.reopen,
    GiveToBot: dialogues.give_back,
}
SUPERVISOR: Vocabulary = {**AGENT, AssignChat: queue.give}


class AnySocket(Socket):
    """`/ws`: whoever comes is heard in the vocabulary of the role that the database gives them."""

    vocabularies: ClassVar[dict[str, Vocabulary]] = {"member": MEMBER, "agent": AGENT, "supervisor": SUPERVISOR}


class AgentSocket(Socket):
    """`/ws/agent`, for agents and nobody else."""

    vocabularies: ClassVar[dict[str, Vocabulary]] = {"agent": AGENT}


class SupervisorSocket(Socket):
    """`/ws/supervisor`, for supervisors and nobody else."""

    vocabularies: ClassVar[dict[str, Vocabulary]] = {"supervisor": SUPERVISOR}
