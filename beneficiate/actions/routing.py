"""The queue and who takes from it. Every unit that may change it holds one row first, so that two never cross.

Whoever waits or has room is then seen by the next unit: there is never a waiting chat while somebody who may take it
has room, whatever several processes do. The order of holding is users, this row, chats, everywhere.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from beneficiate.actions.lines import Draft, store_lines
from beneficiate.models.base import as_text, locked
from beneficiate.models.chats import ACTIVE, RETURNED, SUPPORT, TRANSFERRED, WAITING, Chat, ChatEvent
from beneficiate.models.people import AVAILABLE, AWAY, Agent, User
from beneficiate.models.staff import Routing, Skill
from beneficiate.protocol import topics
from beneficiate.protocol.events import ChatInitiated, NewChat, QueueChanged, UserConnected
from beneficiate.protocol.routing import AvailabilityChanged, ChatLeft, QueueMoved
from beneficiate.queries.access import find_seats
from beneficiate.queries.chats import pictures_of
from beneficiate.queries.routing import loads, now_waiting, wishes
from beneficiate.routing.choice import Candidate, match
from beneficiate.store import Work

AT_ONCE = 500
QUEUED, ASSIGNED, PICKED, GIVEN = "queued", "assigned", "picked", "given"
NO_REPLY, LOST = "no_reply", "lost"
NEVER = datetime(1970, 1, 1, tzinfo=UTC)

_SENTENCES = {
    NO_REPLY: "Seguimos buscando quién lo atienda. Usted está de primero en la fila.",
    LOST: "Se perdió la conexión con el agente. Usted está de primero en la fila.",
    RETURNED: "Lo pasamos de nuevo a la fila, de primero. En un momento lo atienden.",
    TRANSFERRED: "Lo estamos pasando a otra persona del equipo. No tiene que repetir nada.",
}


@dataclass(frozen=True, slots=True)
class Why:
    """Why a chat changes hands (a kind of `ChatEvent`), with a note, and about which topic from now on."""

    kind: str
    note: str = ""
    topic_id: int | None = None
    wanted_agent: int | None = None


def hold_queue() -> None:
    """Hold the row that stands for the queue until the unit ends."""
    list(locked(Routing.select(Routing.id).where(Routing.id == 1)).tuples())


def assign(work: Work, *, is_changed: bool = True) -> int:
    """Give waiting chats to those who may take them; how many. The caller holds the queue.

    When the queue `is_changed`, before or by this, the agents hear how many wait, and those who wait their place.
    """
    given: dict[int, int] = {}
    while free := [one for one in _candidates() if one.load < one.capacity]:
        # The first of these wishes can always be met, so that the loop ends when there is none.
        queue = wishes(free, AT_ONCE)
        if not queue:
            break
        matched = dict(match(queue, free, work.now))
        give(work, matched, Why(ASSIGNED))
        given |= matched
    if given or is_changed:
        say_queue(work)
    return len(given)


def say_queue(work: Work) -> None:
    """Tell the agents how many wait; those who wait hear their place within a second."""
    work.emit(QueueChanged(waiting=now_waiting()), to=[topics.AGENTS])
    work.emit(QueueMoved(), to=[topics.QUEUE])


def give(work: Work, agent_of: dict[int, int], why: Why) -> None:
    """Chats go to agents: the rows, what is remembered of it, a SYSTEM line, both sides told."""
    due, now, staff = as_text(work.now + work.rules.first_reply), as_text(work.now), _staff(set(agent_of.values()))
    # In order of id, as whoever writes a line in several chats holds them.
    list(locked(Chat.select(Chat.id).where(Chat.id.in_(list(agent_of))).order_by(Chat.id)).tuples())
    Chat.update_bulk(
        "agent_id = new.agent_id, status = new.status, assigned_at = new.assigned_at, reply_due_at = new.reply_due_at, "
        "agent_was_here = new.agent_was_here, wanted_agent_id = NULL, is_front = false, "
        "updated_at = new.assigned_at",
        ("id", "agent_id", "status", "assigned_at", "reply_due_at", "agent_was_here"),
        [(chat, agent, ACTIVE, now, due, staff[agent].is_online) for chat, agent in agent_of.items()],
    )
    Agent.update(idle_since=work.now).where(Agent.id.in_(list(staff))).execute()
    remember(work, list(agent_of.items()), why)
    say_in_chats(work, {chat_id: f"Lo atiende {staff[agent_id].first_name}." for chat_id, agent_id in agent_of.items()})
    for_agent, for_member = (pictures_of(agent_of, is_user_side=side) for side in (False, True))
    for chat_id, agent_id in agent_of.items():
        member = topics.user(for_agent[chat_id].user_id)
        work.emit(NewChat(chat=for_member[chat_id]), to=[member])
        if staff[agent_id].is_online:
            # They share a chat from now on.
            work.emit(UserConnected(user_id=staff[agent_id].user_id), to=[member])
        work.emit(ChatInitiated(chat=for_agent[chat_id]), to=[topics.agent(agent_id)])


def put_back(work: Work, chat_ids: Iterable[int], why: Why) -> None:
    """Chats go back to the queue, before all others; their agents and members are told. The caller holds the queue."""
    query = Chat.select(Chat.id, Chat.agent).where(Chat.id.in_(list(chat_ids)), Chat.status == ACTIVE).order_by(Chat.id)
    agent_of = dict(locked(query).tuples())
    if not agent_of:
        return
    # A chat that comes back without being about anything else is about the same as before.
    topic = {} if why.topic_id is None else {"topic": why.topic_id}
    Chat.update(
        **topic,
        status=WAITING,
        agent=None,
        queued_at=work.now,
        is_front=True,
        wanted_agent=why.wanted_agent,
        assigned_at=None,
        reply_due_at=None,
        agent_was_here=False,
        updated_at=work.now,
    ).where(Chat.id.in_(list(agent_of))).execute()
    remember(work, list(agent_of.items()), why)
    for chat_id, agent_id in agent_of.items():
        work.emit(ChatLeft(chat_id=chat_id, reason=why.kind), to=[topics.agent(agent_id)])
    say_in_chats(work, dict.fromkeys(agent_of, _SENTENCES[why.kind]))
    for picture in pictures_of(agent_of, is_user_side=True).values():
        work.emit(NewChat(chat=picture), to=[topics.user(picture.user_id)])


def no_reply(work: Work, _: None = None) -> int:
    """Chats whose agent has not said a first word in time go back to the front, and the agent is set away; how many."""
    is_due = (Chat.reply_due_at <= work.now) & (Chat.status == ACTIVE)
    if not Chat.select(Chat.id).where(is_due).exists():
        return 0
    hold_queue()
    # Held, so that an agent whose first word is being written at this moment keeps the chat.
    due = dict(locked(Chat.select(Chat.id, Chat.agent).where(is_due).order_by(Chat.id).limit(AT_ONCE)).tuples())
    put_back(work, due, Why(NO_REPLY))
    set_away(work, set(due.values()), "No respondió un chat a tiempo")
    assign(work)
    return len(due)


def leave(work: Work, user_ids: set[int]) -> None:
    """People are gone for longer than the grace: the chats in which an agent of them was here go back to the front.

    Nobody else's: a chat that was given to an agent who never came since is not lost by their absence.
    """
    agents = _agents_of(user_ids)
    is_left = Chat.agent.in_(agents) & (Chat.status == ACTIVE) & (Chat.kind == SUPPORT) & Chat.agent_was_here
    if not agents or not Chat.select(Chat.id).where(is_left).exists():
        return
    hold_queue()
    left = dict(Chat.select(Chat.id, Chat.agent).where(is_left).tuples())
    put_back(work, left, Why(LOST))
    set_away(work, set(left.values()), "Se perdió la conexión")
    assign(work)


def come(work: Work, user_ids: set[int]) -> None:
    """People are here: the agents among them are so for their chats, and what waits may go to them."""
    agents = _agents_of(user_ids)
    if not agents:
        return
    hold_queue()
    Chat.update(agent_was_here=True).where(
        Chat.agent.in_(agents), Chat.status == ACTIVE, Chat.kind == SUPPORT, ~Chat.agent_was_here
    ).execute()
    assign(work, is_changed=False)


def set_away(work: Work, agent_ids: set[int], reason: str) -> None:
    """Give these agents nothing more until they say that they are available."""
    for agent in Agent.select().where(Agent.id.in_(agent_ids), Agent.availability == AVAILABLE):
        set_availability(work, agent.id, AWAY, reason)


def set_availability(work: Work, agent_id: int, availability: str, reason: str) -> None:
    """Write down whether an agent takes chats, and tell them and the supervisors."""
    changes = {"availability": availability, "reason": reason, "availability_at": work.now}
    if availability == AVAILABLE:
        changes["idle_since"] = work.now
    Agent.update(changes).where(Agent.id == agent_id).execute()
    event = AvailabilityChanged(agent_id=agent_id, availability=availability, reason=reason)  # type: ignore[arg-type]
    work.emit(event, to=[topics.agent(agent_id), topics.SUPERVISORS])


def say_in_chats(work: Work, sentences: dict[int, str]) -> None:
    """A SYSTEM line in each of these chats."""
    drafts = []
    for seat in find_seats(set(sentences), lock=True).values():
        seat.last_seq += 1
        drafts.append(Draft(seat, False, "SYSTEM", None, "", sentences[seat.id], seq=seat.last_seq))
    store_lines(work, drafts)


def remember(work: Work, chats: list[tuple[int, int | None]], why: Why) -> None:
    """Write down what happened to chats, each with the agent whom it concerns."""
    common = {"kind": why.kind, "at": work.now, "actor": work.actor.user_id or None, "note": why.note}
    rows = [
        {"chat": chat, "agent": agent, "other_agent": why.wanted_agent, "topic": why.topic_id} for chat, agent in chats
    ]
    ChatEvent.insert_many([{**common, **row} for row in rows]).execute()


@dataclass(frozen=True, slots=True)
class _Member:
    """Somebody of the staff, as a chat names them."""

    user_id: int
    first_name: str
    is_online: bool


def _staff(agent_ids: set[int]) -> dict[int, _Member]:
    query = Agent.select(Agent.id, User.id, User.first_name, User.online_status).join(User)
    return {row[0]: _Member(*row[1:]) for row in query.where(Agent.id.in_(agent_ids)).tuples()}


def _agents_of(user_ids: set[int]) -> list[int]:
    query = Agent.select(Agent.id).where(Agent.user.in_(user_ids), Agent.status == "ACTIVE")
    return [agent_id for (agent_id,) in query.tuples()]


def _candidates() -> list[Candidate]:
    """The agents who take chats now, with what they have and know."""
    query = (
        Agent.select(Agent.id, Agent.capacity, Agent.idle_since)
        .join(User)
        .where(Agent.status == "ACTIVE", Agent.availability == AVAILABLE, User.online_status, User.is_active)
    )
    rows = list(query.tuples())
    load = loads([agent_id for agent_id, _, _ in rows])
    skills: dict[int, set[int]] = defaultdict(set)
    for agent_id, topic_id in Skill.select(Skill.agent, Skill.topic).tuples():
        skills[agent_id].add(topic_id)
    return [
        Candidate(agent_id, load.get(agent_id, 0), capacity, frozenset(skills[agent_id]), idle_since or NEVER)
        for agent_id, capacity, idle_since in rows
    ]
