"""Assignment of waiting chats to agents. Every unit of work that may change the queue locks one row first.

So no two units decide at once, and the next one sees every waiting chat and every free agent: no chat waits while an
agent who may take it has room, whatever several processes do. Lock order everywhere: users, this row, chats. A first
reply makes room too, but messages lock chats only, so that a job assigns the next chat within a second.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from peewee import fn

from beneficiate.actions.away_notices import notice_given_chats
from beneficiate.actions.chat_updates import PendingMessage
from beneficiate.actions.deadlines import promise_again, refresh_deadlines
from beneficiate.actions.facts import record_chat_facts
from beneficiate.actions.isolation import run_together
from beneficiate.actions.messages import store_messages
from beneficiate.domain import facts
from beneficiate.domain.assignment.matching import Candidate, match_waiting_chats
from beneficiate.models.accounts import AVAILABLE, Agent, User
from beneficiate.models.base import instant_to_text, lock_rows
from beneficiate.models.call_centre import QueueLock, Skill
from beneficiate.models.chats import ACTIVE, RETURNED, TRANSFERRED, WAITING, Chat, ChatEvent
from beneficiate.protocol import channels
from beneficiate.protocol.events import ChatInitiated, NewChat, QueueLengthChanged, UserConnected
from beneficiate.protocol.payloads import MessagePayload
from beneficiate.protocol.queue import ChatUnassigned, QueueReordered
from beneficiate.queries.access import load_chats_for_access
from beneficiate.queries.assignment import (
    count_chats_by_agent,
    count_unanswered_by_agent,
    count_waiting_chats,
    find_answered_chats,
    load_waiting_chats,
)
from beneficiate.queries.chats import serialize_chats
from beneficiate.unit_of_work import MessageMark, UnitOfWork

MAX_CHATS_PER_RUN = 500
QUEUED, ASSIGNED, PICKED, GIVEN = "queued", "assigned", "picked", "given"
NO_REPLY, AGENT_LOST, AGENT_ABSENT = "no_reply", "lost", "absent"
NEVER = datetime(1970, 1, 1, tzinfo=UTC)

_SENTENCES = {
    NO_REPLY: "Seguimos buscando a una persona que le responda.",
    AGENT_LOST: "Se perdió la conexión con quien le respondía. Buscamos a otra persona del equipo.",
    AGENT_ABSENT: "Quien le respondía ya no está. Buscamos a otra persona del equipo.",
    RETURNED: "Su chat volvió a la fila. Otra persona del equipo le responde. No tiene que repetir nada.",
    TRANSFERRED: "Su chat pasa a otra persona del equipo. No tiene que repetir nada.",
}
"""What the member reads: without a position in the queue, which only the live `queue_position` knows."""

_FACT_OF_HISTORY = {
    ASSIGNED: facts.ASSIGNED,
    PICKED: facts.ASSIGNED,
    GIVEN: facts.ASSIGNED,
    NO_REPLY: facts.RETURNED,
    AGENT_LOST: facts.RETURNED,
    AGENT_ABSENT: facts.RETURNED,
    RETURNED: facts.RETURNED,
    TRANSFERRED: facts.TRANSFERRED,
}
"""The kind of the fact that a step of a chat's history is; the others are recorded where they happen."""


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
    given: set[int] = set()
    failed: set[int] = set()
    while free := _load_candidates(uow):
        # The first of these matches can always be made, so the loop ends when there is none.
        queue = [chat for chat in load_waiting_chats(free, MAX_CHATS_PER_RUN) if chat.chat_id not in failed]
        if not queue:
            break
        matched = dict(match_waiting_chats(queue, free, uow.now))
        assigned = run_together(uow, matched, partial(_assign_matched, uow, matched), kind="Chat")
        given.update(assigned)
        # One that cannot be assigned, ever, stays where it is: those behind it must not wait for it.
        failed.update(matched.keys() - set(assigned))
    if given or is_changed:
        emit_queue_changed(uow)
    return len(given)


def _assign_matched(uow: UnitOfWork, matched: dict[int, int], chat_ids: list[int]) -> None:
    assign_chats(uow, {chat_id: matched[chat_id] for chat_id in chat_ids}, AssignmentReason(ASSIGNED))


def assign_next_chats(uow: UnitOfWork) -> int:
    """Assign chats to agents who have room again after a first reply, and return how many. Locks only if there are."""
    free = _load_candidates(uow)
    if not free or not load_waiting_chats(free, 1):
        return 0
    lock_queue()
    return assign_waiting_chats(uow, is_changed=False)


def emit_queue_changed(uow: UnitOfWork) -> None:
    """Emit how many chats wait, to the agents. Members who wait get their position within a second."""
    uow.emit(QueueLengthChanged(waiting=count_waiting_chats()), channels=[channels.AGENTS_CHANNEL])
    uow.emit(QueueReordered(), channels=[channels.QUEUE_CHANNEL])


def assign_chats(uow: UnitOfWork, agent_of: dict[int, int], reason: AssignmentReason) -> None:
    """Assign chats (agent id by chat id): update rows, record history, store a SYSTEM message, emit to both sides."""
    now, agents = instant_to_text(uow.now), _load_staff(set(agent_of.values()))
    # In order of id, the lock order of everything that writes messages in several chats.
    list(lock_rows(Chat.select(Chat.id).where(Chat.id.in_(list(agent_of))).order_by(Chat.id)).tuples())
    answered = find_answered_chats(agent_of)
    Chat.update_bulk(
        "agent_id = new.agent_id, status = new.status, assigned_at = new.assigned_at, reply_due_at = NULL, "
        "needs_first_reply = new.needs_first_reply AND chats.awaiting_since IS NOT NULL, "
        "wanted_agent_id = NULL, is_front = false, updated_at = new.assigned_at",
        ("id", "agent_id", "status", "assigned_at", "needs_first_reply"),
        [(chat, agent, ACTIVE, now, chat not in answered) for chat, agent in agent_of.items()],
    )
    Agent.update(idle_since=uow.now).where(Agent.id.in_(list(agents))).execute()
    record_chat_history(uow, list(agent_of.items()), reason)
    announced = send_system_messages(
        uow, {chat_id: f"Le responde {agents[agent_id].first_name}." for chat_id, agent_id in agent_of.items()}
    )
    agent_payloads, member_payloads = (serialize_chats(agent_of, is_user_side=side) for side in (False, True))
    for chat_id, agent_id in agent_of.items():
        member = channels.user_channel(agent_payloads[chat_id].user_id)
        uow.emit(NewChat(chat=member_payloads[chat_id]), channels=[member])
        if agents[agent_id].is_online:
            # From now on they share a chat, so each may see the other's presence.
            uow.emit(UserConnected(user_id=agents[agent_id].user_id), channels=[member])
        # Once this is written to a connection of the agent, the time for their first reply runs.
        mark = MessageMark(chat_id, announced[chat_id].seq, announced[chat_id].id, "")
        opened = ChatInitiated(chat=agent_payloads[chat_id])
        uow.emit(opened, channels=[channels.agent_channel(agent_id)], mark=mark)
    given = {
        chat_id: (agents[agent_id].user_id, announced[chat_id].seq)
        for chat_id, agent_id in agent_of.items()
        if reason.kind == ASSIGNED or agent_id != uow.actor.agent_id
    }
    notice_given_chats(uow, given)


def return_to_queue(
    uow: UnitOfWork, chat_ids: Iterable[int], reason: AssignmentReason, *, is_front: bool = True
) -> None:
    """Return chats to the front of the queue, or to where their wait puts them, and emit it to agents and members.

    Who waits since before goes on waiting since then. The caller has locked the queue.
    """
    query = Chat.select(Chat.id, Chat.agent, Chat.topic).where(Chat.id.in_(list(chat_ids)), Chat.status == ACTIVE)
    rows = list(lock_rows(query.order_by(Chat.id)).tuples())
    if not rows:
        return
    agent_of = {chat_id: agent_id for chat_id, agent_id, _ in rows}
    # Without a new topic a chat keeps the one that it had.
    topic = {} if reason.topic_id is None else {"topic": reason.topic_id}
    Chat.update(
        **topic,
        status=WAITING,
        agent=None,
        awaiting_since=fn.COALESCE(Chat.awaiting_since, Chat.awaiting_since.db_value(uow.now)),
        is_front=is_front,
        wanted_agent=reason.wanted_agent_id,
        assigned_at=None,
        reply_due_at=None,
        needs_first_reply=False,
        updated_at=uow.now,
    ).where(Chat.id.in_(list(agent_of))).execute()
    refresh_deadlines(uow, agent_of)
    if topic:
        promise_again(uow, [chat_id for chat_id, _, topic_id in rows if topic_id != reason.topic_id])
    record_chat_history(uow, list(agent_of.items()), reason)
    for chat_id, agent_id in agent_of.items():
        uow.emit(ChatUnassigned(chat_id=chat_id, reason=reason.kind), channels=[channels.agent_channel(agent_id)])
    send_system_messages(uow, dict.fromkeys(agent_of, _SENTENCES[reason.kind]))
    for payload in serialize_chats(agent_of, is_user_side=True).values():
        uow.emit(NewChat(chat=payload), channels=[channels.user_channel(payload.user_id)])


def send_system_messages(uow: UnitOfWork, sentences: dict[int, str]) -> dict[int, MessagePayload]:
    """Store a SYSTEM message in each of these chats: sentences by chat id. Returns the messages by chat id."""
    pending = []
    for access in load_chats_for_access(set(sentences), lock=True).values():
        access.last_seq += 1
        pending.append(PendingMessage(access, False, "SYSTEM", None, "", sentences[access.id], seq=access.last_seq))
    return {chat_id: message for (chat_id, _), message in store_messages(uow, pending).items()}


def record_chat_history(uow: UnitOfWork, chats: list[tuple[int, int | None]], reason: AssignmentReason) -> None:
    """Record an event in the history of chats, and the fact that it is: (chat id, agent id) pairs."""
    common = {"kind": reason.kind, "at": uow.now, "actor": uow.actor.user_id or None, "note": reason.note}
    rows = [
        {"chat": chat, "agent": agent, "other_agent": reason.wanted_agent_id, "topic": reason.topic_id}
        for chat, agent in chats
    ]
    ChatEvent.insert_many([{**common, **row} for row in rows]).execute()
    if reason.kind in _FACT_OF_HISTORY:
        record_chat_facts(uow, _FACT_OF_HISTORY[reason.kind], chats, reason.kind)


@dataclass(frozen=True, slots=True)
class _StaffMember:
    """A member of the staff, as the payload of a chat names them."""

    user_id: int
    first_name: str
    is_online: bool


def _load_staff(agent_ids: set[int]) -> dict[int, _StaffMember]:
    query = Agent.select(Agent.id, User.id, User.first_name, User.online_status).join(User)
    return {row[0]: _StaffMember(*row[1:]) for row in query.where(Agent.id.in_(agent_ids)).tuples()}


def _load_candidates(uow: UnitOfWork) -> list[Candidate]:
    """Return the agents who may get another chat now, with their load and skills."""
    query = (
        Agent.select(Agent.id, Agent.capacity, Agent.idle_since)
        .join(User)
        .where(Agent.status == "ACTIVE", Agent.availability == AVAILABLE, User.online_status, User.is_active)
    )
    rows = list(query.tuples())
    agent_ids = [agent_id for agent_id, _, _ in rows]
    load, unanswered = count_chats_by_agent(agent_ids), count_unanswered_by_agent(agent_ids)
    skills: dict[int, set[int]] = defaultdict(set)
    for agent_id, topic_id in Skill.select(Skill.agent, Skill.topic).tuples():
        skills[agent_id].add(topic_id)
    candidates = [
        Candidate(
            agent_id=agent_id,
            load=load.get(agent_id, 0),
            capacity=capacity,
            topics=frozenset(skills[agent_id]),
            idle_since=idle_since or NEVER,
            free_replies=uow.rules.unanswered_chats - unanswered.get(agent_id, 0),
        )
        for agent_id, capacity, idle_since in rows
    ]
    return [one for one in candidates if one.has_room]
