"""The pictures that a connection gets first, for all who are connecting at the moment in a few statements."""

from beneficiate.models.chats import ACTIVE, WAITING
from beneficiate.models.people import Agent
from beneficiate.protocol.bookings import AllAppointments, UserAppointments
from beneficiate.protocol.envelope import Event
from beneficiate.protocol.events import AgentChats, AgentConnected, OnlineUsers, UserChats
from beneficiate.protocol.pictures import AgentCard, ChatPicture
from beneficiate.queries import appointments, chats
from beneficiate.queries.offers import offers_to
from beneficiate.queries.presence import online_for
from beneficiate.queries.routing import places, position_of
from beneficiate.store import Actor, Order, Work, batched


@batched(writes=False)
def pictures(work: Work, orders: list[Order[None]]) -> list[list[Event]]:
    """What each sees first: an agent their entry, chats and appointments, a member their own; all who is online."""
    actors = [order.actor for order in orders]
    online, chats_of = online_for(actors), chats.of_users(actor.user_id for actor in actors)
    members = [actor.user_id for actor in actors if actor.role == "member"]
    visits_of = appointments.of_users(members)
    offers_of = offers_to(visits_of, work.now) if visits_of else {}
    cards = _cards({actor.agent_id for actor in actors if actor.agent_id is not None})
    waiting = {place.user_id: place for place in places(work)} if _waits(chats_of) else {}
    visits = AllAppointments(appointments=appointments.all_open(work)) if cards else None

    def seen_by(actor: Actor) -> list[Event]:
        own, who = chats_of.get(actor.user_id, []), OnlineUsers(users=online[actor.user_id])
        if actor.agent_id is not None and visits is not None:
            return [*_to_agent(cards[actor.agent_id], own), visits, who]
        if actor.role == "member":
            visits_own = UserAppointments(appointments=visits_of.get(actor.user_id, []))
            place = [position_of(waiting[actor.user_id])] if actor.user_id in waiting else []
            return [UserChats(chats=own), *place, visits_own, *offers_of.get(actor.user_id, ()), who]
        return [UserChats(chats=own), who]

    return [seen_by(actor) for actor in actors]


def _waits(chats_of: dict[int, list[ChatPicture]]) -> bool:
    return any(chat.status == WAITING for own in chats_of.values() for chat in own)


def _to_agent(card: AgentCard, own: list[ChatPicture]) -> list[Event]:
    direct = [chat for chat in own if chat.agent_id is None and chat.status == ACTIVE]
    return [AgentConnected(agent=card), AgentChats(chats=[*chats.open_of_agent(card.id), *direct])]


def _cards(agent_ids: set[int]) -> dict[int, AgentCard]:
    if not agent_ids:
        return {}
    rows = Agent.select().where(Agent.id.in_(list(agent_ids)))
    return {row.id: AgentCard(id=row.id, status=row.status, agent_code=row.agent_code) for row in rows}
