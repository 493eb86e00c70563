"""The pictures that a connection gets first, for all who are connecting at the moment in a few statements."""

from beneficiate.models.chats import CLOSED
from beneficiate.models.people import Agent
from beneficiate.protocol.envelope import Event
from beneficiate.protocol.events import AgentCard, AgentChats, AgentConnected, ChatPicture, OnlineUsers, UserChats
from beneficiate.queries import chats
from beneficiate.queries.presence import online_for
from beneficiate.store import Actor, Order, Work, batched


@batched(writes=False)
def pictures(work: Work, orders: list[Order[None]]) -> list[list[Event]]:
    """What each actor sees first: an agent their entry and open chats, others their chats, all who is online."""
    actors = [order.actor for order in orders]
    online = online_for(actors)
    agents = {actor.agent_id for actor in actors if actor.agent_id is not None}
    cards = (
        {
            agent.id: AgentCard(id=agent.id, status=agent.status, agent_code=agent.agent_code)
            for agent in Agent.select().where(Agent.id.in_(agents))
        }
        if agents
        else {}
    )
    of_users = chats.of_users(actor.user_id for actor in actors)
    return [[*_first(actor, cards, of_users), OnlineUsers(users=online[actor.user_id])] for actor in actors]


def _first(actor: Actor, cards: dict[int, AgentCard], of_users: dict[int, list[ChatPicture]]) -> list[Event]:
    own = of_users.get(actor.user_id, [])
    if actor.agent_id is None:
        return [UserChats(chats=own)]
    direct = [chat for chat in own if chat.status != CLOSED]
    return [
        AgentConnected(agent=cards[actor.agent_id]),
        AgentChats(chats=[*chats.open_of_agent(actor.agent_id), *direct]),
    ]
