"""Who can be spoken to. A session joins topics by its identity; no client subscribes to anything."""

AGENTS = "agents"
SUPERVISORS = "supervisors"
QUEUE = "queue"
"""Changes of the queue, for the process itself: those who wait hear their place at most once a second."""
PRESENCE = "presence"
"""Comings and goings, for agents and supervisors on duty; at most one frame a second."""


def user(user_id: int) -> str:
    """Every session of a person."""
    return f"user:{user_id}"


def agent(agent_id: int) -> str:
    """Every session of an agent, in that role: what is for staff never goes to `user`."""
    return f"agent:{agent_id}"


def connection(connection_id: int) -> str:
    """One session."""
    return f"connection:{connection_id}"
