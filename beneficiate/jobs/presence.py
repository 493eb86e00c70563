"""The heartbeat of this process, and the sweep that says who is gone."""

from beneficiate.actions import presence
from beneficiate.context import AppContext

HEARTBEATS_PER_EXPIRY = 3
"""Heartbeats within the expiry: two may be late before a process is taken for dead."""
PRESENCE_SWEEP_INTERVAL_S = 1.0


async def send_heartbeat(context: AppContext) -> None:
    """Say that this process is alive."""
    connections = tuple(
        (connection.connection_id, connection.actor.user_id)
        for connection in context.hub.connections
        if connection.connection_id
    )
    await context.store.run(
        presence.record_heartbeat,
        presence.ProcessHeartbeat(context.process_id, context.settings.process_expiry_s, connections),
    )


async def sweep_presence(context: AppContext) -> None:
    """Forget connections whose grace has passed, and those of processes that died."""
    await context.store.run(
        presence.sweep_connections,
        presence.SweepConnections(
            context.process_id, context.settings.process_expiry_s, context.settings.presence_grace_s
        ),
    )
