"""The initial state of new connections, loaded for all that are connecting in a few statements."""

from collections.abc import Callable

from beneficiate.models.accounts import Agent
from beneficiate.models.chats import ACTIVE, WAITING
from beneficiate.protocol.booking import AllAppointments, UserAppointments
from beneficiate.protocol.envelope import Event
from beneficiate.protocol.events import AgentChats, AgentConnected, OnlineUsers, UserChats
from beneficiate.protocol.payloads import AgentPayload, ChatPayload
from beneficiate.queries import appointments, chats
from beneficiate.queries.assignment import list_queue_positions
from beneficiate.queries.presence import list_online_for_actors
from beneficiate.queries.waiting_list import list_open_offers
from beneficiate.unit_of_work import Actor, BatchItem, UnitOfWork, batched
from beneficiate.views.queue import serialize_queue_position

ChatsByUser = dict[int, list[ChatPayload]]
StateOf = Callable[[Actor], list[Event]]


@batched(writes=False)
def load_initial_state(uow: UnitOfWork, items: list[BatchItem[None]]) -> list[list[Event]]:
    """Return the first events of each connection.

    An agent is sent their entry, their chats and the open appointments, a member their own chats and appointments with
    their place in the queue and their offers; everybody, who is online.
    """
    actors = [item.actor for item in items]
    online = list_online_for_actors(actors)
    chats_by_user = chats.list_chats_by_user(actor.user_id for actor in actors)
    agent_state = _prepare_agents(uow, [actor for actor in actors if actor.agent_id is not None], chats_by_user)
    member_state = _prepare_members(uow, [actor for actor in actors if actor.role == "member"], chats_by_user)

    def events_for(actor: Actor) -> list[Event]:
        if actor.agent_id is not None:
            state = agent_state(actor)
        elif actor.role == "member":
            state = member_state(actor)
        else:
            state = [UserChats(chats=chats_by_user.get(actor.user_id, []))]
        return [*state, OnlineUsers(users=online[actor.user_id])]

    return [events_for(actor) for actor in actors]


def _prepare_agents(uow: UnitOfWork, agents: list[Actor], chats_by_user: ChatsByUser) -> StateOf:
    """Load what the agents of a batch need, and return the state of each."""
    agent_ids = [actor.agent_id for actor in agents if actor.agent_id is not None]
    if not agent_ids:
        return lambda _: []
    rows = Agent.select().where(Agent.id.in_(agent_ids))
    payloads = {row.id: AgentPayload(id=row.id, status=row.status, agent_code=row.agent_code) for row in rows}
    support_chats = chats.list_open_chats_by_agent(agent_ids)
    all_appointments = AllAppointments(appointments=appointments.load_open_appointments(uow))

    def state(actor: Actor) -> list[Event]:
        agent_id = actor.agent_id or 0
        own = chats_by_user.get(actor.user_id, [])
        direct = [chat for chat in own if chat.agent_id is None and chat.status == ACTIVE]
        listed = AgentChats(chats=[*support_chats.get(agent_id, []), *direct])
        return [AgentConnected(agent=payloads[agent_id]), listed, all_appointments]

    return state


def _prepare_members(uow: UnitOfWork, members: list[Actor], chats_by_user: ChatsByUser) -> StateOf:
    """Load what the members of a batch need, and return the state of each."""
    if not members:
        return lambda _: []
    by_user = appointments.list_appointments_by_user(actor.user_id for actor in members)
    offers = list_open_offers(by_user, uow.now) if by_user else {}
    positions = {one.user_id: one for one in list_queue_positions(uow)} if _has_waiting_chat(chats_by_user) else {}

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
