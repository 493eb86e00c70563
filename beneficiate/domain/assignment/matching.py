"""The rule that gives waiting chats to agents.

An agent may get a chat who is available and online (only such are candidates), has room, and knows its topic. The
member's last agent comes first; otherwise the one with the fewest chats, then the one who has been idle longest. Who
gave the chat away gets it back only when nobody else may take it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Candidate:
    """An agent who takes chats: how many they have and can have, what they know, idle since when."""

    agent_id: int
    load: int
    capacity: int
    topics: frozenset[int]
    idle_since: datetime

    def can_take(self, chat: "WaitingChat") -> bool:
        has_room = self.load < self.capacity
        if chat.wanted_agent is not None:
            return has_room and chat.wanted_agent == self.agent_id
        return has_room and (chat.topic_id is None or chat.topic_id in self.topics)


@dataclass(frozen=True, slots=True)
class WaitingChat:
    """A waiting chat: its topic, the member's last agent, who gave it away, the one agent that it may go to."""

    chat_id: int
    topic_id: int | None = None
    last_agent: int | None = None
    released_by: int | None = None
    wanted_agent: int | None = None


def choose_agent(chat: WaitingChat, candidates: Iterable[Candidate]) -> Candidate | None:
    """Who gets this chat; None when nobody may."""
    eligible = [one for one in candidates if one.can_take(chat)]
    if not eligible:
        return None
    return min(eligible, key=lambda one: _rank_candidate(chat, one))


def _rank_candidate(chat: WaitingChat, candidate: Candidate) -> tuple[bool, bool, int, datetime, int]:
    """Whoever has the lowest comes first."""
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
    """Give the chats of a queue away, in its order: (chat id, agent id). Whoever gets one has less room for the next.

    A chat for which nobody has room does not keep those behind it waiting: they may be about something else.
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
