"""The heartbeat of this process, and the sweep that says who is gone."""

from beneficiate.actions import presence
from beneficiate.house import House

BEATS = 3
"""Heartbeats within the expiry: two may be late before a process is taken for dead."""
SWEEP_S = 1.0


async def beat(house: House) -> None:
    """Say that this process is alive."""
    connections = tuple(
        (session.connection_id, session.actor.user_id) for session in house.hub.sessions if session.connection_id
    )
    await house.store.run(presence.beat, presence.Beat(house.process_id, house.settings.process_expiry_s, connections))


async def sweep(house: House) -> None:
    """Forget connections whose grace has passed, and those of processes that died."""
    await house.store.run(
        presence.sweep,
        presence.Sweep(house.process_id, house.settings.process_expiry_s, house.settings.presence_grace_s),
    )
