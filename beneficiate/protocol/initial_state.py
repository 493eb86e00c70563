"""The events that a connection is sent first, and how a client says which of them it reads."""

import hashlib
from collections.abc import Iterable

from beneficiate.protocol.booking import AllAppointments, SlotOffered, UserAppointments
from beneficiate.protocol.envelope import Event, message_type
from beneficiate.protocol.events import AgentChats, AgentConnected, OnlineUsers, UserChats
from beneficiate.protocol.queue import QueuePositionChanged

INITIAL_EVENTS: dict[str, type[Event]] = {
    message_type(event): event
    for event in (
        AgentConnected,
        AgentChats,
        AllAppointments,
        UserChats,
        QueuePositionChanged,
        UserAppointments,
        SlotOffered,
        OnlineUsers,
    )
}
EVENTS_PARAMETER, VERSION_PARAMETER = "initial", "chats_version"
"""Of the URL of the handshake."""


def compute_chats_version(chats: Iterable[tuple[int, int, int]]) -> str:
    """Return the version of a list of chats, each given as its id, `last_seq` and `unread`, in any order."""
    text = ",".join(f"{chat_id}.{last_seq}.{unread}" for chat_id, last_seq, unread in sorted(chats))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
