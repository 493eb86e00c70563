"""Presence as a connection is sent it: one person a frame, or several that changed within a second."""

PRESENCE_EVENTS = ("user_connected", "user_disconnected", "user_status")


def presence_changes(frame):
    """Return the (user id, status) of every person in a frame of presence."""
    people = frame.get("users", [{"user_id": frame["user_id"], "status": frame["status"]}])
    return [(one["user_id"], one["status"]) for one in people]


async def receive_changes(client, person, status):
    """Receive presence until this person has this status; return all changes of that time, in order.

    Whoever changed before this person is among them: what is not there did not happen.
    """
    changes = []
    while (person.id, status) not in changes:
        changes += presence_changes(await client.receive(lambda frame: frame["event"] in PRESENCE_EVENTS))
    return changes
