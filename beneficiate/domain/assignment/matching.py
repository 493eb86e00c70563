"""The rule that assigns waiting chats to agents.

An agent may get a chat if they are available and online (only those are candidates), have capacity, know its topic, and
have answered all but so many of the chats that they got before: the next one comes when they have. The agent whom a
colleague wanted comes first, then the member's last agent, the one with the fewest chats, the longest idle. The agent
who released the chat gets it back only if no other agent may take it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Candidate:
    """An agent who takes chats: their load and capacity, the topics they know, and since when they have been idle.

    `free_replies` is how many chats they may get before they have given a first reply to one.
    """

    agent_id: int
    load: int
    capacity: int
    topics: frozenset[int]
    idle_since: datetime
    free_replies: int

    @property
    def has_room(self) -> bool:
        """Whether the agent may get another chat."""
        return self.load < self.capacity and self.free_replies > 0

    def can_take(self, chat: "WaitingChat") -> bool:
        """Return whether the agent has room for the chat and may answer it."""
        is_for_them = chat.wanted_agent == self.agent_id or chat.topic_id is None or chat.topic_id in self.topics
        return self.has_room and is_for_them


@dataclass(frozen=True, slots=True)
class WaitingChat:
    """A waiting chat: its topic, the member's last agent, who released it, whom it was meant for."""

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


def _rank_candidate(chat: WaitingChat, candidate: Candidate) -> tuple[bool, bool, bool, int, datetime, int]:
    """Return the sort key of a candidate for a chat; the lowest gets it."""
    is_releasing_agent = candidate.agent_id == chat.released_by
    return (
        is_releasing_agent,
        candidate.agent_id != chat.wanted_agent,
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
        if not any(one.has_room for one in candidates):
            break
        chosen = choose_agent(chat, candidates)
        if chosen is not None:
            chosen.load += 1
            chosen.free_replies -= 1
            chosen.idle_since = now
            assignments.append((chat.chat_id, chosen.agent_id))
    return assignments
