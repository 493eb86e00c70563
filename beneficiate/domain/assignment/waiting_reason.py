"""Why a chat waits, in the words of the supervisors' board."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AgentRoom:
    """An agent who takes chats now: the topics that they know, and what keeps them from another chat, if anything."""

    topics: frozenset[int]
    is_full: bool
    must_reply_first: bool


def explain_wait(topic_id: int | None, topic_name: str, agents: Iterable[AgentRoom], closed: str) -> str:
    """Return why a chat of a topic waits; `closed` says when the call centre opens, if it is closed."""
    about = f" en {topic_name}" if topic_id is not None else ""
    knowing = [agent for agent in agents if topic_id is None or topic_id in agent.topics]
    if not knowing:
        nobody = f"Nadie disponible{about}"
        return f"{nobody}. {closed}" if closed else nobody
    if all(agent.is_full for agent in knowing):
        return f"Sin cupo{about}"
    if all(agent.is_full or agent.must_reply_first for agent in knowing):
        return f"Falta contestar los chats ya asignados{about}"
    return "Se asigna en un momento"
