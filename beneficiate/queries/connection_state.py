"""The pictures that a connection gets first, for all who are connecting at the moment in a few statements."""

from beneficiate.models.accounts import Agent
from beneficiate.models.chats import ACTIVE, WAITING
from beneficiate.protocol.booking import AllAppointments, UserAppointments
from beneficiate.protocol.envelope import Event
from beneficiate.protocol.events import AgentChats, AgentConnected, OnlineUsers, UserChats
from beneficiate.protocol.payloads import AgentPayload, ChatPayload
from beneficiate.queries import appointments, chats
from beneficiate.queries.assignment import list_queue_positions, serialize_queue_position
from beneficiate.queries.presence import list_online_for_actors
from beneficiate.queries.waiting_list import list_open_offers
from beneficiate.unit_of_work import Actor, BatchItem, UnitOfWork, batched


@batched(writes=False)
def load_initial_state(uow: UnitOfWork, items: list[BatchItem[None]]) -> list[list[Event]]:
    """What each sees first: an agent their entry, chats and appointments, a member their own; all who is online."""
    actors = [item.actor for item in items]
    online, chats_by_user = list_online_for_actors(actors), chats.list_chats_by_user(actor.user_id for actor in actors)
    members = [actor.user_id for actor in actors if actor.role == "member"]
    appointments_by_user = appointments.list_appointments_by_user(members)
    offers_by_user = list_open_offers(appointments_by_user, uow.now) if appointments_by_user else {}
    agent_payloads = _load_agent_payloads({actor.agent_id for actor in actors if actor.agent_id is not None})
    positions = (
        {position_events.user_id: position_events for position_events in list_queue_positions(uow)}
        if _has_waiting_chat(chats_by_user)
        else {}
    )
    all_appointments = (
        AllAppointments(appointments=appointments.load_open_appointments(uow)) if agent_payloads else None
    )

    def events_for(actor: Actor) -> list[Event]:
        own, who = chats_by_user.get(actor.user_id, []), OnlineUsers(users=online[actor.user_id])
        if actor.agent_id is not None and all_appointments is not None:
            return [*_agent_events(agent_payloads[actor.agent_id], own), all_appointments, who]
        if actor.role == "member":
            visits_own = UserAppointments(appointments=appointments_by_user.get(actor.user_id, []))
            place = [serialize_queue_position(positions[actor.user_id])] if actor.user_id in positions else []
            return [UserChats(chats=own), *place, visits_own, *offers_by_user.get(actor.user_id, ()), who]
        return [UserChats(chats=own), who]

    return [events_for(actor) for actor in actors]


def _has_waiting_chat(chats_by_user: dict[int, list[ChatPayload]]) -> bool:
    return any(chat.status == WAITING for own in chats_by_user.values() for chat in own)


def _agent_events(agent: AgentPayload, own: list[ChatPayload]) -> list[Event]:
    direct = [chat for chat in own if chat.agent_id is None and chat.status == ACTIVE]
    return [AgentConnected(agent=agent), AgentChats(chats=[*chats.list_open_agent_chats(agent.id), *direct])]


def _load_agent_payloads(agent_ids: set[int]) -> dict[int, AgentPayload]:
    if not agent_ids:
        return {}
    rows = Agent.select().where(Agent.id.in_(list(agent_ids)))
    return {row.id: AgentPayload(id=row.id, status=row.status, agent_code=row.agent_code) for row in rows}
