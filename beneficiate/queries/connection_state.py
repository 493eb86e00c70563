"""The initial state of new connections, loaded for all that are connecting in a few statements."""

from collections.abc import Callable
from dataclasses import dataclass

from beneficiate.models.accounts import Agent
from beneficiate.models.chats import ACTIVE, WAITING
from beneficiate.protocol.booking import AllAppointments, SlotOffered, UserAppointments
from beneficiate.protocol.envelope import Event
from beneficiate.protocol.events import AgentChats, AgentConnected, OnlineUsers, UserChats
from beneficiate.protocol.initial_state import INITIAL_EVENTS, compute_chats_version
from beneficiate.protocol.payloads import AgentPayload, ChatPayload
from beneficiate.protocol.queue import QueuePositionChanged
from beneficiate.queries import appointments, chats
from beneficiate.queries.assignment import list_queue_positions
from beneficiate.queries.presence import list_online_for_actors
from beneficiate.queries.waiting_list import list_open_offers
from beneficiate.unit_of_work import Actor, BatchItem, UnitOfWork, batched
from beneficiate.views.queue import serialize_queue_position


@dataclass(frozen=True, slots=True)
class InitialStateQuery:
    """Which events the client reads: all unless it says otherwise. `chats_version`: of the agent's chats it has."""

    wanted: frozenset[type[Event]] = frozenset(INITIAL_EVENTS.values())
    chats_version: str = ""


Connecting = BatchItem[InitialStateQuery]
ChatsByUser = dict[int, list[ChatPayload]]
StateOf = Callable[[Actor], list[Event]]


@batched(writes=False)
def load_initial_state(uow: UnitOfWork, items: list[Connecting]) -> list[list[Event]]:
    """Return the first events of each connection, without those that its client does not read or already has.

    An agent is sent their entry, their chats and the open appointments, a member their own chats and appointments with
    their place in the queue and their offers; everybody, who is online.
    """
    online = list_online_for_actors(_actors_who_want(items, OnlineUsers))
    chat_readers = {actor.user_id for actor in _actors_who_want(items, AgentChats, UserChats, QueuePositionChanged)}
    chats_by_user = chats.list_chats_by_user(chat_readers) if chat_readers else {}
    agent_state = _prepare_agents(uow, [item for item in items if item.actor.agent_id is not None], chats_by_user)
    member_state = _prepare_members(uow, [item for item in items if item.actor.role == "member"], chats_by_user)

    def events_for(item: Connecting) -> list[Event]:
        actor, query = item.actor, item.command
        if actor.agent_id is not None:
            state = agent_state(actor)
        elif actor.role == "member":
            state = member_state(actor)
        else:
            state = [UserChats(chats=chats_by_user.get(actor.user_id, []))]
        events = [*state, OnlineUsers(users=online.get(actor.user_id, []))]
        return [event for event in events if type(event) in query.wanted and not _is_known(event, query)]

    return [events_for(item) for item in items]


def _is_known(event: Event, query: InitialStateQuery) -> bool:
    """Return whether the client has this event already: its page was drawn with the same chats."""
    if not isinstance(event, AgentChats) or not query.chats_version:
        return False
    return compute_chats_version((chat.id, chat.last_seq, chat.unread) for chat in event.chats) == query.chats_version


def _actors_who_want(items: list[Connecting], *events: type[Event]) -> list[Actor]:
    """Return those whose client reads at least one of these events."""
    return [item.actor for item in items if not item.command.wanted.isdisjoint(events)]


def _prepare_agents(uow: UnitOfWork, items: list[Connecting], chats_by_user: ChatsByUser) -> StateOf:
    """Load what the agents of a batch need, and return the state of each."""

    def agent_ids_for(event: type[Event]) -> list[int]:
        return [actor.agent_id for actor in _actors_who_want(items, event) if actor.agent_id is not None]

    connected, listed = agent_ids_for(AgentConnected), agent_ids_for(AgentChats)
    rows = Agent.select().where(Agent.id.in_(connected)) if connected else []
    payloads = {row.id: _serialize_connected_agent(row) for row in rows}
    support_chats = chats.list_open_chats_by_agent(listed) if listed else {}
    shared: list[Event] = []
    if agent_ids_for(AllAppointments):
        shared.append(AllAppointments(appointments=appointments.load_open_appointments(uow)))

    def state(actor: Actor) -> list[Event]:
        agent_id = actor.agent_id or 0
        own = chats_by_user.get(actor.user_id, [])
        direct = [chat for chat in own if chat.agent_id is None and chat.status == ACTIVE]
        entry = [AgentConnected(agent=payloads[agent_id])] if agent_id in payloads else []
        return [*entry, AgentChats(chats=[*support_chats.get(agent_id, []), *direct]), *shared]

    return state


def _prepare_members(uow: UnitOfWork, items: list[Connecting], chats_by_user: ChatsByUser) -> StateOf:
    """Load what the members of a batch need, and return the state of each."""
    readers = [actor.user_id for actor in _actors_who_want(items, UserAppointments, SlotOffered)]
    by_user = appointments.list_appointments_by_user(readers) if readers else {}
    offers = list_open_offers(by_user, uow.now) if by_user else {}
    has_queue = bool(_actors_who_want(items, QueuePositionChanged)) and _has_waiting_chat(chats_by_user)
    positions = {one.user_id: one for one in list_queue_positions(uow)} if has_queue else {}

    def state(actor: Actor) -> list[Event]:
        user_id = actor.user_id
        return [
            UserChats(chats=chats_by_user.get(user_id, [])),
            *([serialize_queue_position(positions[user_id])] if user_id in positions else []),
            UserAppointments(appointments=by_user.get(user_id, [])),
            *offers.get(user_id, ()),
        ]

    return state


def _has_waiting_chat(chats_by_user: ChatsByUser) -> bool:
    return any(chat.status == WAITING for own in chats_by_user.values() for chat in own)


def _serialize_connected_agent(row: Agent) -> AgentPayload:
    return AgentPayload(
        id=row.id,
        status=row.status,
        agent_code=row.agent_code,
        availability=row.availability,
        reason=row.reason,
        is_automatic=row.is_automatic,
    )
