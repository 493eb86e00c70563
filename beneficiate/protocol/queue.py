"""Commands and events of the queue, of agents' availability and of handing over chats."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal

import msgspec

from beneficiate.protocol.envelope import MAX_ID, Command, Event, Id, JsonObject
from beneficiate.protocol.payloads import AgentAvailability
from beneficiate.text_limits import MAX_AVAILABILITY_REASON_CHARS, MAX_TOPIC_CODE_CHARS

AbsenceChoice = Literal["refuse", "queue"]
TopicCode = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TOPIC_CODE_CHARS)]
Remark = Annotated[str, msgspec.Meta(max_length=1000)]


class RequestAgent(Command, tag="request_agent", kw_only=True):
    """Join the queue for an agent; a member with an open chat gets that chat."""

    example: ClassVar = {"event": "request_agent", "id": "4", "topic": "citas"}

    topic: TopicCode | None = None


class SetAvailability(Command, tag="set_availability", kw_only=True):
    """Set whether the agent accepts chats."""

    example: ClassVar = {"event": "set_availability", "id": "5", "availability": "away", "reason": "Almuerzo"}

    availability: AgentAvailability
    reason: Annotated[str, msgspec.Meta(max_length=MAX_AVAILABILITY_REASON_CHARS)] = ""


class SetAgentAway(Command, tag="set_agent_away", kw_only=True):
    """Set another agent away: they keep their chats, are assigned no more, and are told who decided it."""

    example: ClassVar = {"event": "set_agent_away", "id": "5", "agent_id": 7, "reason": "Capacitación"}

    agent_id: Id
    reason: Annotated[str, msgspec.Meta(max_length=MAX_AVAILABILITY_REASON_CHARS)] = ""


class TakeChat(Command, tag="take_chat", kw_only=True):
    """Assign a waiting chat to the agent who sends this, whatever its position."""

    example: ClassVar = {"event": "take_chat", "id": "6", "chat_id": 12}

    chat_id: Id


class TransferChat(Command, tag="transfer_chat", kw_only=True):
    """Transfer a chat to an agent, or to the queue of a topic.

    To an agent who is not online it is refused with `agent_absent`, unless `if_absent` is `queue`: then it goes to the
    queue, and that agent comes first if they come in time.
    """

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
    if_absent: AbsenceChoice = "refuse"


class ReturnChat(Command, tag="return_chat", kw_only=True):
    """Return a chat to the front of the queue."""

    example: ClassVar = {"event": "return_chat", "id": "8", "chat_id": 12, "note": "Se me acabó el turno"}

    chat_id: Id
    note: Remark = ""


class AssignChat(Command, tag="assign_chat", kw_only=True):
    """Assign a chat to an agent or to the supervisor who sends this.

    `holder_id` is the agent who had the chat when this was decided, null for nobody. If another agent has it by now it
    is refused with `chat_taken`, which says who; left out, the chat is taken from whoever has it. `if_absent` is as in
    `transfer_chat`.
    """

    example: ClassVar = {
        "event": "assign_chat",
        "id": "9",
        "chat_id": 12,
        "agent_id": 7,
        "holder_id": None,
        "note": "Ya lo conoce",
    }

    chat_id: Id
    agent_id: Id
    holder_id: Id | msgspec.UnsetType | None = msgspec.UNSET
    note: Remark = ""
    if_absent: AbsenceChoice = "refuse"


class ReopenChat(Command, tag="reopen_chat", kw_only=True):
    """Reopen a chat that was closed less than 24 hours ago."""

    example: ClassVar = {"event": "reopen_chat", "id": "10", "chat_id": 12}

    chat_id: Id


class HandOverToBot(Command, tag="give_to_bot", kw_only=True):
    """Hand the member back to the bot, which repeats its last question."""

    example: ClassVar = {"event": "give_to_bot", "id": "11", "chat_id": 12}

    chat_id: Id


class RateChat(Command, tag="rate_chat", kw_only=True):
    """Rate a closed chat, once for each time that it was closed.

    `span` is that of the chat as the client shows it; if the chat went on since then, nothing is stored. Without it the
    rating is for the last closing.
    """

    example: ClassVar = {
        "event": "rate_chat",
        "id": "12",
        "chat_id": 12,
        "span": 1,
        "score": 5,
        "comment": "Muy amable",
    }

    chat_id: Id
    span: Annotated[int, msgspec.Meta(ge=1, le=MAX_ID)] | None = None
    score: Annotated[int, msgspec.Meta(ge=1, le=5)]
    comment: Remark = ""


class QueuePositionChanged(Event, tag="queue_position", kw_only=True, omit_defaults=False):
    """To a waiting member: their position (from 1) and the estimated wait; none when no agent works."""

    example: ClassVar = {"event": "queue_position", "chat_id": 12, "position": 3, "estimated_wait_s": 240}

    chat_id: Id
    position: int
    estimated_wait_s: int | None


class HoursChanged(Event, tag="hours_changed", kw_only=True):
    """To every member: the business hours were changed, and `GET /api/v1/hours` has those of now."""

    example: ClassVar = {"event": "hours_changed"}


class ChatUnassigned(Event, tag="chat_left", kw_only=True):
    """To an agent: a chat is no longer assigned to them, and why."""

    example: ClassVar = {"event": "chat_left", "chat_id": 12, "reason": "no_reply"}

    chat_id: Id
    reason: str


class AvailabilityChanged(Event, tag="availability_changed", kw_only=True):
    """To the agent and the supervisors: whether the agent accepts chats, and why not.

    `is_automatic`: it was set for them, by the system (no answer in time, a lost connection) or by a supervisor.
    """

    example: ClassVar = {
        "event": "availability_changed",
        "agent_id": 7,
        "availability": "away",
        "reason": "Almuerzo",
        "is_automatic": False,
    }

    agent_id: Id
    availability: AgentAvailability
    reason: str
    is_automatic: bool


class ChatRated(Event, tag="chat_rated", kw_only=True):
    """To the member, and with empty `comment` to the agent and the supervisors: the rating of a span of a chat.

    Who of the staff reads a comment is recorded: the lists of ratings have them.
    """

    example: ClassVar = {
        "event": "chat_rated",
        "chat_id": 12,
        "span": 1,
        "agent_id": 7,
        "score": 5,
        "comment": "Muy amable",
    }

    chat_id: Id
    span: int
    agent_id: Id | None
    score: int
    comment: str


class DeadlineNoticed(Event, tag="deadline", kw_only=True):
    """To the chat's agent and the chat's viewers: a promise has to be kept soon, or was broken.

    `promise` is the first response, a next one, or the end of the chat.
    """

    example: ClassVar = {
        "event": "deadline",
        "chat_id": 12,
        "promise": "first",
        "state": "soon",
        "due_at": "2026-08-25T15:32:00Z",
    }

    chat_id: Id
    promise: Literal["first", "next", "resolve"]
    state: Literal["soon", "late"]
    due_at: datetime


class QueueReordered(Event, tag="queue_moved", kw_only=True):
    """Never sent: positions in the queue have changed."""

    example: ClassVar[JsonObject] = {}
