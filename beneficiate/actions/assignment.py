"""Assignment of waiting chats to agents. Every unit of work that may change the queue locks one row first.

So no two units decide at once, and the next one sees every waiting chat and every free agent: no chat waits while an
agent who may take it has capacity, whatever several processes do. Lock order everywhere: users, this row, chats.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from beneficiate.actions.messages import PendingMessage, store_messages
from beneficiate.domain.assignment.matching import Candidate, match_waiting_chats
from beneficiate.models.accounts import AVAILABLE, AWAY, Agent, User
from beneficiate.models.base import instant_to_text, lock_rows
from beneficiate.models.call_centre import QueueLock, Skill
from beneficiate.models.chats import ACTIVE, RETURNED, SUPPORT, TRANSFERRED, WAITING, Chat, ChatEvent
from beneficiate.protocol import channels
from beneficiate.protocol.events import ChatInitiated, NewChat, QueueLengthChanged, UserConnected
from beneficiate.protocol.queue import AvailabilityChanged, ChatUnassigned, QueueReordered
from beneficiate.queries.access import load_chats_for_access
from beneficiate.queries.assignment import count_chats_by_agent, count_waiting_chats, load_waiting_chats
from beneficiate.queries.chats import serialize_chats
from beneficiate.unit_of_work import UnitOfWork

MAX_CHATS_PER_RUN = 500
QUEUED, ASSIGNED, PICKED, GIVEN = "queued", "assigned", "picked", "given"
NO_REPLY, AGENT_LOST = "no_reply", "lost"
NEVER = datetime(1970, 1, 1, tzinfo=UTC)

_SENTENCES = {
    NO_REPLY: "Seguimos buscando a una persona que le responda.",
    AGENT_LOST: "Se perdió la conexión con quien le respondía. Buscamos a otra persona del equipo.",
    RETURNED: "Su chat volvió a la fila. Otra persona del equipo le responde. No tiene que repetir nada.",
    TRANSFERRED: "Su chat pasa a otra persona del equipo. No tiene que repetir nada.",
}
"""What the member reads: without a position in the queue, which only the live `queue_position` knows."""


@dataclass(frozen=True, slots=True)
class AssignmentReason:
    """Why a chat gets another agent (a kind of `ChatEvent`), a note, and the topic of the chat from now on."""

    kind: str
    note: str = ""
    topic_id: int | None = None
    wanted_agent_id: int | None = None


def lock_queue() -> None:
    """Lock the row that stands for the queue until the unit of work ends."""
    list(lock_rows(QueueLock.select(QueueLock.id).where(QueueLock.id == 1)).tuples())


def assign_waiting_chats(uow: UnitOfWork, *, is_changed: bool = True) -> int:
    """Assign waiting chats to agents who may take them and return how many. The caller has locked the queue.

    If the queue changed (`is_changed`, or by this) the agents get the number of waiting chats, and the members who wait
    their position.
    """
    given: dict[int, int] = {}
    while free := [agent for agent in _load_candidates() if agent.load < agent.capacity]:
        # The first of these matches can always be made, so the loop ends when there is none.
        queue = load_waiting_chats(free, MAX_CHATS_PER_RUN)
        if not queue:
            break
        matched = dict(match_waiting_chats(queue, free, uow.now))
        assign_chats(uow, matched, AssignmentReason(ASSIGNED))
        given |= matched
    if given or is_changed:
        emit_queue_changed(uow)
    return len(given)


def emit_queue_changed(uow: UnitOfWork) -> None:
    """Emit how many chats wait, to the agents. Members who wait get their position within a second."""
    uow.emit(QueueLengthChanged(waiting=count_waiting_chats()), channels=[channels.AGENTS_CHANNEL])
    uow.emit(QueueReordered(), channels=[channels.QUEUE_CHANNEL])


def assign_chats(uow: UnitOfWork, agent_of: dict[int, int], reason: AssignmentReason) -> None:
    """Assign chats (agent id by chat id): update rows, record history, store a SYSTEM message, emit to both sides."""
    due, now, agents = (
        instant_to_text(uow.now + uow.rules.first_reply),
        instant_to_text(uow.now),
        _load_staff(set(agent_of.values())),
    )
    # In order of id, the lock order of everything that writes messages in several chats.
    list(lock_rows(Chat.select(Chat.id).where(Chat.id.in_(list(agent_of))).order_by(Chat.id)).tuples())
    Chat.update_bulk(
        "agent_id = new.agent_id, status = new.status, assigned_at = new.assigned_at, reply_due_at = new.reply_due_at, "
        "agent_was_here = new.agent_was_here, wanted_agent_id = NULL, is_front = false, "
        "updated_at = new.assigned_at",
        ("id", "agent_id", "status", "assigned_at", "reply_due_at", "agent_was_here"),
        [(chat, agent, ACTIVE, now, due, agents[agent].is_online) for chat, agent in agent_of.items()],
    )
    Agent.update(idle_since=uow.now).where(Agent.id.in_(list(agents))).execute()
    record_chat_history(uow, list(agent_of.items()), reason)
    send_system_messages(
        uow, {chat_id: f"Le responde {agents[agent_id].first_name}." for chat_id, agent_id in agent_of.items()}
    )
    agent_payloads, member_payloads = (serialize_chats(agent_of, is_user_side=side) for side in (False, True))
    for chat_id, agent_id in agent_of.items():
        member = channels.user_channel(agent_payloads[chat_id].user_id)
        uow.emit(NewChat(chat=member_payloads[chat_id]), channels=[member])
        if agents[agent_id].is_online:
            # From now on they share a chat, so each may see the other's presence.
            uow.emit(UserConnected(user_id=agents[agent_id].user_id), channels=[member])
        uow.emit(ChatInitiated(chat=agent_payloads[chat_id]), channels=[channels.agent_channel(agent_id)])


def return_to_queue(uow: UnitOfWork, chat_ids: Iterable[int], reason: AssignmentReason) -> None:
    """Return chats to the front of the queue and emit it to agents and members. The caller has locked the queue."""
    query = Chat.select(Chat.id, Chat.agent).where(Chat.id.in_(list(chat_ids)), Chat.status == ACTIVE).order_by(Chat.id)
    agent_of = dict(lock_rows(query).tuples())
    if not agent_of:
        return
    # Without a new topic a chat keeps the one that it had.
    topic = {} if reason.topic_id is None else {"topic": reason.topic_id}
    Chat.update(
        **topic,
        status=WAITING,
        agent=None,
        queued_at=uow.now,
        is_front=True,
        wanted_agent=reason.wanted_agent_id,
        assigned_at=None,
        reply_due_at=None,
        agent_was_here=False,
        updated_at=uow.now,
    ).where(Chat.id.in_(list(agent_of))).execute()
    record_chat_history(uow, list(agent_of.items()), reason)
    for chat_id, agent_id in agent_of.items():
        uow.emit(ChatUnassigned(chat_id=chat_id, reason=reason.kind), channels=[channels.agent_channel(agent_id)])
    send_system_messages(uow, dict.fromkeys(agent_of, _SENTENCES[reason.kind]))
    for payload in serialize_chats(agent_of, is_user_side=True).values():
        uow.emit(NewChat(chat=payload), channels=[channels.user_channel(payload.user_id)])


def return_unanswered_chats(uow: UnitOfWork) -> int:
    """Return chats without a first reply in time to the front, set their agents away, and return how many chats."""
    is_due = (Chat.reply_due_at <= uow.now) & (Chat.status == ACTIVE)
    if not Chat.select(Chat.id).where(is_due).exists():
        return 0
    lock_queue()
    # Locked, so that an agent whose first reply is being stored at this moment keeps the chat.
    due = dict(
        lock_rows(Chat.select(Chat.id, Chat.agent).where(is_due).order_by(Chat.id).limit(MAX_CHATS_PER_RUN)).tuples()
    )
    return_to_queue(uow, due, AssignmentReason(NO_REPLY))
    set_agents_away(uow, set(due.values()), "No respondió un chat a tiempo")
    assign_waiting_chats(uow)
    return len(due)


def on_agents_offline(uow: UnitOfWork, user_ids: set[int]) -> None:
    """Return chats to the front of the queue whose agents went offline for longer than the grace period.

    Only chats in which the agent has been online since the assignment: one assigned to an absent agent stays theirs.
    """
    agents = _find_agent_ids(user_ids)
    is_left = Chat.agent.in_(agents) & (Chat.status == ACTIVE) & (Chat.kind == SUPPORT) & Chat.agent_was_here
    if not agents or not Chat.select(Chat.id).where(is_left).exists():
        return
    lock_queue()
    agent_of = dict(Chat.select(Chat.id, Chat.agent).where(is_left).tuples())
    return_to_queue(uow, agent_of, AssignmentReason(AGENT_LOST))
    set_agents_away(uow, set(agent_of.values()), "Se perdió la conexión")
    assign_waiting_chats(uow)


def on_agents_online(uow: UnitOfWork, user_ids: set[int]) -> None:
    """Mark the agents among these users as present in their chats, and assign waiting chats to them."""
    agents = _find_agent_ids(user_ids)
    if not agents:
        return
    lock_queue()
    Chat.update(agent_was_here=True).where(
        Chat.agent.in_(agents), Chat.status == ACTIVE, Chat.kind == SUPPORT, ~Chat.agent_was_here
    ).execute()
    assign_waiting_chats(uow, is_changed=False)


def set_signed_out_agent_away(uow: UnitOfWork, user_id: int) -> None:
    """Set an agent away who signed out on their last device: they are assigned nothing until they come back."""
    agent_ids = _find_agent_ids({user_id})
    if agent_ids:
        lock_queue()
        set_agents_away(uow, set(agent_ids), "Cerró la sesión")


def set_agents_away(uow: UnitOfWork, agent_ids: set[int], reason: str) -> None:
    """Set these agents away: they are assigned nothing until they set themselves available."""
    for agent in Agent.select().where(Agent.id.in_(agent_ids), Agent.availability == AVAILABLE):
        set_agent_availability(uow, agent.id, AWAY, reason)


def set_agent_availability(uow: UnitOfWork, agent_id: int, availability: str, reason: str) -> None:
    """Store whether an agent takes chats and emit it to the agent and the supervisors."""
    changes = {"availability": availability, "reason": reason, "availability_at": uow.now}
    if availability == AVAILABLE:
        changes["idle_since"] = uow.now
    Agent.update(changes).where(Agent.id == agent_id).execute()
    event = AvailabilityChanged(agent_id=agent_id, availability=availability, reason=reason)  # type: ignore[arg-type]
    uow.emit(event, channels=[channels.agent_channel(agent_id), channels.SUPERVISORS_CHANNEL])


def send_system_messages(uow: UnitOfWork, sentences: dict[int, str]) -> None:
    """Store a SYSTEM message in each of these chats: sentences by chat id."""
    pending = []
    for access in load_chats_for_access(set(sentences), lock=True).values():
        access.last_seq += 1
        pending.append(PendingMessage(access, False, "SYSTEM", None, "", sentences[access.id], seq=access.last_seq))
    store_messages(uow, pending)


def record_chat_history(uow: UnitOfWork, chats: list[tuple[int, int | None]], reason: AssignmentReason) -> None:
    """Record an event in the history of chats: (chat id, agent id) pairs."""
    common = {"kind": reason.kind, "at": uow.now, "actor": uow.actor.user_id or None, "note": reason.note}
    rows = [
        {"chat": chat, "agent": agent, "other_agent": reason.wanted_agent_id, "topic": reason.topic_id}
        for chat, agent in chats
    ]
    ChatEvent.insert_many([{**common, **row} for row in rows]).execute()


@dataclass(frozen=True, slots=True)
class _StaffMember:
    """A member of the staff, as the payload of a chat names them."""

    user_id: int
    first_name: str
    is_online: bool


def _load_staff(agent_ids: set[int]) -> dict[int, _StaffMember]:
    query = Agent.select(Agent.id, User.id, User.first_name, User.online_status).join(User)
    return {row[0]: _StaffMember(*row[1:]) for row in query.where(Agent.id.in_(agent_ids)).tuples()}


def _find_agent_ids(user_ids: set[int]) -> list[int]:
    query = Agent.select(Agent.id).where(Agent.user.in_(user_ids), Agent.status == "ACTIVE")
    return [agent_id for (agent_id,) in query.tuples()]


def _load_candidates() -> list[Candidate]:
    """Return the agents who take chats now, with their load and skills."""
    query = (
        Agent.select(Agent.id, Agent.capacity, Agent.idle_since)
        .join(User)
        .where(Agent.status == "ACTIVE", Agent.availability == AVAILABLE, User.online_status, User.is_active)
    )
    rows = list(query.tuples())
    load = count_chats_by_agent([agent_id for agent_id, _, _ in rows])
    skills: dict[int, set[int]] = defaultdict(set)
    for agent_id, topic_id in Skill.select(Skill.agent, Skill.topic).tuples():
        skills[agent_id].add(topic_id)
    return [
        Candidate(agent_id, load.get(agent_id, 0), capacity, frozenset(skills[agent_id]), idle_since or NEVER)
        for agent_id, capacity, idle_since in rows
    ]
