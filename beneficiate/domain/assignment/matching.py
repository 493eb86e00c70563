"""The rule that assigns waiting chats to agents.

An agent may get a chat if they are available and online (only those are candidates), have capacity and know its topic.
The member's last agent comes first, then the agent with the fewest chats, then the one who has been idle longest. The
agent who released the chat gets it back only if no other agent may take it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Candidate:
    """An agent who takes chats: their load and capacity, the topics they know, and since when they have been idle."""

    agent_id: int
    load: int
    capacity: int
    topics: frozenset[int]
    idle_since: datetime

    def can_take(self, chat: "WaitingChat") -> bool:
        """Return whether the agent has room for the chat and may answer it."""
        has_room = self.load < self.capacity
        if chat.wanted_agent is not None:
            return has_room and chat.wanted_agent == self.agent_id
        return has_room and (chat.topic_id is None or chat.topic_id in self.topics)


@dataclass(frozen=True, slots=True)
class WaitingChat:
    """A waiting chat: its topic, the member's last agent, the agent who released it, the only agent who may take it."""

    chat_id: int
    topic_id: int | None = None
    last_agent: int | None = None
    released_by: int | None = None
    wanted_agent: int | None = None


def choose_agent(chat: WaitingChat, candidates: Iterable[Candidate]) -> Candidate | None:
    """Return the agent who gets this chat; None when no candidate may take it."""
    eligible = [one for one in candidates if one.can_take(chat)]
    if not eligible:
        return None
    return min(eligible, key=lambda one: _rank_candidate(chat, one))


def _rank_candidate(chat: WaitingChat, candidate: Candidate) -> tuple[bool, bool, int, datetime, int]:
    """Return the sort key of a candidate for a chat; the lowest gets it."""
    is_releasing_agent = candidate.agent_id == chat.released_by
    return (
        is_releasing_agent,
        candidate.agent_id != chat.last_agent,
        candidate.load,
        candidate.idle_since,
        candidate.agent_id,
    )


def match_waiting_chats(
    queue: Iterable[WaitingChat], candidates: list[Candidate], now: datetime
) -> list[tuple[int, int]]:
    """Assign the chats of a queue in its order and return (chat id, agent id) pairs. Each assignment uses up capacity.

    A chat that no agent can take does not block those behind it: they may have another topic.
    """
    assignments = []
    for chat in queue:
        if all(one.load >= one.capacity for one in candidates):
            break
        chosen = choose_agent(chat, candidates)
        if chosen is not None:
            chosen.load += 1
            chosen.idle_since = now
            assignments.append((chat.chat_id, chosen.agent_id))
    return assignments
