"""Channels for publishing. The server subscribes each connection by its user; clients cannot subscribe."""

_CONNECTION = "connection:"
MEMBERS_CHANNEL = "members"
AGENTS_CHANNEL = "agents"
SUPERVISORS_CHANNEL = "supervisors"
QUEUE_CHANNEL = "queue"
"""Changes of the queue, handled by each process: it sends waiting members their position at most once a second."""
BOARD_CHANNEL = "board"
"""Changes of what the supervisors' board shows, handled by each process: it sends the board at most once a second."""
PRESENCE_CHANNEL = "presence"
"""Changes of presence, for connected agents and supervisors; at most one frame a second."""
EVERY_PROCESS = "processes"
"""What every process receives, whoever is connected to it."""


def user_channel(user_id: int) -> str:
    """Return the channel of all connections of a user."""
    return f"user:{user_id}"


def agent_channel(agent_id: int) -> str:
    """Return the channel of all connections of an agent in that role. Staff events never go to the user channel."""
    return f"agent:{agent_id}"


def sign_in_channel(sign_in_id: int) -> str:
    """Return the channel of the connections that were opened with access tokens of one sign-in."""
    return f"sign_in:{sign_in_id}"


def unlisted_channel(user_id: int) -> str:
    """Return the channel of a user's connections whose access token names no sign-in, being of the old service."""
    return f"unlisted:{user_id}"


def connection_channel(connection_id: int) -> str:
    """Return the channel of one connection."""
    return f"{_CONNECTION}{connection_id}"


def bus_channel(channel: str) -> str:
    """Return the channel by which the bus decides which processes receive what is published to `channel`.

    A connection over the limit of its user is closed before its process knows its number, and rarely: every process
    receives that.
    """
    return EVERY_PROCESS if channel.startswith(_CONNECTION) else channel


def watched_chat_channel(chat_id: int) -> str:
    """Return the channel of changes of a support chat, handled by the processes with viewers of it."""
    return f"watched:{chat_id}"


def viewing_channel(chat_id: int) -> str:
    """Return the channel of who views a chat and types there, handled by the processes with viewers of it."""
    return f"viewing:{chat_id}"


def board_watchers_channel(topic: str) -> str:
    """Return the channel of the connections that watch the board of a topic, or of all topics when it is empty."""
    return f"board_watchers:{topic}"


def chat_viewers_channel(chat_id: int) -> str:
    """Return the channel of the staff connections that view a chat, joined only after a check of their access."""
    return f"viewers:{chat_id}"
