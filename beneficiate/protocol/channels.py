"""Who can be spoken to. A session joins topics by its identity; no client subscribes to anything."""

AGENTS_CHANNEL = "agents"
SUPERVISORS_CHANNEL = "supervisors"
QUEUE_CHANNEL = "queue"
"""Changes of the queue, for the process itself: those who wait hear their place at most once a second."""
PRESENCE_CHANNEL = "presence"
"""Comings and goings, for agents and supervisors on duty; at most one frame a second."""
VIEWING_CHANNEL = "viewing"
"""Who begins and ends to look at a chat, for the processes: each says it to its own viewers."""


def user_channel(user_id: int) -> str:
    """Every session of a person."""
    return f"user:{user_id}"


def agent_channel(agent_id: int) -> str:
    """Every session of an agent, in that role: what is for staff never goes to `user`."""
    return f"agent:{agent_id}"


def connection_channel(connection_id: int) -> str:
    """One session."""
    return f"connection:{connection_id}"


def watched_chat_channel(chat_id: int) -> str:
    """What is said in a support chat, for the processes in which somebody looks at it; no session is on it."""
    return f"watched:{chat_id}"


def chat_viewers_channel(chat_id: int) -> str:
    """The sessions of the staff that look at a chat. Only they are ever let in, after `queries.access.access_case`."""
    return f"viewers:{chat_id}"
