"""The queue and who takes from it. Every unit that may change it holds one row first, so that two never cross.

Whoever waits or has room is then seen by the next unit: there is never a waiting chat while somebody who may take it
has room, whatever several processes do. The order of holding is users, this row, chats, everywhere.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import fn

from beneficiate.actions.lines import Draft, store_lines
from beneficiate.models.base import as_text, locked
from beneficiate.models.chats import ACTIVE, CLOSED, SUPPORT, WAITING, Chat, ChatEvent
from beneficiate.models.people import AVAILABLE, AWAY, Agent, User
from beneficiate.models.staff import Routing, Skill
from beneficiate.protocol import topics
from beneficiate.protocol.events import ChatInitiated, ChatLeft, NewChat, QueueChanged, UserConnected
from beneficiate.protocol.routing import AvailabilityChanged, QueueMoved
from beneficiate.queries.access import find_seats
from beneficiate.queries.chats import pictures_of
from beneficiate.queries.routing import waiting
from beneficiate.routing.choice import Candidate, Wish, match
from beneficiate.store import Work

AT_ONCE = 500
QUEUED, ASSIGNED, PICKED, RETURNED, TRANSFERRED = "queued", "assigned", "picked", "returned", "transferred"
NO_REPLY, LOST = "no_reply", "lost"
IDLE_FOREVER = datetime(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Return:
    """Why a chat goes back to the queue, and who says so."""

    kind: str
    note: str = ""


def hold_queue(work: Work) -> None:
    """Hold the row that stands for the queue until the unit ends."""
    list(locked(Routing.select(Routing.id).where(Routing.id == 1)).tuples())


def assign(work: Work) -> int:
    """Give waiting chats to those who may take them; how many. The caller holds the queue."""
    queue = [Wish(*row) for row in waiting(AT_ONCE)]
    candidates = _candidates() if queue else []
    given = match(queue, candidates, work.now)
    if given:
        give(work, dict(given), ASSIGNED)
    if queue:
        say_queue(work)
    return len(given)


def give(work: Work, agent_of: dict[int, int], kind: str) -> None:
    """Chats go to agents who have room: rows, the event of each, a SYSTEM line, both sides told."""
    due = work.now + work.rules.first_reply
    now = as_text(work.now)
    online = _online_agents(set(agent_of.values()))
    Chat.update_bulk(
        "agent_id = new.agent_id, status = new.status, assigned_at = new.assigned_at, reply_due_at = new.reply_due_at, "
        "agent_was_here = new.agent_was_here, wanted_agent_id = NULL, is_front = false, updated_at = new.assigned_at",
        ("id", "agent_id", "status", "assigned_at", "reply_due_at", "agent_was_here"),
        [(chat_id, agent, ACTIVE, now, as_text(due), agent in online) for chat_id, agent in agent_of.items()],
    )
    Agent.update(idle_since=work.now).where(Agent.id.in_(set(agent_of.values()))).execute()
    ChatEvent.insert_many(
        [{"chat": chat, "kind": kind, "at": work.now, "agent": agent} for chat, agent in agent_of.items()]
    ).execute()
    names = _names(set(agent_of.values()))
    say_in_chats(work, {chat_id: f"{names[agent][1]} lo atiende." for chat_id, agent in agent_of.items()})
    for_member = pictures_of(agent_of, is_user_side=True)
    for_agent = pictures_of(agent_of, is_user_side=False)
    for chat_id, agent_id in agent_of.items():
        member = topics.user(for_agent[chat_id].user_id)
        work.emit(NewChat(chat=for_member[chat_id]), to=[member])
        # They share a chat from now on, and whoever takes one is there.
        work.emit(UserConnected(user_id=names[agent_id][0]), to=[member])
        work.emit(ChatInitiated(chat=for_agent[chat_id]), to=[topics.agent(agent_id)])


def put_back(work: Work, chat_ids: Iterable[int], why: Return, *, is_front: bool) -> None:
    """Chats go back to the queue, before all others or behind them; their agents and members are told."""
    chats = list(locked(Chat.select().where(Chat.id.in_(list(chat_ids)), Chat.status == ACTIVE).order_by(Chat.id)))
    if not chats:
        return
    Chat.update(
        status=WAITING, agent=None, queued_at=work.now, is_front=is_front, assigned_at=None, reply_due_at=None,
        agent_was_here=False, updated_at=work.now,
    ).where(Chat.id.in_([chat.id for chat in chats])).execute()  # fmt: skip
    for chat in chats:
        ChatEvent.create(
            chat=chat, kind=why.kind, at=work.now, actor=work.actor.user_id or None, agent=chat.agent_id, note=why.note
        )
        work.emit(ChatLeft(chat_id=chat.id, reason=why.kind), to=[topics.agent(chat.agent_id)])
    say_in_chats(work, {chat.id: _SENTENCES[why.kind] for chat in chats})
    for chat_id, picture in pictures_of([chat.id for chat in chats], is_user_side=True).items():
        work.emit(NewChat(chat=picture), to=[topics.user(picture.user_id)])


def no_reply(work: Work, _: None = None) -> int:
    """Chats whose agent has not said a first word in time go back to the front, and the agent is set away."""
    is_due = (Chat.reply_due_at <= work.now) & (Chat.status == ACTIVE)
    if not Chat.select(Chat.id).where(is_due).exists():
        return 0
    hold_queue(work)
    due = list(Chat.select(Chat.id, Chat.agent).where(is_due).limit(AT_ONCE).tuples())
    put_back(work, [chat_id for chat_id, _ in due], Return(NO_REPLY), is_front=True)
    set_away(work, {agent_id for _, agent_id in due}, "Sin respuesta en un chat asignado")
    assign(work)
    return len(due)


def lose(work: Work, user_ids: set[int]) -> None:
    """Agents are gone for longer than the grace: the chats in which they were here go back to the front."""
    agents = {row[0] for row in Agent.select(Agent.id).where(Agent.user.in_(user_ids), Agent.status == "ACTIVE").tuples()}
    if not agents:
        return
    hold_queue(work)
    is_left = (Chat.agent.in_(agents)) & (Chat.status == ACTIVE) & Chat.agent_was_here & (Chat.kind == SUPPORT)
    left = list(Chat.select(Chat.id, Chat.agent).where(is_left).tuples())
    put_back(work, [chat_id for chat_id, _ in left], Return(LOST), is_front=True)
    set_away(work, {agent_id for _, agent_id in left}, "Se perdió la conexión")
    assign(work)


def welcome(work: Work, user_ids: set[int]) -> None:
    """Agents have come: they are here for the chats that they have, and what waits may go to them."""
    agents = [row[0] for row in Agent.select(Agent.id).where(Agent.user.in_(user_ids), Agent.status == "ACTIVE").tuples()]
    if not agents:
        return
    hold_queue(work)
    Chat.update(agent_was_here=True).where(
        Chat.agent.in_(agents), Chat.status == ACTIVE, Chat.kind == SUPPORT, ~Chat.agent_was_here
    ).execute()
    assign(work)


def set_away(work: Work, agent_ids: set[int], reason: str) -> None:
    """Give these agents nothing more until they say that they are available."""
    rows = list(Agent.select().where(Agent.id.in_(agent_ids), Agent.availability == AVAILABLE))
    for agent in rows:
        set_availability(work, agent, AWAY, reason)


def set_availability(work: Work, agent: Agent, availability: str, reason: str) -> None:
    """Write down how available an agent is, and tell them and the supervisors."""
    Agent.update(
        availability=availability, reason=reason, availability_at=work.now, idle_since=agent.idle_since or work.now
    ).where(Agent.id == agent.id).execute()
    event = AvailabilityChanged(agent_id=agent.id, availability=availability, reason=reason)  # type: ignore[arg-type]
    work.emit(event, to=[topics.agent(agent.id), topics.SUPERVISORS])


def say_in_chats(work: Work, sentences: dict[int, str]) -> None:
    """A SYSTEM line in each of these chats."""
    drafts = []
    for seat in find_seats(set(sentences), lock=True).values():
        seat.last_seq += 1
        drafts.append(Draft(seat, False, "SYSTEM", None, "", sentences[seat.id], seq=seat.last_seq))
    store_lines(work, drafts)


def say_queue(work: Work) -> None:
    """Tell the agents how many wait, and let those who wait hear their place within a second."""
    count = Chat.select().where(Chat.kind == SUPPORT, Chat.status == WAITING).count()
    work.emit(QueueChanged(waiting=count), to=[topics.AGENTS])
    work.emit(QueueMoved(), to=[topics.QUEUE])


_SENTENCES = {
    NO_REPLY: "Seguimos buscando quién lo atienda. Usted está de primero en la fila.",
    LOST: "Se perdió la conexión con el agente. Usted está de primero en la fila.",
    RETURNED: "Lo pasamos de nuevo a la fila. En un momento lo atienden.",
    TRANSFERRED: "Lo estamos pasando a otra persona del equipo. No tiene que repetir nada.",
}


def _candidates() -> list[Candidate]:
    """The agents who take chats now, with what they have."""
    query = (
        Agent.select(Agent.id, Agent.capacity, Agent.idle_since)
        .join(User)
        .where(Agent.status == "ACTIVE", Agent.availability == AVAILABLE, User.online_status, User.is_active)
    )
    rows = list(query.tuples())
    loads = dict(
        Chat.select(Chat.agent, fn.COUNT(Chat.id))
        .where(Chat.kind == SUPPORT, Chat.status != CLOSED, Chat.agent.in_([row[0] for row in rows]))
        .group_by(Chat.agent)
        .tuples()
    )
    skills: dict[int, set[int]] = defaultdict(set)
    for agent_id, topic_id in Skill.select(Skill.agent, Skill.topic).tuples():
        skills[agent_id].add(topic_id)
    never = timedelta()
    return [
        Candidate(agent_id, loads.get(agent_id, 0), capacity, frozenset(skills[agent_id]), idle or _long_ago(never))
        for agent_id, capacity, idle in rows
    ]
