"""What is said about the queue, who takes from it, and what becomes of a chat between the staff."""

from typing import Annotated, Any, ClassVar, Literal

import msgspec

from beneficiate.protocol.envelope import Command, Event, Id

AgentAvailability = Literal["available", "away", "offline"]
TopicCode = Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
Remark = Annotated[str, msgspec.Meta(max_length=1000)]


class RequestAgent(Command, tag="request_agent", kw_only=True):
    """A member asks for a person: joins the queue, or gets the chat that is open."""

    example: ClassVar = {"event": "request_agent", "id": "4", "topic": "citas"}

    topic: TopicCode | None = None


class SetAvailability(Command, tag="set_availability", kw_only=True):
    """An agent takes chats from now on, or does not."""

    example: ClassVar = {"event": "set_availability", "id": "5", "availability": "away", "reason": "Almuerzo"}

    availability: AgentAvailability
    reason: Annotated[str, msgspec.Meta(max_length=100)] = ""


class TakeChat(Command, tag="take_chat", kw_only=True):
    """An agent picks a waiting chat, whatever its turn."""

    example: ClassVar = {"event": "take_chat", "id": "6", "chat_id": 12}

    chat_id: Id


class TransferChat(Command, tag="transfer_chat", kw_only=True):
    """Pass a chat on: to an agent, or to whoever knows a topic."""

    example: ClassVar = {
        "event": "transfer_chat",
        "id": "7",
        "chat_id": 12,
        "topic": "pagos",
        "note": "Pregunta por su plan",
    }

    chat_id: Id
    agent_id: Id | None = None
    topic: TopicCode | None = None
    note: Remark = ""


class ReturnChat(Command, tag="return_chat", kw_only=True):
    """Put a chat back into the queue, before the others."""

    example: ClassVar = {"event": "return_chat", "id": "8", "chat_id": 12, "note": "Se me acabó el turno"}

    chat_id: Id
    note: Remark = ""


class AssignChat(Command, tag="assign_chat", kw_only=True):
    """A supervisor gives a chat to an agent, whoever has it now; to themselves, they take it over."""

    example: ClassVar = {"event": "assign_chat", "id": "9", "chat_id": 12, "agent_id": 7, "note": "Ya lo conoce"}

    chat_id: Id
    agent_id: Id
    note: Remark = ""


class ReopenChat(Command, tag="reopen_chat", kw_only=True):
    """Go on with a chat that was closed less than 24 hours ago."""

    example: ClassVar = {"event": "reopen_chat", "id": "10", "chat_id": 12}

    chat_id: Id


class HandOverToBot(Command, tag="give_to_bot", kw_only=True):
    """The agent gives the member back to the assistant, which asks its last question again."""

    example: ClassVar = {"event": "give_to_bot", "id": "11", "chat_id": 12}

    chat_id: Id


class RateChat(Command, tag="rate_chat", kw_only=True):
    """A member says how satisfied they were with a closed chat, once."""

    example: ClassVar = {"event": "rate_chat", "id": "12", "chat_id": 12, "score": 5, "comment": "Muy amable"}

    chat_id: Id
    score: Annotated[int, msgspec.Meta(ge=1, le=5)]
    comment: Remark = ""


class QueuePositionChanged(Event, tag="queue_position", kw_only=True, omit_defaults=False):
    """To a waiting member: their place (from 1) and how long that may take; none when nobody works."""

    example: ClassVar = {"event": "queue_position", "chat_id": 12, "position": 3, "estimated_wait_s": 240}

    chat_id: Id
    position: int
    estimated_wait_s: int | None


class ChatUnassigned(Event, tag="chat_left", kw_only=True):
    """To an agent: a chat is no longer theirs, and why."""

    example: ClassVar = {"event": "chat_left", "chat_id": 12, "reason": "no_reply"}

    chat_id: Id
    reason: str


class AvailabilityChanged(Event, tag="availability_changed", kw_only=True):
    """To the agent and the supervisors: whether they take chats."""

    example: ClassVar = {"event": "availability_changed", "agent_id": 7, "availability": "away", "reason": "Almuerzo"}

    agent_id: Id
    availability: AgentAvailability
    reason: str


class ChatRated(Event, tag="chat_rated", kw_only=True):
    """To the agent and the supervisors: how satisfied a member was."""

    example: ClassVar = {"event": "chat_rated", "chat_id": 12, "agent_id": 7, "score": 5, "comment": "Muy amable"}

    chat_id: Id
    agent_id: Id | None
    score: int
    comment: str


class QueueReordered(Event, tag="queue_moved", kw_only=True):
    """Never on the wire: those who wait have other places than before."""

    example: ClassVar[dict[str, Any]] = {}
